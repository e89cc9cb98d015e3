//go:build !linux

package live

import "time"

// Boottime is the Clock where there is no CLOCK_BOOTTIME. Nothing observes this
// machine there; only recordings of others are read.
func Boottime() (time.Time, time.Duration) {
	now := time.Now().Round(0)
	return now, time.Duration(now.UnixNano())
}
