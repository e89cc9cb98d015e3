//go:build !unix

package ui

import (
	"os"
	"time"
)

// writeOnce writes without waiting longer than a moment.
func writeOnce(f *os.File, s string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = f.WriteString(s)
	}()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond):
	}
}

// hungUp reports whether the terminal is gone: never known here.
func hungUp(*os.File) bool { return false }
