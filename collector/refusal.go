package collector

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"reputed/internal/reputation"
)

// ErrNotYet is returned without a request being made when the server has asked
// for none before a time that is still to come.
var ErrNotYet = errors.New("the server asked for no request yet")

// WaitError is [ErrNotYet] where the host said so to another source.
type WaitError struct {
	Until time.Time // the host wants no request before
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("%v: not before %s", ErrNotYet, e.Until.Format(time.RFC3339))
}

// Unwrap makes the error an ErrNotYet.
func (e *WaitError) Unwrap() error { return ErrNotYet }

// StatusError is an answer other than 200, and 304 to a conditional request.
type StatusError struct {
	URL     string    // host and path; a query may hold a secret
	Status  int       // HTTP status code
	RetryAt time.Time // when the server wants the next request; zero if it did not say
}

func (e *StatusError) Error() string {
	next := "at the next poll"
	if !e.RetryAt.IsZero() {
		next = "at " + e.RetryAt.Format(time.RFC3339) + ", as it wants"
	}
	return fmt.Sprintf("get %s: status %d %s: %s", e.URL, e.Status, http.StatusText(e.Status), advice(e.Status, next))
}

// advice says what to do about a status; next is when the server is asked again.
func advice(status int, next string) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "the server lets no program read this address; use one that needs no login"
	case status == http.StatusNotModified:
		return "the server says that nothing is new, though it was not asked; its cache is broken"
	case status == http.StatusNotFound:
		return "check the address of the source"
	case status == http.StatusGone:
		return "the publisher removed it for good, so it is not asked again; remove the source or change its address"
	case status == http.StatusTooManyRequests:
		return "poll this source less often; it is asked again " + next
	case status >= 500:
		return "the server is in trouble; it is asked again " + next
	}
	return "open the address in a browser to see what the server wants"
}

// unreachable says what to do where no answer came; empty where the error says it itself.
func unreachable(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "no host has this name; check the address"
	case errors.As(err, &name):
		return "this machine's name server does not answer; it is asked again at the next poll"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "no server listens there; check that it runs, and the port"
	case errors.As(err, &certificate):
		return "open the address in a browser, and tell the site of its certificate"
	}
	return ""
}

// RobotsError is a page that the site's robots.txt keeps programs from reading.
type RobotsError struct {
	URL  string // host and path
	Host string
	// Unreachable is set where robots.txt could not be had, which means no (RFC 9309,
	// section 2.3.1.4): a server in trouble is not to be asked for more.
	Unreachable error
}

func (e *RobotsError) Error() string {
	if e.Unreachable != nil {
		return fmt.Sprintf("get %s: not asked, since robots.txt of %s cannot be read: %v; it is tried again at the next poll", e.URL, e.Host, e.Unreachable)
	}
	return fmt.Sprintf("get %s: robots.txt of %s asks programs not to read it; use the site's feed, or write robots: ignore if the site is yours or has agreed", e.URL, e.Host)
}

// Unwrap gives the reason why robots.txt could not be read.
func (e *RobotsError) Unwrap() error { return e.Unreachable }

// postponed is cur with the time that the server named in its refusal of the source's
// own address, if it did. A source that is gone for good is asked no more.
func postponed(cur reputation.Cursor, err error) reputation.Cursor {
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusGone {
		cur.NotBefore = reputation.Never()
	} else if at := nextRequest(err); !at.IsZero() {
		cur.NotBefore = at
	}
	return cur
}

// nextRequest is when a server that refused wants the next request; zero if it did not
// say.
func nextRequest(err error) time.Time {
	var status *StatusError
	var wait *WaitError
	switch {
	case errors.As(err, &status):
		return status.RetryAt
	case errors.As(err, &wait):
		return wait.Until
	}
	return time.Time{}
}

// retryAt reads Retry-After, in seconds or as a date (RFC 9110, section 10.2.3),
// bounded so that one absurd answer does not silence a source for ever.
func retryAt(status int, value string, now time.Time) time.Time {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return time.Time{}
	}
	latest := now.Add(maxRetryAfter)
	at, err := http.ParseTime(value)
	if seconds, isNumber := strconv.ParseInt(value, 10, 64); isNumber == nil {
		at, err = latest, nil
		if seconds < int64(maxRetryAfter/time.Second) {
			at = now.Add(time.Duration(seconds) * time.Second)
		}
	}
	switch {
	case err != nil || !at.After(now):
		return time.Time{} // absent, nonsense or over: the poll interval decides
	case at.After(latest):
		return latest
	}
	return at.UTC()
}
