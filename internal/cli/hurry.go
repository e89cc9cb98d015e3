package cli

import (
	"runtime/debug"

	"flapscope/internal/cage"
)

// How seldom memory is collected by commands that read a recording once and end:
// at five times what is in use, not at twice, of an ordinary day at most: a larger file
// can have more in use. For a report that is not more than hurryMemory in all.
const (
	hurryPercent = 400
	hurryMemory  = 42 << 20
)

// hurry collects memory less often where so many bytes of recordings are read, until
// the function that it returns is called; limit bounds what that may come to, 0 is no
// bound but the cage's. Who sets GOGC knows better.
func (a *App) hurry(size, limit int64) func() {
	if size > cage.Ordinary || a.Env("GOGC") != "" || a.Env("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, before := debug.SetGCPercent(hurryPercent), debug.SetMemoryLimit(-1)
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(before)
	}
}

// How often memory is collected by a screen, which is left open: live at three fifths
// more than what is in use, not at twice, and when a recording has been read at a
// quarter more: then a day is 14 MB in memory that change no more, and a picture takes
// a tenth of a megabyte.
const (
	livePercent = 60
	readPercent = 25
)

// modest collects memory as a screen does, until the function that it returns is
// called, and gives back what reading a recording took. Who sets GOGC or GOMEMLIMIT
// knows better.
func (a *App) modest(percent int) func() {
	if a.Env("GOGC") != "" || a.Env("GOMEMLIMIT") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	debug.FreeOSMemory()
	return func() { debug.SetGCPercent(before) }
}
