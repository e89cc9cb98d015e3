package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

const (
	// framesPerSecond is how often the library looks for what it has to write,
	// which is nothing: the canvas draws. It knows no lower rate.
	framesPerSecond = 1
	// patience is how long the screen may take to end before it is abandoned:
	// a terminal that does not read blocks the renderer for ever.
	patience = 800 * time.Millisecond
)

// Run shows the screen until the user quits, the context ends, or a signal
// (SIGINT, SIGTERM, SIGHUP) asks for the end; then it returns nil. It returns
// an error at once when there is no terminal that could show a screen. While
// it runs it owns these signals. When the terminal does not take output any
// more it ends the process through the guard.
func Run(ctx context.Context, feed Feed, o Options) error {
	if o.Input == nil {
		o.Input = os.Stdin
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Guard == nil {
		o.Guard = NewGuard(nil)
	}
	if err := checkTerminal(&o); err != nil {
		return err
	}
	m := newModel(feed, o, pageKinds()...)
	c := newCanvas(&o)
	m.canvas, m.suspend = c, suspend(c)
	size, err := c.size()
	if err != nil {
		return err
	}
	profile := colorprofile.Detect(o.Output, o.Environ)
	m.setDepth(profile)
	p := tea.NewProgram(m, tea.WithInput(o.Input), tea.WithOutput(o.Output), tea.WithEnvironment(o.Environ),
		tea.WithoutRenderer(), tea.WithFPS(framesPerSecond), tea.WithWindowSize(size.Width, size.Height), tea.WithColorProfile(profile),
		tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	m.still = func() { stillTicker(p) }
	stop := func() {
		p.Kill()
		c.leave()
	}
	if err := o.Guard.attach(o.Input, o.Output, stop); err != nil {
		return err
	}
	defer o.Guard.detach()
	if _, err := c.enter(); err != nil {
		return err
	}
	w := watch(ctx, p, c, &o)
	var failed error
	err = o.Guard.run(func() error {
		_, failed = p.Run()
		c.leave()
		return nil
	})
	o.Guard.wait()
	asked := w.stop()
	if err == nil && failed != nil && !asked && !hungUp(o.Output) {
		return fmt.Errorf("the screen failed: %w", failed)
	}
	return err
}

// checkTerminal returns an error when there is no terminal for a screen.
func checkTerminal(o *Options) error {
	const instead = `; use "flapscope events" or "flapscope status" instead`
	switch {
	case !term.IsTerminal(o.Output.Fd()):
		return errors.New("the live screen needs a terminal, and standard output is not one" + instead)
	case !term.IsTerminal(o.Input.Fd()):
		return errors.New("the live screen needs a terminal, and standard input is not one" + instead)
	}
	if name := environ(o.Environ, "TERM"); name == "" || name == "dumb" {
		return fmt.Errorf("the live screen needs a terminal that can place text, and TERM is %q"+instead, name)
	}
	return nil
}

// environ returns the last value of a variable, as the C library's getenv of
// most systems would after setenv.
func environ(env []string, name string) string {
	for _, kv := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// A watcher ends the program when it is asked to from outside.
type watcher struct {
	done  chan struct{}
	asked chan bool
}

// watch begins to listen to signals, the context and the terminal.
func watch(ctx context.Context, p *tea.Program, c *canvas, o *Options) *watcher {
	w := &watcher{done: make(chan struct{}), asked: make(chan bool, 1)}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	o.Guard.Go(func() { w.relay(p, c, o.News) })
	o.Guard.Go(func() {
		defer signal.Stop(signals)
		if !w.wait(ctx, signals, c) {
			w.asked <- false
			return
		}
		w.asked <- true
		go p.Quit()
		select {
		case <-w.done:
		case <-signals: // asked twice: no more patience
			o.Guard.abandon()
		case <-time.After(patience):
			o.Guard.abandon()
		}
	})
	return w
}

// relay sends the program what it is to know of the terminal and of the feed.
func (w *watcher) relay(p *tea.Program, c *canvas, news <-chan struct{}) {
	resized, forget := resizes()
	defer forget()
	for {
		select {
		case <-w.done:
			return
		case <-resized:
			if size, err := c.size(); err == nil {
				p.Send(size)
			}
		case <-news:
			p.Send(newsMsg{})
		}
	}
}

// wait returns true when the program is to end, false when it has ended.
func (w *watcher) wait(ctx context.Context, signals <-chan os.Signal, c *canvas) bool {
	for {
		select {
		case <-w.done:
			return false
		case <-signals:
			return true
		case <-ctx.Done():
			return true
		case <-c.failed:
			// SIGHUP does not come where it is another session's terminal.
			if hungUp(c.out) {
				return true
			}
		}
	}
}

// stop ends the watching and reports whether the program was asked to end.
func (w *watcher) stop() bool {
	close(w.done)
	return <-w.asked
}
