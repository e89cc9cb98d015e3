// Package timeline keeps what was observed in memory, bounded, and gives
// immutable views of it: how each scope did at any time, what probes found, the
// log, and the state at any instant. The screen draws from it, and rollups are
// made of it.
package timeline
