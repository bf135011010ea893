package collector

import (
	"net/url"
	"strings"
)

// CanonicalURL is rawURL without its fragment and without the query parameters that
// only say where a reader came from (utm_*, spm, from, gclid, fbclid and the like), so
// that one article has one address. Everything else stays as it was written, but for
// quotes, angle brackets and white space, which are percent-encoded. A
// fragment that begins with "/" or "!" is kept: single-page sites put the article's
// path there.
func CanonicalURL(rawURL string) string {
	address, fragment, _ := strings.Cut(rawURL, "#")
	if strings.HasPrefix(fragment, "/") || strings.HasPrefix(fragment, "!") {
		fragment = "#" + fragment
	} else {
		fragment = ""
	}
	address, query, found := strings.Cut(address, "?")
	if found {
		var kept []string
		for param := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(param, "=")
			if !isTracker(strings.ToLower(name)) {
				kept = append(kept, param)
			}
		}
		if len(kept) > 0 {
			address += "?" + strings.Join(kept, "&")
		}
	}
	return inert.Replace(strings.TrimSpace(address + fragment))
}

// inert encodes what no address holds and what would end it where it is shown (RFC
// 3986, section 2): an address goes into mark-up, tables and terminals.
var inert = strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", " ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D")

// isTracker knows the parameters that analytics, advertising and share buttons add.
func isTracker(name string) bool {
	switch name {
	case "spm", "scm", "from", "gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh",
		"mc_cid", "mc_eid", "_ga", "_gl", "hmsr", "hmpl", "hmcu", "hmkw", "hmci", "bd_vid", "share_source", "share_medium", "share_token",
		"share_from", "vd_source", "isappinstalled", "nsukey", "xtor", "ref_src", "ref_url":
		return true
	}
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "mtm_") || strings.HasPrefix(name, "pk_")
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

// isWebAddress reports whether an item may carry the address: readers will follow it.
func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
