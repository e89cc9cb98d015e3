package lan

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Host is one device on the link: what has one hardware address.
type Host struct {
	// Addrs are its addresses, IPv4 first.
	Addrs []netip.Addr
	// Hardware is its link-layer address, and Maker who made the interface.
	Hardware fact.Untrusted
	Maker    fact.Untrusted
	// Router is whether it is a gateway of this machine, or said to be a router.
	Router bool
	// Self is whether it is this machine.
	Self bool
	// RTT is the shortest round trip of an answered ping, or 0.
	RTT time.Duration
	// Name is what it calls itself, and Services what it announces.
	Name     fact.Untrusted
	Services []Service
}

// A Service is what a host announces.
type Service struct {
	// Instance is its name for people, and Type what it is: "_ipp._tcp".
	Instance fact.Untrusted
	Type     fact.Untrusted
	Port     uint16
}

// maxHosts bounds the hosts of a link, and maxAddrs the addresses of each.
const (
	maxHosts = 4096
	maxAddrs = 16
)

// hosts puts together what is known of one link.
type hosts struct {
	all    []*Host
	byAddr map[netip.Addr]*Host
}

// newHosts returns the hosts of a link in a state, this machine among them. Entries
// of neighbours that never answered are none.
func newHosts(s *state.State, index int) *hosts {
	h := &hosts{byAddr: map[netip.Addr]*Host{}}
	self := &Host{Self: true}
	if l := s.Links[index]; l != nil {
		self.Hardware = l.Address
	}
	h.all = append(h.all, self)
	for _, a := range s.Addresses {
		if a.Index == index {
			h.put(self, a.Local)
		}
	}
	known := map[fact.Untrusted]*Host{}
	if self.Hardware != "" {
		known[self.Hardware] = self
	}
	for _, n := range s.Neighbours {
		if n.Index != index || n.Proxy || n.LLAddr == "" || n.Dst.IsMulticast() || n.State&(fact.NeighbourFailed|fact.NeighbourIncomplete|fact.NeighbourNoARP) != 0 {
			continue
		}
		x := known[n.LLAddr]
		if x == nil {
			if len(h.all) >= maxHosts {
				break
			}
			x = &Host{Hardware: n.LLAddr}
			known[n.LLAddr] = x
			h.all = append(h.all, x)
		}
		x.Router = x.Router || n.Router
		h.put(x, n.Dst)
	}
	return h
}

// put gives a host an address.
func (h *hosts) put(x *Host, a netip.Addr) {
	if h.byAddr[a] == nil && len(x.Addrs) < maxAddrs {
		x.Addrs = append(x.Addrs, a)
		h.byAddr[a] = x
	}
}

// list returns the hosts in order: routers, then the others by address.
func (h *hosts) list() []*Host {
	for _, x := range h.all {
		slices.SortFunc(x.Addrs, compareAddrs)
	}
	h.all = slices.DeleteFunc(h.all, func(x *Host) bool { return len(x.Addrs) == 0 })
	slices.SortFunc(h.all, func(a, b *Host) int {
		if a.Router != b.Router {
			return map[bool]int{true: -1, false: 1}[a.Router]
		}
		return cmp.Or(compareAddrs(a.Addrs[0], b.Addrs[0]), cmp.Compare(a.Hardware, b.Hardware))
	})
	return h.all
}

// compareAddrs puts IPv4 before IPv6, and what is link-local last.
func compareAddrs(a, b netip.Addr) int {
	rank := func(x netip.Addr) int {
		switch {
		case x.Is4():
			return 0
		case x.IsLinkLocalUnicast():
			return 2
		}
		return 1
	}
	return cmp.Or(rank(a)-rank(b), a.Compare(b))
}
