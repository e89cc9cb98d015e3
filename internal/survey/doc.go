// Package survey makes the diagnoses of "flapscope check" while a monitor runs: once on
// each network, once at the beginning of each incident, and now and then. What it finds
// is an observation like any other.
package survey
