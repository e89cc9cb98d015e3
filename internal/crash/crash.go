// Package crash turns a panic into an error of one line. A recording can then
// be ended and a terminal be put in order, and the exit code is that of a
// failure: the runtime's own is 2, which means a mistake of the caller's.
package crash

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Recover adds, when it is deferred, a panic to the error that the function
// returns.
func Recover(err *error) {
	if p := recover(); p != nil {
		*err = Error(p)
	}
}

// Survive runs do with a panic as an error.
func Survive(do func() error) (err error) {
	defer Recover(&err)
	return do()
}

// Error returns the error for the value p of a panic. It is called from the
// deferred function that recovered, or from one that this called.
func Error(p any) error {
	return fmt.Errorf("panic: %s in %s: please report this", oneLine(fmt.Sprint(p)), place())
}

func oneLine(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ") }

// place names the function that panicked: the first one of ours above the
// runtime's.
func place() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicked := false
	for {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "runtime."):
			panicked = panicked || f.Function == "runtime.gopanic"
		case panicked:
			return fmt.Sprintf("%s (%s:%d)", f.Function, path.Base(f.File), f.Line)
		}
		if !more {
			return "an unknown function"
		}
	}
}
