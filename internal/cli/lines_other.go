//go:build !linux

package cli

import "io"

// withoutWaiting returns nil: here nothing can be written for certain without
// waiting.
func withoutWaiting(io.Writer) func(b []byte) (n int, again bool) { return nil }
