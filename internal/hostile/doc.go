// Package hostile makes recordings that hold, in a field of choice or in all of
// them, text that would do something to a terminal. The fields are found in
// what the program itself writes of every kind of fact, so that a new field is
// among them unasked.
package hostile
