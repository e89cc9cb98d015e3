//go:build linux

package ui

import (
	"io"
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// onTerminal returns a canvas on a terminal of 20x2, and what reads all that was
// written to it since the last time.
func onTerminal(t *testing.T, env ...string) (*canvas, func() string) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { tty.Close(); master.Close() })
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 20, Row: 2}); err != nil {
		t.Fatal(err)
	}
	c := newCanvas(&Options{Input: tty, Output: tty, Environ: env})
	const end = "\x00"
	return c, func() string {
		if _, err := io.WriteString(tty, end); err != nil {
			t.Fatal(err)
		}
		return readTo(t, master, end)
	}
}

// readTo reads up to a mark.
func readTo(t *testing.T, f *os.File, mark string) string {
	t.Helper()
	var b strings.Builder
	buf := make([]byte, 4096)
	for !strings.HasSuffix(b.String(), mark) {
		n, err := f.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(buf[:n])
	}
	return strings.TrimSuffix(b.String(), mark)
}

// TestCanvas checks what is written when: nothing while the shell has the
// terminal, nothing for a picture that is there already.
func TestCanvas(t *testing.T) {
	c, written := onTerminal(t, "SSH_TTY=/dev/pts/9")
	g := grid.New(20, 2, themes.Unicode)
	g.Area().Text(0, 0, "hello", themes.Style{})
	paint := func() string { c.paint(g, "title"); return written() }

	if got := paint(); got != "" {
		t.Errorf("before it is taken the terminal gets %q", got)
	}
	size, err := c.enter()
	if err != nil || size != (tea.WindowSizeMsg{Width: 20, Height: 2}) {
		t.Fatalf("enter returns %v, %v", size, err)
	}
	if got := written(); got != enterSequences+ansi.RequestBackgroundColor {
		t.Errorf("taking it writes %q", got)
	}
	if got := paint(); !strings.Contains(got, "hello") || !strings.Contains(got, ansi.SetWindowTitle("title")) {
		t.Errorf("the first picture is %q", got)
	}
	if got := paint(); got != "" {
		t.Errorf("the same picture again writes %q", got)
	}
	c.report(tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset})
	if got := paint(); got != "" {
		t.Errorf("an empty frame writes %q", got)
	}
	g.Area().Text(0, 0, "j", themes.Style{})
	if got := paint(); got != "\x1b[?2026h\x1b[1;1Hj\x1b[?2026l" {
		t.Errorf("a frame is %q", got)
	}
	c.leave()
	if got := written(); !strings.HasSuffix(got, resetSequences) {
		t.Errorf("leaving writes %q", got)
	}
	g.Area().Text(0, 0, "c", themes.Style{})
	if got := paint(); got != "" {
		t.Errorf("after it was left the terminal gets %q", got)
	}
}

// TestAsksForSync checks that a terminal which may answer too late, or print the
// question, is not asked.
func TestAsksForSync(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{[]string{"TERM=tmux-256color"}, true},
		{[]string{"TERM=xterm", "SSH_TTY=/dev/pts/1"}, false},
		{[]string{"TERM=xterm-kitty", "SSH_TTY=/dev/pts/1"}, true},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=Apple_Terminal"}, false},
	} {
		if got := asksForSync(c.env); got != c.want {
			t.Errorf("%q: %v, want %v", c.env, got, c.want)
		}
	}
}
