// Package monitor turns facts about this machine's network into a path.
//
// Sources (the packages below this one, and package probes) turn the outside
// world into observations. A Fold reduces observations to a State, evaluates
// the State to a Path, settles it, and finds the episodes in it.
//
// This package is pure: it reads no clock, opens nothing and starts no
// goroutine. Time is in the observations, so that the live screen, a replay and
// a report of the same observations are the same to the bit.
package monitor
