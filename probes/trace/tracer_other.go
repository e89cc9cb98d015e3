//go:build !linux

package trace

import (
	"context"
	"errors"
	"net/netip"
)

// A Tracer asks the routers on a way; on Linux only.
type Tracer struct{}

// New says that nothing is traced here.
func New(Target) (*Tracer, error) { return nil, errors.ErrUnsupported }

// Close does nothing.
func (*Tracer) Close() {}

// Packets returns 0.
func (*Tracer) Packets() int { return 0 }

// Round returns nothing.
func (*Tracer) Round(context.Context, int) []Answer { return nil }

// Ask returns nothing.
func (*Tracer) Ask(context.Context, []int) []Answer { return nil }

// MTU returns nothing.
func (*Tracer) MTU(context.Context, int) (int, netip.Addr) { return 0, netip.Addr{} }
