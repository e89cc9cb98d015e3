// Package grid is a screen of cells that views draw on, and of which only the
// cells that changed are written to the terminal. Everything drawn is clipped,
// control characters are dropped, and a wide character takes two cells, so that
// no text can break the layout.
//
// Drawing a frame of 200 by 60 colourful cells and writing all of it takes
// half of the time that a cell buffer of charmbracelet/ultraviolet takes, and no
// allocation instead of 21,000 (BenchmarkBuffer).
package grid
