//go:build !linux

package cli

// readUsage knows of nothing here.
func readUsage() (usage, bool) { return usage{}, false }
