package path

import (
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// What this machine does not let out is no trouble of the network, and what the
// kernel says of it is known at once and for sure.

// firewalled reports whether a target fails since a packet filter of this machine
// drops what is sent to it.
func firewalled(t *state.TargetState) bool {
	return t.Lost > 0 && t.Last != nil && t.Last.Detail == fact.DetailLocalFirewall
}

// filter names what filters the pings to a target, where that is known.
func filter(t *state.TargetState) string {
	if firewalled(t) {
		return "by the firewall of this machine"
	}
	return ""
}

// locally is the finding that the packet filter of this machine drops what a
// finding is about, or the finding itself. TCP does not hear of it: its SYN is
// lost.
func (e *healthEvaluator) locally(f Finding) Finding {
	if !slices.ContainsFunc(f.Targets, firewalled) {
		return f
	}
	if f.What = LocalFirewall; f.Leg == LegDNS {
		f.Words = "not asked: " + string(fact.DetailLocalFirewall)
		return f
	}
	f.Leg, f.Entity = LegLocal, ""
	f.Name, f.Words = "the firewall of this machine", "drops what is sent"
	return f
}

// ports judges whether connections can't be made for want of local ports. Pings
// have none, and go on.
func (e *healthEvaluator) ports() {
	for _, t := range e.targets {
		if t.Role != fact.RoleInternet && t.Role != fact.RolePortal || e.judge(t) != state.VerdictDown || t.Last == nil || t.Last.Detail != fact.DetailOutOfPorts {
			continue
		}
		index := e.path.Index
		if t.Family != 0 {
			index = e.path.Family(t.Family).Index
		}
		e.found(Finding{
			Root:  Root{What: PortExhaustion, Leg: LegLocal, Index: index, Family: t.Family, Entity: t.Name},
			Since: t.LostSince, Before: t.Asked,
			Name: "this machine", Words: "is out of local ports towards " + string(t.Name), Targets: []*state.TargetState{t},
		})
	}
}

// foreign reports whether the address that a family uses is of another network than
// its gateway: the gateway hears, and its answers go elsewhere.
func (e *healthEvaluator) foreign(f fact.Family, t *state.TargetState) bool {
	return f == fact.IPv4 && e.path.Family(f).Source.IsValid() && !e.onLink(t.Addr)
}
