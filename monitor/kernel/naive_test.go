package kernel

import (
	"context"

	"flapscope/monitor"
)

// A naive source is one of which only the notifications count, after the first
// dumps: tests show with it what the rest of the mirror is for.
type naive struct{ *Source }

func (n naive) Run(ctx context.Context, h monitor.Host) error {
	return n.Source.Run(ctx, &notifications{Host: h})
}

// notifications is a host to which only what the kernel announced gets through.
type notifications struct {
	monitor.Host
	// synced is whether the first dumps are complete.
	synced bool
}

func (n *notifications) Update(fn func(*monitor.State, monitor.Emit)) {
	n.Host.Update(func(s *monitor.State, emit monitor.Emit) {
		// replaced are the slots of routes that were announced in this turn.
		// That another of them is gone was never said.
		replaced := map[monitor.RouteSlot]bool{}
		fn(s, func(o monitor.Observation) {
			if n.synced {
				if o.Via != monitor.ViaEvent {
					return
				}
				if r, ok := o.Fact.(*monitor.Route); ok {
					if o.Op == monitor.Delete && replaced[r.Slot()] {
						return
					}
					replaced[r.Slot()] = true
				}
			}
			if _, ok := o.Fact.(*monitor.Sync); ok {
				n.synced = true
			}
			emit(o)
		})
	})
}
