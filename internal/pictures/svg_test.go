//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"strings"
	"testing"
	"time"
)

// line returns the cells of a text in one look.
func line(text string, fg color.RGBA, bold bool) (out []cell) {
	for _, r := range text {
		out = append(out, cell{string(r), fg, ground, bold})
	}
	return out
}

// Words of one look are drawn at once, each in the columns that it has; what is
// written on the screen can't be markup.
func TestRow(t *testing.T) {
	red := color.RGBA{0xff, 0, 0, 0xff}
	got := rowSVG(append(line("a <b>  &   c", ink, false), line("x", red, true)...))
	for _, want := range []string{
		`<text x="0" fill="#c3cbdc" textLength="64">a &lt;b&gt;  &amp;</text>`,
		`<text x="88" fill="#c3cbdc" textLength="8">c</text>`,
		`<text x="96" fill="#ff0000" class="b" textLength="8">x</text>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if got := rowSVG(line("   ", ink, false)); got != "" {
		t.Errorf("a blank row is %s", got)
	}
	if got := rowSVG(line("█⠁⣿─", ink, false)); strings.Contains(got, "<text") || strings.Count(got, "h0") != 1+8 {
		t.Errorf("shapes and dots are %s", got)
	}
}

// What is the same in two frames is written once, each frame has its time, and the
// whole is XML.
func TestAnimate(t *testing.T) {
	rows := [][]cell{line("first", ink, false), line("second", ink, true)}
	got := animate([]frame{{rows, time.Second}, {rows[:1], 3 * time.Second}})
	if n := bytes.Count(got, []byte("first")); n != 1 {
		t.Errorf("a row is written %d times", n)
	}
	for _, want := range []string{"animation:4.00s", "@keyframes k0{0%{visibility:visible}25%{visibility:hidden}}", "@keyframes k1{0%{visibility:hidden}25%{visibility:visible}}"} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(got))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
