//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// A cell is one column of a row, with its colours as they are seen.
type cell struct {
	text   string
	fg, bg color.RGBA
	bold   bool
}

// A frame is a screen, and for how long it is shown.
type frame struct {
	rows [][]cell
	hold time.Duration
}

// What a terminal shows where no colour is given.
var (
	ink    = color.RGBA{0xc3, 0xcb, 0xdc, 0xff}
	ground = color.RGBA{0x11, 0x14, 0x1d, 0xff}
)

const (
	// quiet is how long nothing is drawn when a picture is done, and patience how
	// long it may take.
	quiet    = 400 * time.Millisecond
	patience = 20 * time.Second
	// mostTime is how long all of it may take.
	mostTime = 5 * time.Minute
)

// A stage is the terminal that the program runs on.
type stage struct {
	mu     sync.Mutex // guards all following
	screen *vt.Emulator
	wrote  time.Time
}

// record runs the demo of a program, presses the keys, and returns what was on the
// screen after each.
func record(program string, steps []step) ([]frame, error) {
	home, err := os.MkdirTemp("", "pictures-")
	if err != nil {
		return nil, fmt.Errorf("make a home: %w", err)
	}
	defer os.RemoveAll(home)
	ctx, cancel := context.WithTimeout(context.Background(), mostTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "demo", "--theme", "dark")
	cmd.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + home, "TMPDIR=" + home}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	defer tty.Close()
	s := &stage{screen: vt.NewEmulator(columns, rows)}
	go func() { _, _ = io.Copy(tty, s.screen) }() // its answers to the program
	go s.read(tty)
	var out []frame
	for _, st := range steps {
		if _, err := io.WriteString(tty, st.keys); err != nil {
			return nil, fmt.Errorf("press a key: %w", err)
		}
		if !s.settle() {
			return nil, errors.New("the screen does not come to rest")
		}
		out = append(out, frame{s.cells(), st.hold})
	}
	if _, err := io.WriteString(tty, "q"); err != nil {
		return nil, fmt.Errorf("press a key: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("run %s: %w", program, err)
	}
	return out, nil
}

// read draws what the program writes.
func (s *stage) read(tty io.Reader) {
	buf := make([]byte, 1<<16)
	for {
		n, err := tty.Read(buf)
		s.mu.Lock()
		_, _ = s.screen.Write(buf[:n])
		s.wrote = time.Now()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// settle waits until nothing is drawn any more, and reports whether that came.
func (s *stage) settle() bool {
	begin := time.Now()
	for time.Since(begin) < patience {
		time.Sleep(quiet / 8)
		s.mu.Lock()
		still := !s.wrote.IsZero() && time.Since(s.wrote) > quiet && time.Since(begin) > quiet
		s.mu.Unlock()
		if still {
			return true
		}
	}
	return false
}

// cells returns the screen.
func (s *stage) cells() [][]cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([][]cell, rows)
	for y := range out {
		for x := range columns {
			out[y] = append(out[y], seen(s.screen.CellAt(x, y)))
		}
	}
	return out
}

// seen returns a cell as it is seen.
func seen(c *uv.Cell) cell {
	if c == nil {
		return cell{" ", ink, ground, false}
	}
	out := cell{c.Content, solid(c.Style.Fg, ink), solid(c.Style.Bg, ground), c.Style.Attrs&uv.AttrBold != 0}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		out.fg, out.bg = out.bg, out.fg
	}
	if out.text == "" {
		out.text = " "
	}
	return out
}

// solid returns a colour, or another where there is none.
func solid(c color.Color, or color.RGBA) color.RGBA {
	if c == nil {
		return or
	}
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}
