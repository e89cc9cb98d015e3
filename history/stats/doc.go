// Package stats sums up a timeline: how much of the time there was a path, how
// often it was lost and how long that took, each with the number of cases
// behind it.
package stats
