package checkup

import (
	"cmp"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
)

// A Scope is what is diagnosed: the machine, or one of its interfaces.
type Scope struct {
	// Index is the interface that all questions are bound to, or 0 for the
	// machine, whose routes choose.
	Index int
	Ways  [2]verdict.Way
	// Servers are the name servers in use.
	Servers []Server
	// Translator is the prefix by which the network says that it reaches IPv4, if it does.
	Translator netip.Prefix
	// Standby are the gateways of the interfaces that could carry the path and are not
	// in use.
	Standby []Standby
}

// A Standby is the gateway of an interface that stands by.
type Standby struct {
	Interface fact.Untrusted
	Index     int
	Gateway   netip.Addr
}

// maxStandby bounds them.
const maxStandby = 8

// NewScope returns the scope of path p in state s: of the whole machine, or of
// interface index alone. Name servers will be asked for a name.
func NewScope(s *state.State, p *path.Path, index int, name string) Scope {
	out := Scope{Index: index}
	for i, f := range fact.Families {
		fp := p.Family(f)
		if index != 0 {
			own := func(ip *path.InterfacePath) bool { return ip.Index == index }
			if j := slices.IndexFunc(p.Interfaces, own); j >= 0 {
				fp = p.Interfaces[j].Family(f)
			}
		}
		out.Ways[i] = way(s, p, f, fp)
	}
	if x := s.Translators[out.Ways[1].Index]; x != nil && x.Until > s.Mono {
		out.Translator = x.Prefix
	}
	for _, server := range Servers(s, name) {
		of := index == 0 || server.Index == 0 || server.Index == index
		if of && !server.idle() && len(out.Servers) < maxServers {
			out.Servers = append(out.Servers, server)
		}
	}
	if index == 0 {
		out.Standby = standbys(p)
	}
	return out
}

// standbys returns the gateways of the interfaces of a path that stand by.
func standbys(p *path.Path) (all []Standby) {
	for _, x := range p.Interfaces {
		for _, f := range fact.Families {
			own := x.Family(f)
			spare := x.Candidate && x.Type != fact.TypeTunnel && own.Status == path.Satisfied && p.Family(f).Index != x.Index
			if spare && own.Gateway.IsValid() && len(all) < maxStandby {
				all = append(all, Standby{x.Name, x.Index, own.Gateway.WithZone("")})
			}
		}
	}
	return all
}

// way says what the tables know of one family.
func way(s *state.State, p *path.Path, f fact.Family, fp *path.FamilyPath) verdict.Way {
	w := verdict.Way{
		Status: fp.Status, Reason: fp.Reason, Interface: fp.Interface, Index: fp.Index,
		MTU: routeMTU(s, f, fp), Gateway: fp.Gateway.WithZone(""),
	}
	if w.Index == 0 {
		// No interface gives a path: that which got furthest explains why.
		if len(p.Interfaces) > 0 && p.Interfaces[0].Candidate {
			w.Interface, w.Index = p.Interfaces[0].Name, p.Interfaces[0].Index
		}
	}
	if l := s.Links[w.Index]; l != nil {
		w.Type = l.Type
		w.MTU = cmp.Or(w.MTU, int(l.MTU))
	}
	w.Source = source(s, f, &w, fp.Source)
	w.Hardware = hardware(s, w.Index, w.Gateway)
	if fp.Status != path.Satisfied {
		w.Gateway = netip.Addr{}
		w.LinkLocal = !w.Source.IsValid() && linkLocal(s, f, w.Index) && routed(s, f, w.Index)
	}
	return w
}

// routeMTU returns the MTU of the route of a family's path, or 0 where it has none of its
// own: not that which the kernel remembers for ten minutes (net.ipv4.route.mtu_expires)
// of what a router said, and which is to be found out.
func routeMTU(s *state.State, f fact.Family, fp *path.FamilyPath) int {
	zero := netip.IPv4Unspecified()
	if f == fact.IPv6 {
		zero = netip.IPv6Unspecified()
	}
	for _, r := range s.Routes.At(fact.RouteSlot{Family: f, Table: fp.Table, Metric: fp.Metric, Dst: netip.PrefixFrom(zero, 0)}) {
		if r.Index == fp.Index && r.MTU != 0 {
			return int(r.MTU)
		}
	}
	return 0
}

// source returns the address that packets have, with its prefix: that which the
// kernel chose, or a usable one.
func source(s *state.State, f fact.Family, w *verdict.Way, chosen netip.Addr) (best netip.Prefix) {
	for _, a := range s.Addresses {
		if a.Index != w.Index || a.Family() != f || !a.Usable() {
			continue
		}
		p := netip.PrefixFrom(a.Local.WithZone(""), int(a.PrefixLen))
		if a.Local.WithZone("") == chosen.WithZone("") {
			return p
		}
		if !best.IsValid() || p.Addr().Less(best.Addr()) {
			best = p
		}
	}
	return best
}

// linkLocal reports whether an interface has a link-local address of a family.
func linkLocal(s *state.State, f fact.Family, index int) bool {
	for _, a := range s.Addresses {
		if a.Index == index && a.Family() == f && a.Local.IsLinkLocalUnicast() {
			return true
		}
	}
	return false
}

// routed reports whether the kernel would send packets of a family by an
// interface, whatever their source.
func routed(s *state.State, f fact.Family, index int) bool {
	for q, l := range s.Lookups {
		if q.Family == f && l.Err == "" && l.Type == fact.RouteUnicast && l.Index == index && l.Gateway.IsValid() {
			return true
		}
	}
	return false
}

// Neighbours brings the ways up to date with what is known of their gateways on
// the link.
func Neighbours(s *state.State, ways *[2]verdict.Way) {
	for i := range ways {
		w := &ways[i]
		for _, n := range s.Neighbours {
			if n.Index != w.Index || n.Proxy || n.Dst.Is4() != (i == 0) {
				continue
			}
			if n.Dst.WithZone("") != w.Gateway {
				w.Others = w.Others || n.State&fact.NeighbourReachable != 0
				continue
			}
			switch {
			case w.Hardware != "" && n.LLAddr != "" && n.LLAddr != w.Hardware:
				w.Neighbour = verdict.NeighbourChanged
			case n.State&alive != 0:
				w.Neighbour = verdict.NeighbourAlive
			case n.State&fact.NeighbourFailed != 0:
				w.Neighbour = verdict.NeighbourFailed
			}
		}
	}
}

// Confirmed reports whether a neighbour on a link is there by what the kernel knows,
// whether it answers pings or not.
func Confirmed(s *state.State, index int, a netip.Addr) bool {
	for _, n := range s.Neighbours {
		if n.Index == index && n.Dst.WithZone("") == a && !n.Proxy {
			return n.State&alive != 0
		}
	}
	return false
}

// alive are the states of a neighbour that is there.
const alive = fact.NeighbourReachable | fact.NeighbourPermanent | fact.NeighbourNoARP

// hardware returns the hardware address of a gateway, or "" while it is not known.
func hardware(s *state.State, index int, gateway netip.Addr) fact.Untrusted {
	for _, n := range s.Neighbours {
		if n.Index == index && n.Dst.WithZone("") == gateway && !n.Proxy {
			return n.LLAddr
		}
	}
	return ""
}

// Resolved reports whether the hardware address of a way's gateway is known, so
// that packets to it leave at once.
func Resolved(s *state.State, w *verdict.Way) bool { return hardware(s, w.Index, w.Gateway) != "" }
