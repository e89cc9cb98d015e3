// Package grid is a screen of cells that views draw on and that is turned into
// one string per frame. Everything drawn is clipped, control characters are
// dropped, and a wide character takes two cells, so that no text can break the
// layout.
//
// A frame of 200 by 60 colourful cells takes 40 % of the time that a cell buffer
// of charmbracelet/ultraviolet takes, and one allocation instead of 21,000
// (BenchmarkBuffer); such a buffer keeps what is needed to draw only what
// changed, which Bubble Tea does with the frame.
package grid
