// Package history holds what keeps and counts the past: timeline in memory,
// session on disk, stats and pattern what is counted from it.
//
// Nothing here reads a clock: time is in the observations. Only the session
// file writer and reader open files, and only those they are given.
package history
