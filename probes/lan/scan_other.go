//go:build !linux

package lan

import (
	"context"
	"net/netip"

	"flapscope/monitor/fact"
)

// Run finds who is on a link; on Linux only.
func Run(context.Context, Request) Scan {
	return Scan{Notes: []fact.Untrusted{"links are looked at on Linux only"}}
}

// Ports returns nothing.
func Ports(context.Context, netip.Addr, int, []uint16) []Port { return nil }
