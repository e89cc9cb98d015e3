// Package grid is a screen of cells that views draw on and that is turned into
// one string per frame. Everything drawn is clipped, control characters are
// dropped, and a wide character takes two cells, so that no text can break the
// layout.
package grid
