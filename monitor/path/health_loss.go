package path

import (
	"cmp"
	"math"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// Loss is seen at a target, and its root may be anywhere before that: what is
// lost on the link is lost to everything behind it. Each target's own share takes
// a while to be known, and those of two targets are known at different times, so
// whether a nearer stretch loses as much is asked of all targets there together.

// A share says whether targets share the loss of another one.
type share int

const (
	// shareUnknown: there is nobody to ask.
	shareUnknown share = iota
	// shareOpen: not enough was sent to say.
	shareOpen
	shareClear
	shareSame
)

const (
	// strayLoss is the share that a way loses which is well, and leastLoss and
	// mostLoss bound the one that it is compared with: it was measured on a few
	// packets.
	strayLoss = 0.01
	leastLoss = 0.05
	mostLoss  = 0.5
	// shareOdds is how much likelier, as a logarithm, one of both must be to be
	// believed: some 400 times.
	shareOdds = 6.0
	// lossLate is how long a loss takes to be known: what was sent later has
	// answers and no losses yet.
	lossLate = 2 * time.Second
)

// shares reports whether the targets of a group lose what t loses, by what was
// sent between the first and the last packet that t lost lately (Wald's
// sequential test). Once that is the whole window, the likelier one counts.
func (e *healthEvaluator) shares(t *state.TargetState, in group) share {
	from, to := t.LossSpan()
	from, to = from-atOnce, min(to+atOnce, e.now-lossLate)
	var lost, all int
	known := false
	for _, x := range e.targets {
		if x.ID != t.ID && in(x) && x.Answered != 0 {
			k, n := x.Passing(from, to)
			lost, all, known = lost+k, all+n, true
		}
	}
	if !known {
		return shareUnknown
	}
	p := min(max(t.LossShare()/2, leastLoss), mostLoss)
	odds := float64(lost)*math.Log(p/strayLoss) + float64(all-lost)*math.Log((1-p)/(1-strayLoss))
	full := to-from >= state.LossWindow-lossLate
	switch {
	case odds > shareOdds, full && odds > 0:
		return shareSame
	case odds < -shareOdds, full && odds < -shareOdds/2:
		return shareClear
	}
	return shareOpen
}

// gatewaysOn is the group of the gateways on an interface: a link that loses packets
// does not ask for their family.
func gatewaysOn(index int) group {
	return func(t *state.TargetState) bool { return t.Role == fact.RoleGateway && t.Index == index }
}

// lossy enters what is known of the loss that the best internet target of a
// family shows: that of the internet, or of the link before it.
func (e *healthEvaluator) lossy(f fact.Family, t *state.TargetState) {
	p := e.path.Family(f)
	link := e.partial(LegGateway, f, p.Index, AddressEntity(p.Gateway), "gateway "+p.Gateway.WithZone("").String(), t)
	beyond := e.partial(LegInternet, f, p.Index, AddressEntity(p.Gateway), e.internetName(f), t)
	switch e.shares(t, gatewaysOn(p.Index)) {
	case shareOpen:
		e.waiting = cmp.Or(e.waiting, beyond.Name+" "+beyond.Words)
		e.suspects = append(e.suspects, link, beyond)
	case shareSame:
		e.found(link)
		e.found(beyond)
	default:
		e.found(beyond)
		e.suspects = append(e.suspects, link)
	}
}

// lossyGateway enters the loss that a gateway shows, if what is behind it shares
// that: many answer few pings at a time, and pass on everything.
func (e *healthEvaluator) lossyGateway(f fact.Family, t *state.TargetState) {
	out := e.partial(LegGateway, f, t.Index, AddressEntity(t.Addr), gatewayName(t), t)
	behind := e.shares(t, func(x *state.TargetState) bool {
		return x.Role == fact.RoleInternet && x.Method == fact.MethodPing && e.path.Family(x.Family).Index == t.Index
	})
	switch same := e.same(&out); {
	case same != nil && same.Degree < out.Degree:
		out.Interface = same.Interface
		*same = out
	case same != nil:
	case behind == shareSame || behind == shareUnknown:
		e.found(out)
	default:
		e.suspects = append(e.suspects, out)
	}
}

// lossyServer enters the loss that a name server shows, if nothing before it
// shares that.
func (e *healthEvaluator) lossyServer(t *state.TargetState, out Finding) {
	ahead := e.shares(t, func(x *state.TargetState) bool {
		internet := x.Role == fact.RoleInternet && x.Method == fact.MethodPing && x.Family == t.Family && !e.onLink(t.Addr)
		return internet || x.Role == fact.RoleGateway && x.Index == out.Index
	})
	if ahead == shareClear || ahead == shareUnknown {
		e.found(out)
		return
	}
	e.suspects = append(e.suspects, out)
}

// same returns what is found already of the same thing, or nil.
func (e *healthEvaluator) same(f *Finding) *Finding {
	for i := range e.findings {
		x := &e.findings[i]
		if x.What == f.What && x.Leg == f.Leg && x.Family == f.Family && x.Index == f.Index && x.Entity == f.Entity {
			return x
		}
	}
	return nil
}
