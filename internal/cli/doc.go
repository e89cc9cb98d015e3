// Package cli is what the commands do: it wires sources, fold, files and
// screen together, and prints. It is apart from main so that it can be tested.
package cli
