package pipeline

import "time"

// complaints are the errors that were logged lately, by their texts: a receiver that
// refuses each try is told of once, loudly, and not at each try.
type complaints map[string]time.Time

// complainEvery is the time after which the same error is logged once more.
const complainEvery = time.Hour

// news returns the errors that err joins, without those that were logged in the last
// hour.
func (c complaints) news(err error, now time.Time) []error {
	var fresh []error
	for _, err := range parts(err) {
		if at, known := c[err.Error()]; !known || now.Sub(at) >= complainEvery || now.Before(at) {
			c[err.Error()] = now
			fresh = append(fresh, err)
		}
	}
	for text, at := range c {
		if now.Sub(at) >= complainEvery {
			delete(c, text)
		}
	}
	return fresh
}

// parts takes joined errors apart.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, err := range joined.Unwrap() {
		all = append(all, parts(err)...)
	}
	return all
}
