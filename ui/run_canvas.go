package ui

import (
	"fmt"
	"os"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"flapscope/ui/grid"
)

// enterSequences take the alternate screen, hide the cursor, and ask for pasted
// text, for when the window is looked at again, and for keys to be told apart
// (xterm's modifyOtherKeys and kitty's protocol, each of which the other's terminals
// ignore).
const enterSequences = ansi.SetModeAltScreenSaveCursor + ansi.ResetModeTextCursorEnable +
	ansi.SetModeBracketedPaste + ansi.SetModeFocusEvent + ansi.SetModifyOtherKeys2 + "\x1b[>1u"

// A canvas is the terminal that the program draws on. It writes what changed when
// it is told to, in the goroutine that tells it, and never wakes up by itself: the
// renderer of the library looks for news 60 times a second, and parses a picture
// again to find what changed.
type canvas struct {
	in, out *os.File
	// ask is what the terminal is asked when it is taken, besides.
	ask string

	mu sync.Mutex // guards all following
	// restore makes the terminal what it was, nil while it is not taken.
	restore func() error
	// synced is whether it can be told to show a frame as a whole.
	synced bool
	title  string
	buf    []byte
	// failed hears that the terminal did not take output.
	failed chan struct{}
}

// newCanvas returns a canvas on a terminal, which it does not take yet.
func newCanvas(o *Options) *canvas {
	c := &canvas{in: o.Input, out: o.Output, failed: make(chan struct{}, 1)}
	if asksForSync(o.Environ) {
		c.ask = ansi.RequestModeSynchronizedOutput
	}
	if o.Mouse {
		c.ask += ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	}
	if o.Theme != "mono" && !o.NoColor {
		c.ask += ansi.RequestBackgroundColor
	}
	return c
}

// asksForSync reports whether the terminal may be asked about synchronised
// output: over ssh the answer may come after the end of the program, into the
// shell, and the terminal of macOS prints what it does not know. Those that have
// it, and say who they are, are asked anyway.
func asksForSync(env []string) bool {
	for _, name := range []string{"ghostty", "wezterm", "alacritty", "kitty", "rio"} {
		if strings.Contains(environ(env, "TERM"), name) {
			return true
		}
	}
	return environ(env, "SSH_TTY") == "" && environ(env, "TERM_PROGRAM") != "Apple_Terminal"
}

// enter takes the terminal and returns its size.
func (c *canvas) enter() (tea.WindowSizeMsg, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore == nil {
		restore, err := makeRaw(c.in, c.out)
		if err != nil {
			return tea.WindowSizeMsg{}, fmt.Errorf("make the terminal raw: %w", err)
		}
		c.restore, c.title = restore, ""
		if err := c.write([]byte(enterSequences + c.ask)); err != nil {
			return tea.WindowSizeMsg{}, err
		}
	}
	return c.size()
}

// size returns the size of the terminal.
func (c *canvas) size() (tea.WindowSizeMsg, error) {
	w, h, err := term.GetSize(c.out.Fd())
	if err != nil {
		return tea.WindowSizeMsg{}, fmt.Errorf("read the size of the terminal: %w", err)
	}
	return tea.WindowSizeMsg{Width: w, Height: h}, nil
}

// leave gives the terminal back as it was.
func (c *canvas) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore == nil {
		return
	}
	// The terminal may be gone; there is no place left to say it.
	_ = c.write([]byte(ansi.SetWindowTitle("") + resetSequences))
	_ = c.restore()
	c.restore = nil
}

// paint makes the terminal show a picture. It does nothing while the terminal is
// not taken.
func (c *canvas) paint(g *grid.Grid, title string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore == nil {
		return
	}
	b := c.buf[:0]
	if title != c.title {
		b = append(b, ansi.SetWindowTitle(title)...)
		c.title = title
	}
	if c.synced {
		b = append(b, ansi.SetModeSynchronizedOutput...)
	}
	n := len(b)
	b = g.Changes(b)
	if c.synced {
		if len(b) == n {
			b = b[:n-len(ansi.SetModeSynchronizedOutput)]
		} else {
			b = append(b, ansi.ResetModeSynchronizedOutput...)
		}
	}
	c.buf = b
	if len(b) == 0 {
		return
	}
	if err := c.write(b); err != nil {
		g.Forget()
	}
}

// copy gives text to the clipboard of the terminal (OSC 52), which may refuse it
// without a word. It is encoded, so that nothing in it is a command.
func (c *canvas) copy(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore == nil {
		return
	}
	// Whoever watches the terminal hears of a failure.
	_ = c.write([]byte(ansi.SetSystemClipboard(text)))
}

// bell rings the bell of the terminal.
func (c *canvas) bell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore != nil {
		_ = c.write([]byte{ansi.BEL}) // whoever watches the terminal hears of a failure
	}
}

// report takes the terminal's answer about a mode.
func (c *canvas) report(msg tea.ModeReportMsg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if msg.Mode == ansi.ModeSynchronizedOutput {
		c.synced = msg.Value == ansi.ModeReset || msg.Value == ansi.ModeSet
	}
}

// write writes to the terminal. It may block for ever, for which there is the
// guard. A failure is told to whoever watches the terminal.
func (c *canvas) write(b []byte) error {
	_, err := c.out.Write(b)
	if err == nil {
		return nil
	}
	select {
	case c.failed <- struct{}{}:
	default:
	}
	return fmt.Errorf("write to the terminal: %w", err)
}
