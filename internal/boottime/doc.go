// Package boottime reads the clock that all durations are differences of:
// CLOCK_BOOTTIME (clock_gettime(2)).
package boottime
