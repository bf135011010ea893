package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"golang.org/x/net/http/httpguts"
)

// shortest is the shortest interval of a source: shorter ones get a reader banned.
const shortest = 10 * time.Second

// validate checks what the types alone do not say.
func (c *Config) validate() []*Error {
	d := decoder{path: c.path}
	if c.Language != "zh" && c.Language != "en" {
		d.fail(c.at("language"), "language", "%q is not a language of the product; write zh or en", c.Language)
	}
	c.validateBrands(&d)
	c.validateLexicons(&d)
	c.validateSources(&d)
	for i, allow := range c.Fetch.Allow {
		if !validAllow(allow) {
			d.fail(c.at("fetch", "allow", i), fmt.Sprintf("fetch.allow[%d]", i),
				"%q is no address; write host:port, a host, or a network such as 10.1.0.0/16", allow)
		}
	}
	if contact := c.Fetch.Contact; contact != "" && (!validURL(contact) && !strings.Contains(contact, "@") || strings.ContainsAny(contact, "()\\ \r\n")) {
		d.fail(c.at("fetch", "contact"), "fetch.contact", "%q is no address; write that of a page, such as https://example.com/about-our-reader, or of a mailbox", contact)
	}
	c.validateProxy(&d, c.Fetch.Proxy, "fetch", "proxy")
	c.validateRSSHub(&d)
	c.validateSlack(&d)
	c.validateReceivers(&d)
	c.validateDigests(&d)
	c.validateAlerts(&d)
	c.validateWeb(&d)
	if listen := c.Metrics.Listen; listen != "" && !validListen(listen) {
		d.fail(c.at("metrics", "listen"), "metrics.listen", "%q is no address to listen at; write host:port, such as 127.0.0.1:9464", listen)
	}
	return d.errs
}

func (c *Config) validateBrands(d *decoder) {
	seen := map[string]bool{}
	for i, b := range c.Brands {
		key := fmt.Sprintf("brands[%d]", i)
		switch {
		case b.Name == "":
			d.fail(c.at("brands", i), key, "the brand has no name; add name:")
		case seen[b.Name]:
			d.fail(c.at("brands", i, "name"), key+".name", "%q is there twice; put all aliases under one entry", b.Name)
		}
		seen[b.Name] = true
		for name, terms := range map[string][]string{"aliases": b.Aliases, "context": b.Context, "exclude": b.Exclude, "competitors": b.Competitors} {
			for j, term := range terms {
				if strings.ContainsAny(term, "，、；") {
					d.fail(c.at("brands", i, name, j), fmt.Sprintf("%s.%s[%d]", key, name, j), "%q is one term with a full-width mark in it; put a comma \", \" between terms", term)
				}
			}
		}
		if b.Query != "" && len(b.Aliases)+len(b.Context)+len(b.Exclude) > 0 {
			d.fail(c.at("brands", i, "query"), key+".query", "a query stands instead of aliases, context and exclude; keep one or the other")
		}
	}
}

func (c *Config) validateLexicons(d *decoder) {
	names := c.brandNames()
	for i, l := range c.Lexicons {
		key := fmt.Sprintf("lexicons[%d]", i)
		switch {
		case l.File == "" && l.Entries == nil:
			d.fail(c.at("lexicons", i), key, "there are no words in it; add file: with a file of lines term<TAB>valence, or entries: such as {真香: 2}")
		case l.File != "" && l.Entries != nil:
			d.fail(c.at("lexicons", i, "entries"), key+".entries", "file: and entries: are both given; make a list entry of each, the one that overrides the other below it")
		}
		for j, name := range l.Brands {
			if !slices.Contains(names, name) {
				d.fail(c.at("lexicons", i, "brands", j), fmt.Sprintf("%s.brands[%d]", key, j), "%q is not the name of a brand under brands:; %s", name, suggest(name, names))
			}
		}
	}
}

func (c *Config) validateSources(d *decoder) {
	seen := map[string]bool{}
	for i, s := range c.Sources {
		key := fmt.Sprintf("sources[%d]", i)
		at := func(name string) *token.Token { return c.at("sources", i, name) }
		switch {
		case s.Name == "":
			d.fail(c.at("sources", i), key, "the source has no name; add name:")
		case seen[s.Name]:
			d.fail(at("name"), key+".name", "%q is there twice; its cursor would be shared, so choose another name", s.Name)
		}
		seen[s.Name] = true
		if s.Every < shortest {
			d.fail(at("every"), key+".every", "%s is too often; write %s or more", s.Every, shortest)
		}
		if s.Reach < 0 {
			d.fail(at("reach"), key+".reach", "%d is no number of readers; write how many people read the source a day, or remove reach:", s.Reach)
		}
		c.validateProxy(d, s.Proxy, "sources", i, "proxy")
		if strings.ContainsAny(s.HeadersFile, ":=;") {
			d.fail(at("headers_file"), key+".headers_file", "this looks like the header itself; put it into a file of mode 0600, one \"Name: value\" a line, and write the file's name here")
		}
		if s.Robots != "" && s.Robots != "obey" && s.Robots != "ignore" {
			d.fail(at("robots"), key+".robots", "%q is no choice; write obey, or ignore if the site is yours or has agreed", s.Robots)
		}
		c.validateKind(d, i)
	}
}

func (c *Config) validateProxy(d *decoder, proxy string, path ...any) {
	u, err := url.Parse(proxy)
	switch {
	case proxy == "" || proxy == "none" || proxy == "environment":
	case err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		d.errs = append(d.errs, c.Wrong(errors.New("not a proxy; write environment, none, or an address such as http://proxy.example:3128 (http, https or socks5)"), path...))
	case u.User != nil:
		d.errs = append(d.errs, c.Wrong(errors.New("no password belongs here; give it to the service in the environment, as HTTP_PROXY and HTTPS_PROXY, and write environment"), path...))
	}
}

func (c *Config) validateSlack(d *decoder) {
	s := c.Slack
	for key, value := range map[string]string{"token_file": s.TokenFile, "app_token_file": s.AppTokenFile, "webhook_file": s.WebhookFile} {
		if looksSecret(value) {
			d.fail(c.at("slack", key), "slack."+key, "this looks like the secret itself; put it into a file of mode 0600 and write the file's name here")
		}
	}
	if s.TokenFile != "" && s.WebhookFile != "" {
		d.fail(c.at("slack", "webhook_file"), "slack.webhook_file", "a token and a webhook are both given; keep the token, which can also update messages")
	}
	if s.TokenFile != "" && s.Channel == "" {
		d.fail(c.at("slack"), "slack", "a bot token needs channel:, such as '#pr-alerts' (in quotes, since # begins a comment) or a channel id")
	}
	if s.AppTokenFile != "" && s.TokenFile == "" {
		d.fail(c.at("slack", "app_token_file"), "slack.app_token_file", "buttons need a bot token too, since a webhook can show none; add token_file:, or remove app_token_file:")
	}
	if s.Operators != "" && s.TokenFile == "" {
		d.fail(c.at("slack", "operators"), "slack.operators", "a channel for notices about sources needs a bot token, since a webhook posts to its own channel only; add token_file:, or remove operators:")
	}
	if s.APIURL != "" && !validURL(s.APIURL) {
		d.fail(c.at("slack", "api_url"), "slack.api_url", "%q is no address; leave it empty for Slack itself", s.APIURL)
	}
}

func (c *Config) validateWeb(d *decoder) {
	w := &c.Web
	if w.Listen != "" && !validListen(w.Listen) {
		d.fail(c.at("web", "listen"), "web.listen", "%q is no address to listen at; write host:port, such as 127.0.0.1:8973", w.Listen)
	}
	if w.URL == "" {
		return
	}
	w.URL = strings.TrimSuffix(w.URL, "/")
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || !validURL(w.URL) || strings.ContainsAny(w.URL, `<>|"()`) || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		d.fail(c.at("web", "url"), "web.url", "%q is no address of a page; write the scheme and the host alone, such as https://reputed.example.com", w.URL)
	case w.Listen == "":
		d.fail(c.at("web", "url"), "web.url", "the links would lead nowhere, since the page is not served; add listen:, such as 127.0.0.1:8973")
	}
}

func looksSecret(value string) bool {
	return strings.HasPrefix(value, "xox") || strings.HasPrefix(value, "xapp-") || strings.HasPrefix(value, "https://")
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && !strings.ContainsAny(s, " \t\n") && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

func validListen(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n < 1<<16
}

func validAllow(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	if host, port, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.Atoi(port)
		return host != "" && err == nil && n > 0 && n < 1<<16
	}
	return s != "" && !strings.ContainsAny(s, "/ @")
}

// Complete checks that the configuration is enough for the daemon: a brand to
// watch and a source to read.
func (c *Config) Complete() error {
	d := decoder{path: c.path}
	if len(c.Brands) == 0 {
		d.fail(c.at("brands"), "brands", "no brand to watch; add one with its name:")
	}
	if len(c.Sources) == 0 {
		d.fail(c.at("sources"), "sources", "no source to read; add one with its name:, kind: and url: or folder:")
	}
	return join(d.errs)
}

// Wrong makes an error of another part's finding, at the place of the key. The
// path is made of keys and list indices, such as "brands", 0, "query".
func (c *Config) Wrong(err error, path ...any) *Error {
	d := decoder{path: c.path}
	key := ""
	for _, step := range path {
		switch step := step.(type) {
		case string:
			key = strings.TrimPrefix(key+"."+step, ".")
		case int:
			key += fmt.Sprintf("[%d]", step)
		}
	}
	d.fail(c.at(path...), key, "%v", err)
	return d.errs[0]
}

// at returns the token of the value at a path, or of the innermost part of the
// path that is there.
func (c *Config) at(path ...any) *token.Token {
	n := c.root
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return tokenOf(n)
}

func child(n ast.Node, step any) ast.Node {
	if i, ok := step.(int); ok {
		if s, ok := n.(*ast.SequenceNode); ok && i < len(s.Values) {
			return s.Values[i]
		}
		return nil
	}
	pairs, _ := pairsOf(n)
	for _, pair := range pairs {
		if pair.Key.GetToken().Value == step {
			return pair.Value
		}
	}
	return nil
}

// tokenOf returns the token where a node begins; that of a mapping is its first
// key, not the colon after it.
func tokenOf(n ast.Node) *token.Token {
	if n == nil {
		return nil
	}
	if pairs, ok := pairsOf(n); ok && len(pairs) > 0 {
		return pairs[0].Key.GetToken()
	}
	return n.GetToken()
}

// ReadSecret reads a token or webhook address from its file, without the white
// space around it. The error never holds the content.
func ReadSecret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w; write the secret into that file and make it readable for reputed alone (mode 0600)", err)
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" || strings.ContainsAny(secret, "\r\n") {
		return "", fmt.Errorf("secret file %s must hold one line with the secret", path)
	}
	return secret, nil
}

// ReadHeaders reads request headers from their file: lines of "Name: value"; empty ones
// and those that begin with "#" are passed over. The error never holds the content.
func ReadHeaders(path string) (map[string][]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read headers: %w; write one \"Name: value\" a line into that file and make it readable for reputed alone (mode 0600)", err)
	}
	headers := map[string][]string{}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch name = textproto.CanonicalMIMEHeaderKey(name); {
		case !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return nil, fmt.Errorf("headers file %s, line %d: not a header; write \"Name: value\", such as a Cookie or an Authorization", path, n)
		case slices.Contains(ownHeaders, name):
			return nil, fmt.Errorf("headers file %s, line %d: %s is set by the program itself; remove it", path, n, name)
		}
		headers[name] = append(headers[name], value)
	}
	if len(headers) == 0 {
		return nil, fmt.Errorf("headers file %s holds no header; write one \"Name: value\" a line", path)
	}
	return headers, nil
}

// ownHeaders are those by which a request is framed or made conditional.
var ownHeaders = []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Range", "Accept-Encoding", "If-None-Match", "If-Modified-Since"}
