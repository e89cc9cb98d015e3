//go:build linux

package kernel

import (
	"context"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A naive source is one of which only the notifications count, after the first
// dumps: tests show with it what the rest of the mirror is for.
type naive struct{ *Source }

func (n naive) Run(ctx context.Context, h state.Host) error {
	return n.Source.Run(ctx, &notifications{Host: h})
}

// notifications is a host to which only what the kernel announced gets through.
type notifications struct {
	state.Host
	// synced is whether the first dumps are complete.
	synced bool
}

func (n *notifications) Update(fn func(*state.State, fact.Emit)) {
	n.Host.Update(func(s *state.State, emit fact.Emit) {
		// replaced are the slots of routes that were announced in this turn.
		// That another of them is gone was never said.
		replaced := map[fact.RouteSlot]bool{}
		fn(s, func(o fact.Observation) {
			if n.synced {
				if o.Via != fact.ViaEvent {
					return
				}
				if r, ok := o.Fact.(*fact.Route); ok {
					if o.Op == fact.Delete && replaced[r.Slot()] {
						return
					}
					replaced[r.Slot()] = true
				}
			}
			if _, ok := o.Fact.(*fact.Sync); ok {
				n.synced = true
			}
			emit(o)
		})
	})
}
