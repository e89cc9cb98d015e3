// Package ui is the terminal program: one root model that routes, a list of
// pages, pure drawing functions over an own cell grid, a stack of popups, and
// the care that a terminal needs to be left as it was found. It opens no socket
// and no file and reads no clock: everything it shows comes from a Feed.
package ui
