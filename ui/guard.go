package ui

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"

	"flapscope/internal/crash"
)

// Exit codes handed to a guard's exit function.
const (
	exitOK      = 0
	exitFailure = 3
)

// resetSequences undo everything that the program may have asked of the
// terminal: the mouse, synchronised output, the keyboard modes, bracketed paste,
// colours, the hidden cursor, the alternate screen.
const resetSequences = "\x1b[?1006l\x1b[?1004l\x1b[?1002l\x1b[?2026l\x1b[<u\x1b[>4m\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l"

// A Guard leaves the terminal as it was found when the program must end in an
// emergency: a panic in any goroutine that it covers, or a terminal that no
// longer takes output. Its methods may be called from any goroutine.
type Guard struct {
	exit func(code int)

	mu sync.Mutex // guards all following
	// in, out and state are those of the terminal in use, nil while none is.
	in, out *os.File
	state   *term.State
	// stop ends the screen in order; it may block for ever.
	stop func()
	// ending is whether a panic is being reported and the process about to exit.
	ending bool
}

// NewGuard returns a guard that ends the process with exit, which may flush a
// recording first and must not return; nil is os.Exit.
func NewGuard(exit func(code int)) *Guard {
	if exit == nil {
		exit = os.Exit
	}
	return &Guard{exit: exit}
}

// Go runs f in a goroutine covered by the guard.
func (g *Guard) Go(f func()) {
	go func() {
		defer g.Recover()
		f()
	}()
}

// Recover turns, when it is deferred, a panic into an orderly end: the screen stops
// drawing, the terminal is restored, the panic is reported in one line, and the
// process exits.
func (g *Guard) Recover() {
	r := recover()
	if r == nil {
		return
	}
	err := crash.Error(r)
	g.mu.Lock()
	g.ending = true
	g.mu.Unlock()
	g.end()
	g.restore()
	fmt.Fprintln(os.Stderr, "flapscope:", err)
	g.exit(exitFailure)
}

// run runs the screen. A panic in it ends it in order, and is the error: the
// library would print the stack over the screen.
func (g *Guard) run(screen func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = crash.Error(r)
			g.end()
			g.restore()
		}
	}()
	return screen()
}

// end stops the screen, if one is shown, and waits for that with patience.
func (g *Guard) end() {
	g.mu.Lock()
	stop := g.stop
	g.mu.Unlock()
	if stop == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		stop()
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// wait blocks for ever when the process is about to exit, so that nothing
// exits before the panic is reported.
func (g *Guard) wait() {
	g.mu.Lock()
	ending := g.ending
	g.mu.Unlock()
	if ending {
		select {}
	}
}

// attach remembers how the terminal is now, and how to end the screen on it.
func (g *Guard) attach(in, out *os.File, stop func()) error {
	state, err := term.GetState(in.Fd())
	if err != nil {
		return fmt.Errorf("read the state of the terminal: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.in, g.out, g.state, g.stop = in, out, state, stop
	return nil
}

// detach forgets the terminal, which is in order again.
func (g *Guard) detach() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.in, g.out, g.state, g.stop = nil, nil, nil, nil
}

// restore puts the terminal in order without ever waiting for it.
func (g *Guard) restore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state == nil {
		return
	}
	// Failures are not reported: there is no place left to say them.
	_ = term.Restore(g.in.Fd(), g.state)
	writeOnce(g.out, resetSequences)
	g.in, g.out, g.state = nil, nil, nil
}

// abandon ends the process although the screen has not ended.
func (g *Guard) abandon() {
	g.restore()
	g.exit(exitOK)
}
