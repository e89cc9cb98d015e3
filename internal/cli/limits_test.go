package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"flapscope/history/session"
)

// TestStreamIsBounded: a stream that has no end in one way or the other ends
// with an error.
func TestStreamIsBounded(t *testing.T) {
	const mark = `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"mark","mark":{"text":"%s"}}` + "\n"
	long := strings.Repeat("x", maxLine-len(mark)-1)
	if _, err := foldStream(strings.NewReader(fmt.Sprintf(mark, long))); err != nil {
		t.Errorf("a line of nearly %d bytes: %v", maxLine, err)
	}
	if _, err := foldStream(strings.NewReader(fmt.Sprintf(mark, long+"xxxxxxxx"))); err == nil {
		t.Errorf("a line of more than %d bytes was read", maxLine)
	}
	if _, err := foldStream(&endless{}); !errors.Is(err, session.ErrLimit) {
		t.Errorf("endless rows: %v", err)
	}
}

// endless is a stream in which each line makes one more row.
type endless struct {
	n    int
	rest bytes.Buffer
}

func (e *endless) Read(b []byte) (int, error) {
	for e.n < 2<<20 && e.rest.Len() < len(b) {
		fmt.Fprintf(&e.rest, `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"sync","sync":{"source":"%d"}}`+"\n", e.n)
		e.n++
	}
	return e.rest.Read(b)
}

// TestPendingIsBounded: what waits for a reader that has stopped is no more
// than the limit.
func TestPendingIsBounded(t *testing.T) {
	s := &stalled{release: make(chan struct{})}
	w := newLineWriter(s)
	line := literal(strings.Repeat("x", 1<<16))
	waits := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.pending)
	}
	for range 2 * maxPending >> 16 {
		w.line(line)
		if n := waits(); n > maxPending+1<<16+1 {
			t.Fatalf("%d bytes wait, want at most %d", n, maxPending)
		}
	}
	if n := waits(); n < maxPending/2 {
		t.Errorf("%d bytes wait: this shows nothing", n)
	}
	close(s.release)
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}
