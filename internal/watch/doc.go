// Package watch has the listeners of a monitor that observes this machine now:
// what the live screen reads from, what a recording is summed up with, and what
// looks for patterns.
package watch
