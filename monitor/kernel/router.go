//go:build linux

package kernel

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// shortBits is the longest prefix that router mode keeps: the default route,
// the halves and quarters of the space with which VPN clients override it
// (0.0.0.0/1, 2000::/3, 2000::/4…).
const shortBits = 4

// shortPrefix reports whether a route message is about a prefix that router
// mode keeps, without decoding it.
func shortPrefix(body []byte) bool { return len(body) > 1 && body[1] <= shortBits }

// enterRouterMode narrows the mirror of routes to short prefixes.
func (m *mirror) enterRouterMode() {
	m.narrow = true
	var long []*fact.Route
	for r := range m.s.Routes.All() {
		if r.Dst.Bits() > shortBits {
			long = append(long, r)
		}
	}
	for _, r := range long {
		m.remove(routes4.of(r.Family), fact.ViaInferred, r)
	}
	text := fmt.Sprintf("more than %d routes: only prefixes up to /%d are mirrored; the kernel is asked for the path %d times a second",
		m.opt.RouterModeRoutes, shortBits, 1e9/pollLookups)
	m.gap(fact.GapRouterMode, m.at.mono, 0, text)
	m.notice("router_mode", text)
}

// stage keeps a route of the first dump back until the dump is complete, so that
// a machine with a million routes does not report twenty thousand of them
// first. It reports false if the route is to be applied at once.
func (m *mirror) stage(r *fact.Route) bool {
	d := m.dump
	if m.agendas[d.table].synced || m.narrow {
		return false
	}
	d.staged = append(d.staged, r)
	if m.s.Routes.Len()+len(d.staged) > m.opt.RouterModeRoutes {
		d.staged = slices.DeleteFunc(d.staged, func(r *fact.Route) bool { return r.Dst.Bits() > shortBits })
		m.enterRouterMode()
	}
	return true
}

// unstage applies the routes that were kept back.
func (m *mirror) unstage(d *dump) {
	for _, r := range d.staged {
		m.putRoute(r, m.via())
	}
	d.staged = nil
}

// countRoutes leaves router mode once the tables are small again: half of the
// limit, so that it does not come and go.
func (m *mirror) countRoutes(d *dump) {
	switch d.table {
	case routes4:
		m.kernelRoutes[0] = d.items
	case routes6:
		m.kernelRoutes[1] = d.items
	default:
		return
	}
	if m.narrow && m.kernelRoutes[0]+m.kernelRoutes[1] < m.opt.RouterModeRoutes/2 {
		m.narrow = false
		m.timers.lookup = 0
		m.notice("router_mode", "")
		m.want(setRoutes)
	}
}

// routeFilter is the socket filter of router mode: it drops notifications about
// long prefixes before they are charged to the socket's buffer. Answers to the
// socket portid itself pass, because dumps and lookups are among them; a filter
// sees the first message of a datagram, and a notification is always alone.
func routeFilter(portid uint32) ([]bpf.RawInstruction, error) {
	const (
		offType = 4
		offPid  = 12
		offBits = unix.SizeofNlMsghdr + 1
		pass    = 1 << 30
	)
	return bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: offPid, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: swap32(portid), SkipTrue: 5},
		bpf.LoadAbsolute{Off: offType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: swap16(unix.RTM_NEWROUTE), SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: swap16(unix.RTM_DELROUTE), SkipTrue: 2},
		bpf.LoadAbsolute{Off: offBits, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: shortBits, SkipTrue: 1},
		bpf.RetConstant{Val: pass},
		bpf.RetConstant{Val: 0},
	})
}
