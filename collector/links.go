package collector

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"reputed/internal/reputation"
)

// CanonicalURL is the one address of what several addresses lead to. Readers follow it,
// so it changes only what leads to the same page wherever it is done:
//
//   - query parameters that only say where a reader came from (utm_*, spm, from, gclid,
//     fbclid and the like) and session identifiers go; of the large sites whose
//     parameters are known, all go but those that name the page;
//   - the viewers of AMP pages give way to the page they show, and the AMP form of a
//     page to the page itself;
//   - the mobile and other hosts of large sites give way to the main one;
//   - a fragment goes, unless it begins with "/" or "!", since single-page sites put
//     the article's path there;
//   - user name, default port and the dot behind a host go, as does index.html; scheme and host
//     become lower case, and dot segments and escapes take one form (RFC 3986, 6.2.2).
//
// The mobile host of a site that is not known stays: often it has paths of its own.
// So do http beside https and the order of parameters. What is no web address only
// loses fragment and trackers, and has quotes, angle brackets and white space escaped.
func CanonicalURL(rawURL string) string {
	address := strings.TrimSpace(rawURL)
	for range len(rawURL) { // a viewer may show what is shown in a viewer; each pass shortens it
		next := canonical(address)
		if next == address {
			break
		}
		address = next
	}
	return address
}

func canonical(rawURL string) string {
	address, fragment, _ := strings.Cut(rawURL, "#")
	if strings.HasPrefix(fragment, "/") || strings.HasPrefix(fragment, "!") {
		fragment = "#" + fragment
	} else {
		fragment = ""
	}
	address, query, _ := strings.Cut(address, "?")
	query = withoutTrackers(query)
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return inert.Replace(strings.TrimSpace(withQuery(address, query) + fragment))
	}
	u = new(url.URL).ResolveReference(u) // without dot segments
	p := webPage{
		scheme: u.Scheme, host: hostOf(u), path: normalEscapes(cmp.Or(u.EscapedPath(), "/")), query: normalEscapes(query),
	}
	p.path, _, _ = strings.Cut(p.path, ";jsessionid=")
	p.leaveAMP()
	p.goToMainSite()
	if p.query == "" && strings.HasSuffix(p.path, "/index.html") {
		p.path = strings.TrimSuffix(p.path, "index.html")
	}
	return withQuery(p.scheme+"://"+p.host+p.path, p.query) + normalEscapes(fragment)
}

// inert encodes what no address holds and what would end it where it is shown (RFC
// 3986, section 2): an address goes into mark-up, tables and terminals.
var inert = strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", " ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D")

// webPage is an address in parts; path and query are escaped.
type webPage struct{ scheme, host, path, query string }

// hostOf is the host with its port, unless that is the scheme's own.
func hostOf(u *url.URL) string {
	host, port := strings.ToLower(u.Host), u.Port()
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		host = strings.TrimSuffix(host, ":"+port)
		host = strings.TrimRight(host, ".")
	}
	return cmp.Or(host, u.Host)
}

func withQuery(address, query string) string {
	if query == "" {
		return address
	}
	return address + "?" + query
}

// withoutTrackers drops parameters from a query and leaves the others as they are.
func withoutTrackers(query string) string {
	return keepParameters(query, func(name, value string) bool { return !isTracker(name, value) })
}

func keepParameters(query string, keep func(name, value string) bool) string {
	var kept []string
	for param := range strings.SplitSeq(query, "&") {
		for strings.HasPrefix(param, "amp;") { // an ampersand that was escaped twice
			param = strings.TrimPrefix(param, "amp;")
		}
		name, value, _ := strings.Cut(param, "=")
		if param != "" && keep(strings.ToLower(name), value) {
			kept = append(kept, param)
		}
	}
	return strings.Join(kept, "&")
}

// isTracker knows the parameters that analytics, advertising, share buttons, AMP and
// sessions add.
func isTracker(name, value string) bool {
	switch name {
	case "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "ysclid", "twclid", "ttclid", "li_fat_id",
		"igshid", "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "hsctatracking", "mkt_tok", "oly_enc_id", "oly_anon_id", "vero_id",
		"_ga", "_gl", "_openstat", "rb_clickid", "s_cid", "wickedid", "xtor", "ref_src", "ref_url", "cmpid", "ncid", "smid", "soc_src",
		"soc_trk", "guccounter", "guce_referrer", "guce_referrer_sig", "__twitter_impression", "trk", "trkcampaign":
		return true
	case "spm", "scm", "spm_id_from", "from_spmid", "from", "from_source", "isappinstalled", "nsukey", "hmsr", "hmpl", "hmcu", "hmkw", "hmci",
		"bd_vid", "vd_source", "unique_k", "plat_id", "share_source", "share_medium", "share_token", "share_from", "share_id",
		"share_session_id", "share_tag", "share_times", "share_plat", "share_uid", "sharer_shareid", "sharer_sharetime", "xhsshare",
		"appuid", "apptime", "tt_from", "ivk_sa", "adtag", "ptag", "tdsourcetag", "sudaref", "_wv", "wx_header", "wxfid":
		return true
	case "amp_js_v", "amp_gsa", "usqp", "phpsessid", "jsessionid", "aspsessionid":
		return true
	case "amp":
		return value == "" || value == "1" || value == "true"
	case "outputtype":
		return value == "amp"
	}
	for _, family := range []string{"utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "gad_", "at_custom"} {
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}

// normalEscapes brings what stands in a path or query into one form: escapes of what
// needs none are undone, others have capital digits, and what needs one has one.
func normalEscapes(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, escaped = byte(n), true
				i += 2
			}
		}
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if !plain && (escaped || c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^{|}`+"`", c) >= 0) {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			c = digits[c&15]
		}
		b.WriteByte(c)
	}
	return b.String()
}

// resolve makes ref absolute against the bases, the first that is absolute itself. An
// absolute ref stays as it was written; what no base makes absolute stays relative.
func resolve(ref string, bases ...string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" {
		return ""
	}
	parsed, err := url.Parse(ref)
	if err != nil || parsed.IsAbs() {
		return ref
	}
	for _, base := range bases {
		if b, err := url.Parse(strings.TrimSpace(base)); err == nil && b.IsAbs() && b.Host != "" {
			return b.ResolveReference(parsed).String()
		}
	}
	return ref
}

// isWebAddress reports whether an item may carry the address: readers will see it, and
// follow it.
func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && !strings.ContainsFunc(u.Host, func(r rune) bool {
		return reputation.Steers(r) || strings.ContainsRune("\"<>", r) // which net/url lets pass
	})
}

// isHomePage reports whether a canonical address is that of a site and of no page in it.
func isHomePage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.Path == "/" && u.RawQuery == "" && u.Fragment == ""
}
