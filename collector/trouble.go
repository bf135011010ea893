package collector

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"regexp"

	"reputed/internal/reputation"
)

// Trouble tells what the status says of the source.
func (e *StatusError) Trouble() reputation.Trouble {
	switch e.Status {
	case http.StatusGone:
		return reputation.Gone
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusUnavailableForLegalReasons, http.StatusProxyAuthRequired:
		return reputation.Blocked
	}
	return ""
}

// Trouble tells that the site wants no program to read the source.
func (e *RobotsError) Trouble() reputation.Trouble {
	if e.Unreachable != nil {
		return ""
	}
	return reputation.Blocked
}

// troubleError is an error that tells what is wrong with the source.
type troubleError struct {
	error
	trouble reputation.Trouble
}

func (e *troubleError) Trouble() reputation.Trouble { return e.trouble }

func (e *troubleError) Unwrap() error { return e.error }

// withTrouble marks an error about a document that is not what the source is
// configured to be: as a login page where the document is one, else as expected.
func withTrouble(err error, resp *Response, expected reputation.Trouble) error {
	if isLogin(resp) {
		return &troubleError{errLogin, reputation.Blocked}
	}
	return &troubleError{err, expected}
}

// errLogin is what stands in the way where a login page comes in place of a document.
var errLogin = errors.New("a login page came instead; give the source a cookie in its headers_file, or an address that needs no login")

var (
	passwordField = regexp.MustCompile(`(?i)<input[^>]{0,500}type\s*=\s*["']?password`)
	loginAddress  = regexp.MustCompile(`(?i)(^|[./_-])(log-?in|sign-?in|passport|sso|captcha|verify|challenge)([./_?-]|$)`)
)

// isLogin tells of a page that asks for a password, or to which one is sent for a
// login or a captcha.
func isLogin(resp *Response) bool {
	if passwordField.Match(resp.Body) {
		return true
	}
	u, err := url.Parse(resp.URL)
	return err == nil && loginAddress.MatchString(u.Host+u.Path) && bytes.Contains(bytes.ToLower(resp.Body), []byte("<html"))
}
