package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// Blocker returns what refuses the packets of a family, by its type and where it
// stands, in ip(8)'s words: rule "100: from all prohibit", or route "blackhole
// default" in table main; or nothing where the rules and routes of s do not say. The kernel's answer to a
// lookup has the errno only.
func Blocker(s *state.State, f fact.Family) fact.Untrusted {
	rules := make([]*fact.Rule, 0, len(s.Rules))
	for _, r := range s.Rules {
		if r.Family == f {
			rules = append(rules, r)
		}
	}
	slices.SortStableFunc(rules, func(a, b *fact.Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, dst := range fact.Destinations(f) {
		if words := blockerOf(s, rules, dst); words != "" {
			return words
		}
	}
	return ""
}

// blockerOf follows the rules as the kernel does for a packet of this machine to
// dst that nothing else is known of (fib_rules_lookup).
func blockerOf(s *state.State, rules []*fact.Rule, dst netip.Addr) fact.Untrusted {
	from := uint32(0)
	for _, r := range rules {
		if r.Priority < from || !selects(r, dst) {
			continue
		}
		switch r.Action {
		case fact.RuleGoto:
			from = r.Goto
		case fact.RuleBlackhole, fact.RuleUnreachable, fact.RuleProhibit:
			return "rule \"" + r.Words() + "\""
		case fact.RuleToTable:
			route := longest(s, r, dst)
			switch {
			case route == nil || route.Type == fact.RouteThrow, int64(route.Dst.Bits()) <= r.SuppressPrefixLen:
			case route.Blocks():
				return blockingRoute(route)
			default:
				return ""
			}
		}
	}
	return ""
}

// selects reports whether a rule takes a packet without a mark that this machine
// sends to dst. One about users or ports is taken not to.
func selects(r *fact.Rule, dst netip.Addr) bool {
	other := r.Src.IsValid() && r.Src.Bits() > 0 || r.OIF != "" || r.IIF != "" && r.IIF != "lo" || r.HasUID || r.IPProto != 0 || r.TOS != 0 ||
		r.SourcePorts != [2]uint16{} || r.DestPorts != [2]uint16{} || r.TunnelID != 0 || r.L3MDev
	if other {
		return false
	}
	matches := r.FwMark&max(r.FwMask, r.FwMark) == 0 && (!r.Dst.IsValid() || r.Dst.Contains(dst))
	return matches != r.Not
}

// longest returns the route that the table of a rule has for dst, or nil.
func longest(s *state.State, rule *fact.Rule, dst netip.Addr) (best *fact.Route) {
	for r := range s.Routes.All() {
		if r.Family != rule.Family || r.Table != rule.Table || !r.Dst.IsValid() || !r.Dst.Contains(dst) || r.Src.IsValid() && r.Src.Bits() > 0 {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(r.Dst.Bits(), best.Dst.Bits()), cmp.Compare(best.Metric, r.Metric)) > 0 {
			best = r
		}
	}
	return best
}

func blockingRoute(r *fact.Route) fact.Untrusted {
	dst := "default"
	if !r.Default() {
		dst = r.Dst.String()
	}
	table := fmt.Sprintf("table %d", r.Table)
	if r.Table == tableMain {
		table = "table main"
	}
	return fact.Untrusted(fmt.Sprintf("route \"%s %s\" in %s", r.Type, dst, table))
}

// tableMain is RT_TABLE_MAIN (linux/rtnetlink.h).
const tableMain = 254
