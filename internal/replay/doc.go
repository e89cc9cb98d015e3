// Package replay folds recordings again: one to its end, or a chain of them bit
// by bit behind a screen that shows what is known so far.
package replay
