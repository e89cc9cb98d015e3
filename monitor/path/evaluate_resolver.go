package path

import (
	"net/netip"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// resolvers fills in the machine's DNS attributes.
func (e *evaluator) resolvers() {
	p := e.out.Path
	p.Resolvers = []netip.Addr{}
	for _, s := range state.EffectiveResolvers(e.state) {
		p.Resolvers = append(p.Resolvers, s.Addr)
		if e.reachable(s) {
			p.DNS = true
		}
	}
}

// reachable reports whether the kernel has a way to a server. A stub on the
// loopback network counts: where it forwards to is not known here.
func (e *evaluator) reachable(s fact.Server) bool {
	if s.Addr.IsLoopback() {
		return true
	}
	f := fact.FamilyOf(s.Addr)
	for _, oif := range [2]int{0, s.Index} {
		if l := e.state.Lookups[fact.Question{Family: f, Dst: s.Addr.WithZone(""), OIF: oif}]; l != nil {
			v := e.view(l.Index)
			return l.Err == "" && (l.Type == fact.RouteLocal || v != nil && v.linkReason == ReasonNone)
		}
	}
	return e.out.Path.Family(f).Status == Satisfied
}
