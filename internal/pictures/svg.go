//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"slices"
	"strings"
	"time"
)

// The size of a cell, in units of the picture, and the space around the screen.
const (
	cellW  = 8
	cellH  = 16
	border = 8
	// baseline is where words stand: what is drawn of a row is placed by it.
	baseline = 12
)

// animate writes frames as one SVG. Rows that are the same in several frames are
// written once. Each frame is made visible for its time by a style sheet, which
// runs where scripts do not; whoever runs none sees the first one.
func animate(frames []frame) []byte {
	var defs, body, css bytes.Buffer
	known := map[string]int{}
	var all time.Duration
	for _, f := range frames {
		all += f.hold
	}
	from := time.Duration(0)
	for n, f := range frames {
		fmt.Fprintf(&body, `<g class="f" id="f%d">`, n)
		for y, cells := range f.rows {
			row := rowSVG(cells)
			if row == "" {
				continue
			}
			id, ok := known[row]
			if !ok {
				id = len(known)
				known[row] = id
				fmt.Fprintf(&defs, `<g id="r%d">%s</g>`, id, row)
			}
			fmt.Fprintf(&body, `<use href="#r%d" y="%d"/>`, id, y*cellH+baseline)
		}
		body.WriteString("</g>\n")
		css.WriteString(keyframes(n, from, from+f.hold, all))
		from += f.hold
	}
	w, h := columns*cellW+2*border, rows*cellH+2*border
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`+"\n", w, h, w, h)
	fmt.Fprintf(&out, "<title>flapscope: a recording is opened, its incidents are looked at one by one</title>\n<style>\n")
	fmt.Fprintf(&out, ".f{visibility:hidden;animation:%.2fs step-end infinite}\n#f0{visibility:visible}\n", all.Seconds())
	out.WriteString("text{font:13px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;white-space:pre}\n.b{font-weight:bold}\n.d{stroke-width:2.4;stroke-linecap:round}\n")
	out.Write(css.Bytes())
	fmt.Fprintf(&out, "</style>\n<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\"/>\n<defs>\n", w, h, hex(ground))
	out.Write(defs.Bytes())
	fmt.Fprintf(&out, "\n</defs>\n<g transform=\"translate(%d %d)\">\n", border, border)
	out.Write(body.Bytes())
	out.WriteString("</g>\n</svg>\n")
	return out.Bytes()
}

// keyframes makes a frame visible from one time to another.
func keyframes(n int, from, to, all time.Duration) string {
	percent := func(d time.Duration) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", 100*d.Seconds()/all.Seconds()), "0"), ".") + "%"
	}
	on := percent(from) + "{visibility:visible}"
	if from > 0 {
		on = "0%{visibility:hidden}" + on
	}
	if to < all {
		on += percent(to) + "{visibility:hidden}"
	}
	return fmt.Sprintf("#f%d{animation-name:k%d}@keyframes k%d{%s}\n", n, n, n, on)
}

// rowSVG returns what a row is drawn of, or "" for a blank one: its backgrounds,
// then the shapes, which no font is needed for, then the words.
func rowSVG(cells []cell) string {
	var out strings.Builder
	runs(cells, func(c cell) any { return c.bg }, func(from, to int) {
		if bg := cells[from].bg; bg != ground {
			fmt.Fprintf(&out, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, from*cellW, -baseline, (to-from)*cellW, cellH, hex(bg))
		}
	})
	out.WriteString(paths(cells, "fill", shape))
	out.WriteString(paths(cells, `class="d" stroke`, dots))
	for _, w := range words(cells) {
		class := ""
		if cells[w.from].bold {
			class = ` class="b"`
		}
		var escaped bytes.Buffer
		_ = xml.EscapeText(&escaped, []byte(w.text)) // of a buffer
		fmt.Fprintf(&out, `<text x="%d" fill="%s"%s textLength="%d">%s</text>`, w.from*cellW, hex(cells[w.from].fg), class, (w.to-w.from)*cellW, escaped.String())
	}
	return out.String()
}

// A word is what a font draws of a row at once: words of one look, and the blanks
// between them.
type word struct {
	from, to int
	text     string
}

func words(cells []cell) (out []word) {
	const mostBlanks = 2
	for x, c := range cells {
		if !isWord(c.text) {
			continue
		}
		if n := len(out); n > 0 && cells[out[n-1].from].fg == c.fg && cells[out[n-1].from].bold == c.bold && blanks(cells[out[n-1].to:x], mostBlanks) {
			last := &out[n-1]
			last.text += strings.Repeat(" ", x-last.to) + c.text
			last.to = x + 1
			continue
		}
		out = append(out, word{x, x + 1, c.text})
	}
	return out
}

// blanks reports whether cells are blank, and at most so many.
func blanks(cells []cell, most int) bool {
	return len(cells) <= most && !slices.ContainsFunc(cells, func(c cell) bool { return c.text != " " })
}

// paths returns a path for each colour, of the parts that cells have of a kind.
func paths(cells []cell, paint string, part func(text string, x int) string) (out string) {
	all := map[color.RGBA]string{}
	var order []color.RGBA
	for x, c := range cells {
		if d := part(c.text, x*cellW); d != "" {
			if !slices.Contains(order, c.fg) {
				order = append(order, c.fg)
			}
			all[c.fg] += d
		}
	}
	for _, fg := range order {
		out += fmt.Sprintf(`<path %s="%s" d="%s"/>`, paint, hex(fg), all[fg])
	}
	return out
}

// isWord reports whether a cell is drawn with a font.
func isWord(s string) bool { return s != " " && shape(s, 0) == "" && dots(s, 0) == "" }

// dots returns the dots of a braille character, of a cell whose left edge is at x:
// lines of no length, with round ends.
func dots(s string, x int) (out string) {
	r := []rune(s)
	if len(r) != 1 || r[0] <= 0x2800 || r[0] > 0x28ff {
		return ""
	}
	for bit := range 8 {
		if (r[0]-0x2800)>>bit&1 == 0 {
			continue
		}
		column, row := bit/3, bit%3
		if bit >= 6 {
			column, row = bit-6, 3
		}
		out += fmt.Sprintf("M%d %dh0", x+2+4*column, 2+4*row-baseline)
	}
	return out
}

// runs calls f for each run of neighbours that have the same key.
func runs(cells []cell, key func(cell) any, f func(from, to int)) {
	for from := 0; from < len(cells); {
		to := from + 1
		for to < len(cells) && key(cells[to]) == key(cells[from]) {
			to++
		}
		f(from, to)
		from = to
	}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// shape returns the path of a character that is a shape, of a cell whose left edge
// is at x, or "" where it is none: bars and lines must touch those beside them,
// which no font promises.
func shape(s string, x int) string {
	r := []rune(s)
	if len(r) != 1 {
		return ""
	}
	rect := func(x, y, w, h int) string { return fmt.Sprintf("M%d %dh%dv%dh-%dz", x, y-baseline, w, h, w) }
	switch c := r[0]; {
	case c >= 0x2581 && c <= 0x2588: // bars, by eighths from below
		h := int(c-0x2580) * cellH / 8
		return rect(x, cellH-h, cellW, h)
	case c == '─':
		return rect(x, cellH/2, cellW, 1)
	case c == '━':
		return rect(x, cellH/2-1, cellW, 3)
	case c == '│':
		return rect(x+cellW/2, 0, 1, cellH)
	case c == '┬':
		return rect(x, cellH/2, cellW, 1) + rect(x+cellW/2, cellH/2, 1, cellH/2)
	}
	return ""
}
