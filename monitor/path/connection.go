package path

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Connection is what a program has that connected when it could, by the best path
// of then, and stays where it is: as a socket does that is bound to an interface.
// What is not bound the kernel sends by another interface as soon as that is
// preferred, but from the address that it began with, which few routers there pass
// on.
type Connection struct {
	Family fact.Family
	FamilyPath
}

// Connect returns the connection that a request gets now, by the newest evaluation
// of s, whose path is p; its status is Satisfied where there is one.
func (k *Evaluator) Connect(s *state.State, p *Path, r *Request) Connection {
	if !r.Conditional() && len(r.To) == 0 {
		if four := p.IPv4; four.Status == Satisfied || p.IPv6.Status != Satisfied && p.IPv6.Reason.Rank() <= four.Reason.Rank() {
			return Connection{fact.IPv4, four}
		}
		return Connection{fact.IPv6, p.IPv6}
	}
	a := k.asking(s, p, r, s.Mono)
	for _, f := range fact.Families {
		*a.offer.Family(f) = a.familyOffer(f)
	}
	f, best := a.best()
	return Connection{f, *best}
}

// Loses returns why connection c of a request can't go on, or ReasonNone.
func (k *Evaluator) Loses(s *state.State, p *Path, r *Request, c *Connection) Reason {
	a := k.asking(s, p, r, s.Mono)
	v := a.view(c.Index)
	switch {
	case v == nil || a.excluded(v) != "":
		return ReasonNoInterface
	case v.linkReason != ReasonNone:
		return v.linkReason
	}
	if own := s.Source(c.Source); own == nil || !own.Usable() {
		return ReasonNoAddress
	}
	return a.bound(c.Family, v).Reason
}

// asking returns the evaluation of a request by the interfaces as they were
// evaluated last.
func (k *Evaluator) asking(s *state.State, p *Path, r *Request, now time.Duration) *asking {
	e := k.begin(s, now)
	e.out.Path = p
	return &asking{evaluator: e, request: r, ranked: k.ranked, offer: &Offer{By: ByKernel}}
}
