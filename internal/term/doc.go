// Package term is what stands between the program and whatever shows its text
// to people: a terminal, or a file or pipe that will be shown on one. Escaping
// is done here, where text leaves, so that a field that was forgotten where it
// was printed can't matter.
package term
