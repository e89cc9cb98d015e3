package state

import (
	"net/netip"

	"flapscope/monitor/fact"
)

// Forward answers a question by the tables, as the kernel would: which route a
// packet of this machine takes (fib_rules_lookup and fib_table_lookup). It is for
// recordings, where there is no kernel to ask, and does not know who asks: rules
// for users, ports and packets that come from elsewhere match nobody here.
func (s *State) Forward(q fact.Question) *fact.Lookup {
	found := &fact.Lookup{Question: q, Err: "ENETUNREACH"}
	var routes []*fact.Route
	for r := range s.Routes.All() {
		if r.Family == q.Family && r.Dst.IsValid() && r.Dst.Contains(q.Dst) && r.TOS == 0 && !r.Src.IsValid() {
			routes = append(routes, r)
		}
	}
	skip := uint32(0)
	for _, r := range SortedRules(s.Tables) {
		if r.Family != q.Family || r.Priority < skip || !s.matches(r, q) {
			continue
		}
		switch r.Action {
		case fact.RuleGoto:
			skip = r.Goto
		case fact.RuleBlackhole:
			found.Err = "EINVAL"
			return found
		case fact.RuleUnreachable:
			found.Err = "EHOSTUNREACH"
			return found
		case fact.RuleProhibit:
			found.Err = "EACCES"
			return found
		case fact.RuleToTable:
			if s.forwardBy(found, routes, r) {
				return found
			}
		}
	}
	return found
}

// matches reports whether a rule applies to a packet that this machine sends
// without saying from which address.
func (s *State) matches(r *fact.Rule, q fact.Question) bool {
	own := r.IIF == "" || r.IIF == "lo"
	hit := own && (!r.Src.IsValid() || r.Src.Bits() == 0) && (!r.Dst.IsValid() || r.Dst.Contains(q.Dst)) &&
		(r.OIF == "" || q.OIF != 0 && r.OIF == s.Name(q.OIF)) && r.TOS == 0 && !r.HasUID && !r.L3MDev &&
		r.IPProto == 0 && r.DestPorts[1] == 0 && r.SourcePorts[1] == 0 && r.TunnelID == 0
	if r.FwMark != 0 || r.FwMask != 0 {
		mask := r.FwMask
		if mask == 0 {
			mask = ^uint32(0)
		}
		hit = hit && q.Mark&mask == r.FwMark
	}
	return hit != r.Not
}

// forwardBy looks an answer up in the table that a rule names, and reports whether
// that ends the search.
func (s *State) forwardBy(found *fact.Lookup, routes []*fact.Route, rule *fact.Rule) bool {
	var best *fact.Route
	var by fact.Hop
	for _, r := range routes {
		if r.Table != rule.Table || best != nil && !nearer(r, best) {
			continue
		}
		if hop, ok := s.hop(r, found.OIF); ok {
			best, by = r, hop
		}
	}
	switch {
	case best == nil || best.Type == fact.RouteThrow || int64(best.Dst.Bits()) <= rule.SuppressPrefixLen:
		return false
	case best.Blocks():
		found.Err = map[fact.RouteType]fact.Untrusted{
			fact.RouteBlackhole: "EINVAL", fact.RouteUnreachable: "EHOSTUNREACH", fact.RouteProhibit: "EACCES",
		}[best.Type]
		return true
	}
	found.Err, found.Type, found.Table = "", best.Type, best.Table
	found.Index, found.Gateway, found.Flags = by.Index, by.Gateway, by.Flags
	found.Match, found.Metric, found.Protocol, found.MTU = best.Dst, best.Metric, best.Protocol, best.MTU
	found.Source = best.PrefSrc
	if best.Type == fact.RouteLocal {
		found.Index = s.loopback()
	}
	if !found.Source.IsValid() {
		found.Source = s.sourceTowards(found)
	}
	return true
}

// loopback returns the index of the loopback interface, by which what is for this
// machine itself goes, or 0.
func (s *State) loopback() int {
	for _, l := range s.Links {
		if l.Flags&fact.FlagLoopback != 0 {
			return l.Index
		}
	}
	return 0
}

// nearer reports whether the kernel takes route a before b.
func nearer(a, b *fact.Route) bool {
	if a.Dst.Bits() != b.Dst.Bits() {
		return a.Dst.Bits() > b.Dst.Bits()
	}
	return a.Metric < b.Metric
}

// hop returns the hop of a route that a packet takes, which is bound to interface
// oif unless that is 0: the first that is not dead, or without carrier where that
// matters.
func (s *State) hop(r *fact.Route, oif int) (fact.Hop, bool) {
	if r.Blocks() || r.Type == fact.RouteThrow {
		return fact.Hop{}, true
	}
	for _, h := range s.hops(r) {
		if h.Flags&fact.RouteDead != 0 || oif != 0 && h.Index != oif && r.Type != fact.RouteLocal {
			continue
		}
		if h.Flags&fact.RouteLinkdown != 0 && s.IgnoresLinkdown(r.Family, h.Index) {
			continue
		}
		return h, true
	}
	return fact.Hop{}, false
}

// hops returns the hops of a route, those of its nexthop object too.
func (s *State) hops(r *fact.Route) []fact.Hop {
	switch n := s.Nexthops[r.NexthopID]; {
	case len(r.Nexthops) > 0:
		return r.Nexthops
	case r.NexthopID == 0 || n == nil:
		return []fact.Hop{{Gateway: r.Gateway, Index: r.Index, Flags: r.Flags}}
	case len(n.Group) == 0:
		return []fact.Hop{{Gateway: n.Gateway, Index: n.Index, Flags: n.Flags}}
	default:
		var all []fact.Hop
		for _, m := range n.Group {
			if one := s.Nexthops[m.ID]; one != nil {
				all = append(all, fact.Hop{Gateway: one.Gateway, Index: one.Index, Flags: one.Flags})
			}
		}
		return all
	}
}

// IgnoresLinkdown reports whether the kernel passes over routes of an interface
// that has no carrier (ignore_routes_with_linkdown of all, or of the interface).
func (s *State) IgnoresLinkdown(f fact.Family, index int) bool {
	const all = -1
	for _, i := range []int{all, index} {
		if n := s.Netconfs[fact.NetconfKey{Family: f, Index: i}]; n != nil && n.IgnoreRoutesWithLinkdown {
			return true
		}
	}
	return false
}

// sourceTowards guesses the address that the kernel sends from: one of the link's
// with the next hop in its prefix, or else its first that is wide enough.
func (s *State) sourceTowards(l *fact.Lookup) (best netip.Addr) {
	next := l.Dst
	if l.Gateway.IsValid() {
		next = l.Gateway
	}
	for _, a := range s.AddressesOf(LinkFamily{Index: l.Index, Family: l.Family}) {
		if !a.Usable() || a.Scope >= fact.ScopeLink {
			continue
		}
		if p, err := a.Local.Prefix(int(a.PrefixLen)); err == nil && p.Contains(next) {
			return a.Local
		}
		if !best.IsValid() {
			best = a.Local
		}
	}
	return best
}
