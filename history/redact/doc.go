// Package redact takes out of a recording what identifies people and places.
//
// Every field that can hold text or an address has a class, and there is one
// place where a fact passes: a field without a class is emptied, and a test
// names it. What follows from facts (transitions, episodes, incidents) is found
// again from the redacted ones, so it can't hold anything else. Afterwards the
// finished output is searched for every original value in every spelling.
package redact
