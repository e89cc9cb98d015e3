package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func literal(s string) func([]byte) []byte {
	return func(dst []byte) []byte { return append(dst, s...) }
}

func TestLinesComeInOrder(t *testing.T) {
	var out bytes.Buffer
	w := newLineWriter(&out)
	var want strings.Builder
	for i := range 1000 {
		line := strings.Repeat("x", i%7) + "."
		w.line(literal(line))
		want.WriteString(line + "\n")
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if out.String() != want.String() {
		t.Error("the lines differ from what was written")
	}
}

// TestLinesToAPipe writes to pipes whose reader does not read for a while: no
// call may wait for it, and each line must come once, in order.
func TestLinesToAPipe(t *testing.T) {
	for name, flushEvery := range map[string]int{"one-line-a-turn": 1, "many-lines-a-turn": 7} {
		t.Run(name, func(t *testing.T) {
			r, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			w := newLineWriter(out)
			w.try = withoutWaiting(out)
			var want strings.Builder
			add := func(n int) {
				for i := range n {
					line := strings.Repeat("x", i%300) + "."
					w.line(literal(line))
					want.WriteString(line + "\n")
					if i%flushEvery == 0 {
						w.flush()
					}
				}
				w.flush()
			}
			add(2000) // four times what a pipe holds
			got := make(chan string)
			go func() {
				b, err := io.ReadAll(r)
				if err != nil {
					t.Error(err)
				}
				got <- string(b)
			}()
			add(2000)
			if err := errors.Join(w.close(), out.Close()); err != nil {
				t.Fatal(err)
			}
			if <-got != want.String() {
				t.Error("the lines differ from what was written")
			}
		})
	}
}

// TestLinesComeAtOnce shows that the first line after a flush waits for nothing.
func TestLinesComeAtOnce(t *testing.T) {
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer out.Close()
	w := newLineWriter(out)
	w.try = withoutWaiting(out)
	w.line(literal("first"))
	if w.try == nil {
		t.Skip("SKIPPED: this kernel can't write to a pipe without waiting, or can't tell")
	}
	w.line(literal("second"))
	buf := make([]byte, 100)
	for _, want := range []string{"first\n", "second\n"} {
		if n, err := r.Read(buf); err != nil || string(buf[:n]) != want {
			t.Errorf("got %q, %v, want %q", buf[:n], err, want)
		}
		w.flush()
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}

// stalled is a reader that stops reading until it is released.
type stalled struct {
	release chan struct{}
	got     bytes.Buffer
}

func (s *stalled) Write(b []byte) (int, error) {
	<-s.release
	return s.got.Write(b)
}

func TestLinesAreDroppedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stalled{release: make(chan struct{})}
		w := newLineWriter(s)
		w.limit = 10
		w.line(literal("first"))
		synctest.Wait() // the writer hangs in its write
		w.line(literal("0123456789"))
		for range 3 {
			if n := w.line(literal("lost")); n != 0 {
				t.Errorf("dropped before anything got through: got %d, want 0", n)
			}
		}
		close(s.release)
		synctest.Wait()
		if n := w.line(literal("last")); n != 3 {
			t.Errorf("dropped: got %d, want 3", n)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		if got := s.got.String(); got != "first\n0123456789\nlast\n" {
			t.Errorf("got %q", got)
		}
	})
}

func TestPatientLinesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stalled{release: make(chan struct{})}
		w := newLineWriter(s)
		w.limit, w.patient = 10, true
		go func() {
			time.Sleep(time.Minute)
			close(s.release)
		}()
		for range 100 {
			w.line(literal("0123456789"))
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(s.got.String(), "\n"); got != 100 {
			t.Errorf("lines: got %d, want 100", got)
		}
	})
}

func TestCloseDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stalled{release: make(chan struct{})}
		w := newLineWriter(s)
		w.line(literal("never read"))
		start := time.Now()
		if err := w.close(); err == nil {
			t.Error("close: want an error, for the line was not written")
		}
		if took := time.Since(start); took != closeWithin {
			t.Errorf("close took %v, want %v", took, closeWithin)
		}
		close(s.release)
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteErrorEnds(t *testing.T) {
	w := newLineWriter(failing{})
	ended := make(chan struct{})
	w.failed = func() { close(ended) }
	w.line(literal("x"))
	<-ended
	if err := w.close(); err == nil {
		t.Error("close: want the error of the write")
	}
}
