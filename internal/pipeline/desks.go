package pipeline

import "sync"

// desks bound how many polls read and store their items at the same time. Hundreds
// may wait for servers, which costs little; but rated mentions take memory, and the
// store takes one poll after the other. The zero value is ready.
type desks struct {
	open sync.Once
	free chan struct{}
}

// atDesks is enough to keep the processors and the store busy.
const atDesks = 16

// take waits for a desk and returns what leaves it.
func (d *desks) take() (leave func()) {
	d.open.Do(func() { d.free = make(chan struct{}, atDesks) })
	d.free <- struct{}{}
	return func() { <-d.free }
}
