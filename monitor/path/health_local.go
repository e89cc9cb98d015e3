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
	return t.Said != nil && t.Said.Detail == fact.DetailLocalFirewall
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
		if t.Role != fact.RoleInternet && t.Role != fact.RolePortal || e.judge(t) != state.VerdictDown || t.Said == nil || t.Said.Detail != fact.DetailOutOfPorts {
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

// sizes judges whether large packets pass where small ones do: every target of a
// family that is asked must lose them, and one that never answered any, which some
// do not, is believed where another one says so too.
func (e *healthEvaluator) sizes() {
	for _, f := range fact.Families {
		var down []*state.TargetState
		up, replied := 0, false
		for _, t := range e.targets {
			if t.Role != fact.RoleMTU || t.Family != f || e.path.Family(f).Status != Satisfied {
				continue
			}
			switch e.judge(t) {
			case state.VerdictDown:
				down = append(down, t)
				replied = replied || t.Answered != 0 || t.Replied
			case state.VerdictOK, state.VerdictDegraded:
				up++
			}
		}
		if up > 0 || len(down) == 0 || !replied && len(down) < 2 {
			continue
		}
		e.found(e.blackHole(f, down))
	}
}

// blackHole is the finding that large packets vanish, since the last of the targets
// lost its first.
func (e *healthEvaluator) blackHole(f fact.Family, down []*state.TargetState) Finding {
	p := e.path.Family(f)
	out := Finding{
		Root: Root{What: MTUBlackHole, Leg: LegMTU, Family: f, Index: p.Index, Entity: AddressEntity(p.Gateway)},
		Name: e.internetName(f), Targets: down,
	}
	for _, t := range down {
		if t.LostSince > out.Since {
			out.Since, out.Before = t.LostSince, t.Asked
		}
		out.Detail = string(t.Last.Detail)
	}
	out.Words = out.Detail
	return out
}
