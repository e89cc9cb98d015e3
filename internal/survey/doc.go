// Package survey makes the diagnoses of "flapscope check" while a monitor runs:
// once on each network, and once at the beginning of each incident. What it finds
// is an observation like any other.
package survey
