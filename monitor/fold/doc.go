// Package fold reduces observations to a state, evaluates the state to paths,
// settles them, and finds the episodes and incidents in it. Events report what
// it finds.
//
// It reads no clock, opens nothing and starts no goroutine: time is in the
// observations, so that the live screen, a replay and a report of the same
// observations are the same to the bit.
package fold
