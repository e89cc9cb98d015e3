package cli

import (
	"errors"
	"io"
	"sync"
	"time"

	"flapscope/internal/term"
)

// A lineWriter writes lines in their order, each at once, and never makes the
// caller wait: a reader that stalls must not stall the monitor. What can't be
// written without waiting is left to a goroutine. When the reader is more than
// a limit behind, lines are dropped and counted.
type lineWriter struct {
	out   io.Writer
	limit int
	// try writes as much as it can without waiting, for a caller who flushes;
	// it is nil where nobody does, or nothing can. Waking another thread takes
	// as long as everything else that is done with a line.
	try func(b []byte) (n int, again bool)
	// escape escapes a line, from an index on: it is written as it is.
	escape func(dst []byte, from int) []byte
	// patient is whether line waits for a reader that is behind, rather than
	// drop lines: right where nothing else waits.
	patient bool
	// failed, when not nil, is called once when a write failed.
	failed func()
	more   *sync.Cond
	done   chan struct{}

	mu sync.Mutex // guards all following
	// eager is whether a line was tried to be written since the last flush.
	eager bool
	// busy is whether the goroutine writes.
	busy    bool
	pending []byte
	spare   []byte
	dropped int
	closed  bool
	err     error
}

// maxPending bounds what waits for a stalled reader: about 100,000 lines.
const maxPending = 32 << 20

func newLineWriter(out io.Writer) *lineWriter {
	w := &lineWriter{out: out, escape: term.Escape, limit: maxPending, done: make(chan struct{})}
	w.more = sync.NewCond(&w.mu)
	go w.run()
	return w
}

// line adds the line that build appends, and a newline. With try the first line
// after a flush is written at once, what follows at the next flush: in a storm
// a write for each would cost more than the rest. It returns the number of
// lines dropped since the last line that was not.
func (w *lineWriter) line(build func(dst []byte) []byte) (dropped int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.err != nil {
		return 0
	}
	for w.patient && len(w.pending) > w.limit && w.err == nil {
		w.more.Wait()
	}
	if len(w.pending) > w.limit {
		w.dropped++
		return 0
	}
	dropped, w.dropped = w.dropped, 0
	from := len(w.pending)
	w.pending = append(w.escape(build(w.pending), from), '\n')
	if w.try == nil || !w.eager {
		w.eager = true
		w.push()
	}
	return dropped
}

// flush writes what was held back.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.eager = false
	w.push()
}

// push writes what can be written without waiting and leaves the rest to the
// goroutine.
func (w *lineWriter) push() {
	if len(w.pending) > 0 && w.try != nil && !w.busy {
		n, again := w.try(w.pending)
		w.pending = w.pending[:copy(w.pending, w.pending[n:])]
		if !again {
			w.try = nil
		}
	}
	if len(w.pending) > 0 {
		w.more.Broadcast()
	}
}

// run writes what is pending until the writer is closed.
func (w *lineWriter) run() {
	defer close(w.done)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.pending) == 0 && !w.closed {
			w.more.Wait()
		}
		if len(w.pending) == 0 || w.err != nil {
			return
		}
		chunk := w.pending
		w.pending, w.spare, w.busy = w.spare[:0], nil, true
		w.mu.Unlock()
		_, err := w.out.Write(chunk)
		w.mu.Lock()
		w.err, w.spare, w.busy = err, chunk, false
		w.more.Broadcast()
		if err != nil && w.failed != nil {
			w.failed()
		}
	}
}

// closeWithin is how long a reader that stalls may hold up the end.
const closeWithin = 2 * time.Second

// close writes the rest and returns the first error of a write. A reader that
// has stalled keeps the rest from being written, not the program from ending.
func (w *lineWriter) close() error {
	w.mu.Lock()
	w.closed = true
	w.more.Broadcast()
	w.mu.Unlock()
	patience := time.NewTimer(closeWithin)
	defer patience.Stop()
	select {
	case <-w.done:
		return w.err
	case <-patience.C:
		return errors.New("the reader does not read; what it had not read is lost")
	}
}
