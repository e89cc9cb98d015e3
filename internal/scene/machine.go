package scene

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// A machine lives through a script: the script calls its methods and lets time
// pass in between.
type machine struct {
	// now is the instant that the script has come to, start where it begins.
	start, now time.Duration
	all        []fact.Observation

	nics    []*nic
	probes  []*probe
	trouble []trouble
	// used are the interfaces that carried the path, in turn; nil is none.
	used []use
}

// A use is an interface that carries the path from an instant on.
type use struct {
	from time.Duration
	nic  *nic
}

// A nic is an interface and what the network behind it gives to it.
type nic struct {
	link           fact.Link
	addresses      []netip.Prefix
	gateway        netip.Addr
	gateway6       netip.Addr
	resolvers      []netip.Addr
	metric         uint32
	up, configured bool
}

// newMachine returns a machine so long before the end, with nothing plugged in.
func newMachine(length time.Duration) *machine {
	return &machine{start: boot - length, now: boot - length}
}

// end ends the script: the probes of all that time are made, and everything is
// folded.
func (m *machine) end() *Scene {
	m.probe()
	m.use()
	return foldScene(boot-m.start, m.all)
}

// pass lets time go by.
func (m *machine) pass(d time.Duration) { m.now += d }

// until lets time go by until so long before the end.
func (m *machine) until(before time.Duration) { m.now = boot - before }

func (m *machine) put(facts ...fact.Fact) {
	for _, f := range facts {
		m.all = append(m.all, fact.Observation{Mono: m.now, Op: fact.Put, Fact: f})
	}
}

func (m *machine) del(f fact.Fact) {
	m.all = append(m.all, fact.Observation{Mono: m.now, Op: fact.Delete, Fact: f})
}

// boot ends the first reading of the kernel's tables.
func (m *machine) boot() {
	m.ask()
	m.put(&fact.Sync{Source: "kernel"}, &fact.Sync{Source: "resolver"})
}

// plug adds an interface without carrier.
func (m *machine) plug(index int, name fact.Untrusted, kind fact.LinkType) *nic {
	n := &nic{link: fact.Link{Index: index, Name: name, Type: kind, Hardware: 1, MTU: 1500, Address: "02:00:00:00:00:01"}}
	n.metric = 100
	m.nics = append(m.nics, n)
	m.show(n)
	return n
}

// network says what the network behind an interface gives to it: a gateway and
// addresses.
func (n *nic) network(gateway string, addresses ...string) *nic {
	n.gateway = netip.MustParseAddr(gateway)
	for _, a := range addresses {
		p := netip.MustParsePrefix(a)
		n.addresses = append(n.addresses, p)
		if p.Addr().Is6() {
			n.gateway6 = netip.MustParseAddr("fe80::1")
		}
	}
	return n
}

// show observes the link as it is.
func (m *machine) show(n *nic) {
	l := n.link
	l.Flags, l.OperState = fact.FlagUp, fact.OperDown
	if n.up {
		l.Flags |= fact.FlagLowerUp | fact.FlagRunning
		l.OperState = fact.OperUp
	}
	m.put(&l)
}

// connect gives an interface carrier, and what its network gives.
func (m *machine) connect(n *nic) {
	n.up = true
	m.show(n)
	m.configure(n)
}

// configure gives an interface its addresses, routes and resolvers.
func (m *machine) configure(n *nic) {
	for _, p := range n.addresses {
		m.put(n.address(p))
	}
	for _, r := range n.routes() {
		m.put(r)
	}
	n.configured = len(n.addresses) > 0
	m.ask()
}

// disconnect takes the carrier away; the kernel takes the routes with it.
func (m *machine) disconnect(n *nic) {
	n.up = false
	m.show(n)
	m.release(n)
}

// release takes addresses and routes away.
func (m *machine) release(n *nic) {
	m.pass(2 * time.Millisecond)
	for _, r := range n.routes() {
		m.del(r)
	}
	for _, p := range n.addresses {
		m.del(n.address(p))
	}
	n.configured = false
	m.ask()
}

func (n *nic) address(p netip.Prefix) *fact.Address {
	return &fact.Address{Index: n.link.Index, Local: p.Addr(), PrefixLen: uint8(p.Bits())}
}

// way returns the gateway and the source of a family, if there are any.
func (n *nic) way(f fact.Family) (gateway, source netip.Addr, ok bool) {
	for _, p := range n.addresses {
		switch {
		case p.Addr().Is4() && f == fact.IPv4:
			return n.gateway, p.Addr(), true
		case p.Addr().Is6() && f == fact.IPv6:
			return n.gateway6, p.Addr(), true
		}
	}
	return gateway, source, false
}

func everything(f fact.Family) netip.Prefix {
	if f == fact.IPv6 {
		return netip.MustParsePrefix("::/0")
	}
	return netip.MustParsePrefix("0.0.0.0/0")
}

// routes returns the default routes of an interface.
func (n *nic) routes() []*fact.Route {
	var out []*fact.Route
	for _, f := range fact.Families {
		if gw, _, ok := n.way(f); ok {
			out = append(out, &fact.Route{
				Family: f, Table: 254, Type: fact.RouteUnicast, Dst: everything(f), Metric: n.metric,
				Gateway: gw, Index: n.link.Index, Protocol: 16,
			})
		}
	}
	return out
}

// best returns the configured interface with the smallest metric, or nil.
func (m *machine) best(f fact.Family) *nic {
	var found *nic
	for _, n := range m.nics {
		_, _, ok := n.way(f)
		if ok && n.configured && (found == nil || n.metric < found.metric) {
			found = n
		}
	}
	return found
}

// ask answers every question that the kernel's source asks of the routing
// tables, and tells the probes which way they go.
func (m *machine) ask() {
	for _, f := range fact.Families {
		m.answer(f, 0, m.best(f))
		for _, n := range m.nics {
			if _, _, ok := n.way(f); ok && n.configured {
				m.answer(f, n.link.Index, n)
			} else {
				m.answer(f, n.link.Index, nil)
			}
		}
	}
	m.resolve()
	now := m.best(fact.IPv4)
	if last := len(m.used) - 1; last < 0 || m.used[last].nic != now {
		m.used = append(m.used, use{m.now, now})
	}
}

// answer observes the lookups of a family, bound to an interface or not, that
// go out by n.
func (m *machine) answer(f fact.Family, oif int, n *nic) {
	for _, d := range fact.Destinations(f) {
		l := &fact.Lookup{Question: fact.Question{Family: f, Dst: d, OIF: oif}, Err: "ENETUNREACH"}
		if n != nil {
			gw, src, _ := n.way(f)
			l.Err, l.Type, l.Table, l.Index, l.Gateway, l.Source = "", fact.RouteUnicast, 254, n.link.Index, gw, src
			l.Match, l.Metric, l.Protocol = everything(f), n.metric, 16
		}
		m.put(l)
	}
}

// resolve observes the resolvers of the interface in use. Those of the last
// one stay configured, as they do on most machines.
func (m *machine) resolve() {
	n := m.best(fact.IPv4)
	if n == nil || len(n.resolvers) == 0 {
		return
	}
	r := &fact.Resolvers{Source: "resolv.conf"}
	for _, a := range n.resolvers {
		r.Servers = append(r.Servers, fact.Server{Addr: a})
	}
	m.put(r)
}
