//go:build !linux

package probes

func newPinger() Prober { return ProberFunc(pingByLibrary) }
