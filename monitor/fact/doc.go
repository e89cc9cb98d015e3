// Package fact has what can be observed of a machine's network: one type for
// each kind of fact, in a file of its own, with its words for people, its JSON
// and how an instance is told from another.
//
// A source emits observations of facts. A new kind is a new file here and a row
// in kinds (kinds.go).
package fact
