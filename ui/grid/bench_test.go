package grid

import (
	"image/color"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"

	"flapscope/themes"
)

// BenchmarkBuffer draws a colourful screen and turns it into a frame, as a grid
// and as a cell buffer of ultraviolet.
func BenchmarkBuffer(b *testing.B) {
	const w, h = 200, 60
	b.Run("grid", func(b *testing.B) {
		g := New(w, h, themes.Unicode)
		var out []byte
		b.ReportAllocs()
		for b.Loop() {
			g.Forget()
			g.Reset(w, h)
			for y := range h {
				for x := range w {
					g.Area().Set(x, y, '▇', themes.Style{Fg: themes.RGB(uint32(x / 4))})
				}
			}
			out = g.Changes(out[:0])
		}
	})
	b.Run("ultraviolet", func(b *testing.B) {
		buf := uv.NewBuffer(w, h)
		b.ReportAllocs()
		for b.Loop() {
			buf.Clear()
			for y := range h {
				for x := range w {
					buf.SetCell(x, y, &uv.Cell{Content: "▇", Width: 1, Style: uv.Style{Fg: color.RGBA{B: uint8(x / 4), A: 255}}})
				}
			}
			_ = buf.Render()
		}
	})
}

// BenchmarkChanges is the cost of writing a frame of which one row in ten
// changed.
func BenchmarkChanges(b *testing.B) {
	const w, h = 200, 60
	g := New(w, h, themes.Unicode)
	var out []byte
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for y := 0; y < h; y += 10 {
			for x := range w {
				g.Area().Set(x, y, '▇', themes.Style{Fg: themes.RGB(uint32((x + n) / 4))})
			}
		}
		out = g.Changes(out[:0])
	}
	b.ReportMetric(float64(len(out)), "bytes")
}
