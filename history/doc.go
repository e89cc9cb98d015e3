// Package history keeps what was observed: in memory as a timeline that the
// screen draws from, and on disk as session files.
//
// Nothing here reads a clock: time is in the observations. Only the session
// file writer and reader open files, and only those they are given.
package history
