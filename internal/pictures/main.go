//go:build linux

// Command pictures draws the moving picture of the README: it runs flapscope on a
// terminal of its own, presses keys, and writes what is on the screen as an SVG.
package main

import (
	"fmt"
	"os"
	"time"
)

// The size of the terminal: what a README shows without being scaled down much.
const (
	columns = 100
	rows    = 34
)

// A step is a key, and for how long what follows is shown.
type step struct {
	keys string
	hold time.Duration
}

// script is what somebody does who opens a recording: reads what there was, goes
// from incident to incident, asks why, zooms, and looks at the other pages.
func script() []step {
	const enter, esc = "\r", "\x1b"
	out := []step{
		{"", 3500 * time.Millisecond},
		{esc, 2 * time.Second},
		{"g", 600 * time.Millisecond},
	}
	for _, c := range "09:46" {
		out = append(out, step{string(c), 150 * time.Millisecond})
	}
	out = append(out, step{enter, 1500 * time.Millisecond})
	for range 2 {
		out = append(out, step{"+", 600 * time.Millisecond})
	}
	for range 3 {
		out = append(out, step{"P", 900 * time.Millisecond})
	}
	out = append(out, step{enter, 3500 * time.Millisecond}, step{esc, 500 * time.Millisecond})
	for range 8 {
		out = append(out, step{"\x1b[D", 100 * time.Millisecond})
	}
	out = append(out,
		step{"2", 2200 * time.Millisecond}, step{"3", 1800 * time.Millisecond}, step{"4", 2200 * time.Millisecond},
		step{"6", 2000 * time.Millisecond}, step{"7", 2200 * time.Millisecond}, step{"8", 2200 * time.Millisecond}, step{"1", 700 * time.Millisecond}, step{":", 900 * time.Millisecond},
	)
	for _, c := range "log" {
		out = append(out, step{string(c), 250 * time.Millisecond})
	}
	return append(out, step{enter, 2500 * time.Millisecond})
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "pictures: want two arguments, the program and the file to write to")
		os.Exit(2)
	}
	if err := draw(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(3)
	}
}

// draw records the program and writes the picture.
func draw(program, name string) error {
	shown, err := record(program, script())
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, animate(shown), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
