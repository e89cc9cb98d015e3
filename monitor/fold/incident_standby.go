package fold

import (
	"cmp"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Standby is an interface that could have carried what an incident broke.
type Standby struct {
	Interface fact.Untrusted `json:"interface"`
	// Family is that of the gateway, and Answered whether that answered since the
	// incident began, or was silent.
	Family   string `json:"family"`
	Answered bool   `json:"answered"`
	// DeadRoute is why the kernel did not take it, where a route by an interface
	// wins that can't carry it.
	DeadRoute fact.Untrusted `json:"dead_route,omitempty"`
	index     int
}

// observeStandby notes whether the gateway of an interface that stands by has
// answered since the trouble began.
func (t *trouble) observeStandby(s *state.State, x *state.TargetState) {
	answered := x.AnsweredSince(t.began.Mono) != 0
	if !answered && (x.Lost < x.Enough() || x.LostSince < t.began.Mono) {
		return
	}
	next := Standby{Interface: s.Name(x.Index), Family: x.Family.Scope(), Answered: answered, index: x.Index}
	i := slices.IndexFunc(t.spares, func(o Standby) bool { return o.index == x.Index && o.Family == next.Family })
	switch {
	case i < 0 && len(t.spares) < maxStandbys:
		t.spares = append(t.spares, next)
	case i >= 0:
		t.spares[i].Answered = t.spares[i].Answered || answered
	}
}

// maxStandbys bounds the interfaces that an incident names which stand by.
const maxStandbys = 8

// standbys are the interfaces that could have carried what failed. Those of which
// the root is one could not, and beyond the internet none helps.
func (t *trouble) standbys() (out []Standby) {
	if t.Note() || t.Root.Leg.Rank() > path.LegInternet.Rank() {
		return nil
	}
	for _, x := range t.spares {
		own := slices.ContainsFunc(t.faults, func(f *fault) bool { return f.Index == x.index })
		if own || t.Root.Family != 0 && t.Root.Family.Scope() != x.Family {
			continue
		}
		x.DeadRoute = fact.Untrusted(t.deadRoute)
		if i := slices.IndexFunc(out, func(o Standby) bool { return o.index == x.index }); i >= 0 {
			if x.Answered && !out[i].Answered {
				out[i] = x
			}
			continue
		}
		out = append(out, x)
	}
	// Which answered first says nothing, and depends on the order of addresses.
	slices.SortFunc(out, func(a, b Standby) int { return cmp.Compare(a.index, b.index) })
	return out
}

// StoodBy says whether other interfaces would have carried it, as the sentence ends:
// each after a semicolon. Of what failed beyond the gateway it is not known, since
// another gateway may lead the same way.
func (i *Incident) StoodBy() (said string) {
	dead, could := "", " could"
	if i.Root.What == path.TunnelSilent || i.Root.Leg.Rank() > path.LegTunnel.Rank() {
		could = " might"
	}
	for _, x := range i.Standby {
		said += "; " + string(x.Interface)
		switch {
		case x.Answered && i.Open():
			said += could + " carry it: its gateway answers"
		case x.Answered:
			said += could + " have carried it: its gateway answered"
		case i.Open():
			said += " stands by, but its gateway is silent"
		default:
			said += " stood by, but its gateway was silent"
		}
		if x.Answered {
			dead = string(x.DeadRoute)
		}
	}
	return said + prefixed(", but ", dead)
}
