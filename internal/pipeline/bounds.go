package pipeline

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"reputed/internal/reputation"
)

// faultError is a panic over what a source sent: a mistake of this program that a
// publisher has found. It costs the source its poll or the item, or a round of judging
// or delivering, and no more.
type faultError struct {
	source string // empty where it was none alone
	doing  string
	item   bool // it was one item; the others are well
}

func (e *faultError) Error() string {
	what := e.doing
	if e.source != "" {
		what = "source " + e.source + ": " + what
	}
	return what + " failed by a mistake in this program; please report it with what the log says at this time"
}

// Partial tells that the source itself is well.
func (e *faultError) Partial() bool { return e.item }

// catch makes an error of a panic. It is deferred.
func (p *Pipeline) catch(err *error, fault faultError) {
	if value := recover(); value != nil {
		p.Log.Error("panic", "source", fault.source, "doing", fault.doing, "value", fmt.Sprintf("%.1000v", value), "stack", string(debug.Stack()))
		*err = &fault
	}
}

// collect asks the source.
func (p *Pipeline) collect(ctx context.Context, s Source, c reputation.Cursor) (items []reputation.Item, next reputation.Cursor, err error) {
	next = c
	defer p.catch(&err, faultError{source: s.Name(), doing: "reading it"})
	return s.Collect(ctx, c)
}

// rate reads one item.
func (p *Pipeline) rate(item reputation.Item) (mentions []reputation.Mention, err error) {
	defer p.catch(&err, faultError{source: item.Source, doing: fmt.Sprintf("rating the item %.100q", item.ID), item: true})
	return p.read(item), nil
}

// evaluate judges what the store holds.
func (p *Pipeline) evaluate(ctx context.Context) (err error) {
	defer p.catch(&err, faultError{doing: "judging the mentions"})
	return p.Alerter.Evaluate(ctx, p.Clock())
}

// deliver delivers what is to be told.
func (p *Pipeline) deliver(ctx context.Context) (err error) {
	defer p.catch(&err, faultError{doing: "delivering alerts"})
	return p.Alerter.Deliver(ctx, p.Clock())
}

const (
	dailyText = 256 << 20 // bytes of mentions that one source may store in a day, in UTC
	rowSize   = 1 << 10   // bytes that a mention takes besides its text, about
)

// allowance bounds what each source stores in a day, so that none fills the disk. It
// begins anew when the program starts. The zero value is ready.
type allowance struct {
	mu   sync.Mutex
	day  string
	used map[string]int // bytes, by source
}

// take reports whether the source may store the mentions now.
func (a *allowance) take(source string, mentions []reputation.Mention, now time.Time) bool {
	size := 0
	for _, m := range mentions {
		size += rowSize + len(m.Item.Title) + len(m.Item.Text)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if day := now.UTC().Format(time.DateOnly); day != a.day {
		a.day, a.used = day, make(map[string]int)
	}
	if a.used[source]+size > dailyText {
		return false
	}
	a.used[source] += size
	return true
}

// tooMuch is the error of a source that has used up its day.
func tooMuch(source string) error {
	return fmt.Errorf("source %s: it brought mentions of more than %d MiB today; nothing more of it is stored until midnight in UTC; see with reputed fetch whether it is what you want to watch", source, dailyText>>20)
}
