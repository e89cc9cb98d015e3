package verdict

import (
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// Health says in the words of health what a report means. Of a machine without a path
// nothing is known: the path says why there is none.
func (r *Report) Health() path.Health {
	h := path.UnknownHealth()
	if r.State == Offline {
		return h
	}
	if h.State = r.State; !r.Well() {
		h.Text = fact.Untrusted(r.Root.Text())
	}
	for i := range r.Legs {
		l := &r.Legs[i]
		v := r.verdictOn(l)
		switch l.Name {
		case path.LegGateway:
			h.Gateway = both(h.Gateway, v)
		case path.LegDNS:
			h.DNS = both(h.DNS, v)
		case path.LegPortal:
			h.Portal = both(h.Portal, v)
		case path.LegInternet:
			h.Internet = both(h.Internet, v)
			if l.Family == fact.IPv4 {
				h.IPv4 = v
			} else {
				h.IPv6 = v
			}
		}
	}
	return h
}

// verdictOn is how a leg does, in the words of probes: one that is well, and of which
// a note says that it ignores pings, filters them.
func (r *Report) verdictOn(l *Leg) state.Verdict {
	switch l.State {
	case LegDegraded:
		return state.VerdictDegraded
	case LegBad:
		return state.VerdictDown
	case LegOK:
		for i := range r.Notes {
			n := &r.Notes[i]
			if (n.What == path.ICMPFiltered || n.What == GatewayFiltered) && n.about(l.Name, l.Family) {
				return state.VerdictFiltered
			}
		}
		return state.VerdictOK
	}
	return state.VerdictUnknown
}

// both is the verdict on two of a kind: what is not known of one, the other says; of
// two that differ one is in trouble, unless it only ignores pings.
func both(a, b state.Verdict) state.Verdict {
	switch {
	case a == b || b == state.VerdictUnknown:
		return a
	case a == state.VerdictUnknown:
		return b
	case min(a.Rank(), b.Rank()) >= state.VerdictFiltered.Rank():
		return state.VerdictOK
	}
	return state.VerdictDegraded
}

// Undecided are the legs of which nothing could be told; their words say why.
func (r *Report) Undecided() []Leg {
	all := []Leg{}
	for i := range r.Legs {
		if r.Legs[i].State == LegUnknown {
			all = append(all, r.Legs[i])
		}
	}
	return all
}
