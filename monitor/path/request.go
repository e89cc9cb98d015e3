package path

import (
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Request is what an application asks a path for: a destination, and conditions
// that the interface has to meet.
type Request struct {
	// To are the addresses of the destination, of which the first one of each
	// family counts; without any it is the internet.
	To []netip.Addr
	// Require are the types of interface of which one is required, if any, and
	// Prohibit those types and costs that rule an interface out.
	Require  []fact.LinkType
	Prohibit []Condition
}

// A Condition is a type of interface, Expensive or Constrained.
type Condition string

// The conditions that are no type.
const (
	Expensive   Condition = "expensive"
	Constrained Condition = "constrained"
)

// Conditional reports whether not every interface will do.
func (r *Request) Conditional() bool { return len(r.Require)+len(r.Prohibit) > 0 }

// Destination returns the address of a family that the request is for.
func (r *Request) Destination(f fact.Family) (netip.Addr, bool) {
	for _, a := range r.To {
		if a.Is4() == (f == fact.IPv4) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// An Offer is the path that a request gets. Its JSON form is a stable contract:
// additions only.
type Offer struct {
	Status    Status         `json:"status"`
	Reason    Reason         `json:"reason"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	Index     int            `json:"index,omitempty"`
	Type      fact.LinkType  `json:"type,omitempty"`
	IPv4      FamilyPath     `json:"ipv4"`
	IPv6      FamilyPath     `json:"ipv6"`
	// Expensive and Constrained are what traffic by the interface is.
	Expensive   bool `json:"expensive"`
	Constrained bool `json:"constrained"`
	// Other is the interface that the kernel takes without the conditions, where
	// that is another.
	Other fact.Untrusted `json:"without_conditions,omitempty"`
	// By is who answered which way it goes: "kernel", or "tables" where that
	// follows from a recording's.
	By string `json:"by"`
	// Text is the whole in one sentence.
	Text fact.Untrusted `json:"text"`
	// Considered are the interfaces that could carry it, in order of preference.
	Considered []Considered `json:"considered"`
}

// Who answers which way a packet takes.
const (
	ByKernel = "kernel"
	ByTables = "tables"
)

// A Considered interface is one that could carry what is asked for.
type Considered struct {
	Interface   fact.Untrusted `json:"interface"`
	Index       int            `json:"index"`
	Type        fact.LinkType  `json:"type"`
	Status      Status         `json:"status"`
	Reason      Reason         `json:"reason"`
	Expensive   bool           `json:"expensive"`
	Constrained bool           `json:"constrained"`
	// Excluded is the condition that rules it out: "required" where it is of no
	// type that is required, or the one that is prohibited.
	Excluded Condition `json:"excluded,omitempty"`
}

// notRequired is why an interface of another type is excluded.
const notRequired Condition = "required"

// Family returns the path of a family.
func (o *Offer) Family(f fact.Family) *FamilyPath {
	if f == fact.IPv6 {
		return &o.IPv6
	}
	return &o.IPv4
}

// An asking is the evaluation of one request.
type asking struct {
	*evaluator
	request *Request
	ranked  []*interfaceView
	offer   *Offer
}

// Ask evaluates a request: the kernel's own way if its interface meets the
// conditions, or that by the best interface which does, as a program would get by
// binding its socket there.
func Ask(s *state.State, set Settings, now time.Duration, r *Request) *Offer {
	k := NewEvaluator(set)
	for _, l := range s.Links {
		k.Changed(l)
	}
	a := k.asking(s, k.Evaluate(s, now).Path, r, now)
	for _, f := range fact.Families {
		*a.offer.Family(f) = a.familyOffer(f)
	}
	a.sum()
	a.consider()
	a.offer.Text = a.sentence()
	return a.offer
}

// familyOffer returns what a family offers.
func (a *asking) familyOffer(f fact.Family) FamilyPath {
	if _, wanted := a.request.Destination(f); len(a.request.To) > 0 && !wanted {
		return FamilyPath{Status: Unsatisfied, Reason: ReasonNoAddress}
	}
	free := a.free(f)
	v := a.view(free.Index)
	if !a.request.Conditional() || free.Status == Satisfied && (v == nil || a.excluded(v) == "") {
		return free
	}
	if free.Status == Satisfied && a.offer.Other == "" {
		a.offer.Other = free.Interface
	}
	best := FamilyPath{Status: Unsatisfied, Reason: ReasonNoInterface}
	for _, v := range a.ranked {
		if !a.eligible(v) || a.excluded(v) != "" {
			continue
		}
		got := a.bound(f, v)
		if got.Status == Satisfied {
			return got
		}
		if got.Reason.Rank() > best.Reason.Rank() {
			best = got
		}
	}
	return best
}

// free is the path that the kernel gives to who makes no conditions.
func (a *asking) free(f fact.Family) FamilyPath {
	d, ok := a.request.Destination(f)
	if !ok {
		return *a.out.Path.Family(f)
	}
	if a.settings.Interface != "" {
		for _, v := range a.views {
			if v.link.Name == a.settings.Interface {
				return a.bound(f, v)
			}
		}
		return FamilyPath{Status: Unsatisfied, Reason: ReasonNoInterface}
	}
	l := a.lookup(fact.Question{Family: f, Dst: d})
	var sup Support
	p := a.answer(f, l, &sup)
	switch {
	case l.Err == "" && l.Type == fact.RouteLocal:
		p.Reason = ReasonNone // This machine itself.
	case l.Err != "" && p.Reason == ReasonNoRoute:
		// The interfaces below tell more than that there is no route.
		if got := a.furthest(f, p.Reason, &sup); got.Index != 0 {
			p = got
		}
	}
	p.Status = statusOf(p.Reason)
	return p
}

// bound is the path of a program whose socket is bound to an interface.
func (a *asking) bound(f fact.Family, v *interfaceView) FamilyPath {
	p := *v.path.Family(f)
	d, ok := a.request.Destination(f)
	if !ok || p.Reason != ReasonNone && p.Reason.Rank() < ReasonNoRoute.Rank() {
		return p
	}
	l := a.lookup(fact.Question{Family: f, Dst: d, OIF: v.link.Index})
	var sup Support
	p.Reason = a.boundAnswer(f, l, v, &sup)
	p.Gateway, p.Source, p.Table, p.Metric = l.Gateway, l.Source, l.Table, l.Metric
	if l.MTU != 0 {
		p.MTU = l.MTU
	}
	p.Status = statusOf(p.Reason)
	return p
}

// lookup returns the kernel's answer, or what follows from the tables where it was
// not asked.
func (a *asking) lookup(q fact.Question) *fact.Lookup {
	if l := a.state.Lookups[q]; l != nil {
		return l
	}
	a.offer.By = ByTables
	return a.state.Forward(q)
}

// eligible reports whether an interface may be taken in place of the kernel's
// choice: one that could carry an uplink, or any that is asked for by its type.
func (a *asking) eligible(v *interfaceView) bool {
	if a.settings.Interface != "" {
		return v.link.Name == a.settings.Interface
	}
	return v.path.Candidate || slices.Contains(a.request.Require, v.link.Type)
}

// excluded returns the condition that an interface does not meet, or "".
func (a *asking) excluded(v *interfaceView) Condition {
	expensive, constrained := a.costs(v.link.Index)
	for _, c := range a.request.Prohibit {
		if c == Condition(v.link.Type) || c == Expensive && expensive || c == Constrained && constrained {
			return c
		}
	}
	if len(a.request.Require) > 0 && !slices.Contains(a.request.Require, v.link.Type) {
		return notRequired
	}
	return ""
}

// best returns the family that gets further, and its path.
func (a *asking) best() (fact.Family, *FamilyPath) {
	four, six := &a.offer.IPv4, &a.offer.IPv6
	switch {
	case !a.wants(fact.IPv6):
	case !a.wants(fact.IPv4), four.Reason != ReasonNone && six.Reason.Rank() > four.Reason.Rank():
		return fact.IPv6, six
	}
	return fact.IPv4, four
}

// sum gives the offer the better family's path.
func (a *asking) sum() {
	o := a.offer
	_, best := a.best()
	o.Status, o.Reason, o.Interface, o.Index = best.Status, best.Reason, best.Interface, best.Index
	if l := a.state.Links[o.Index]; l != nil {
		o.Type = l.Type
	}
	o.Expensive, o.Constrained = a.costs(o.Index)
	if o.Other == o.Interface {
		o.Other = ""
	}
}

// wants reports whether a family is asked for.
func (a *asking) wants(f fact.Family) bool {
	_, ok := a.request.Destination(f)
	return ok || len(a.request.To) == 0
}

// consider lists the interfaces that could carry what is asked for.
func (a *asking) consider() {
	a.offer.Considered = []Considered{}
	for _, v := range a.ranked {
		if !a.eligible(v) && v.link.Index != a.offer.Index && a.link(a.offer.Other) != v.link.Index {
			continue
		}
		c := Considered{Interface: v.link.Name, Index: v.link.Index, Type: v.link.Type, Excluded: a.excluded(v)}
		c.Expensive, c.Constrained = a.costs(v.link.Index)
		four, six := FamilyPath{Reason: ReasonNoInterface}, FamilyPath{Reason: ReasonNoInterface}
		if a.wants(fact.IPv4) {
			four = a.bound(fact.IPv4, v)
		}
		if a.wants(fact.IPv6) {
			six = a.bound(fact.IPv6, v)
		}
		c.Reason = Further(four.Reason, six.Reason)
		if v.link.Index == a.offer.Index {
			c.Reason = a.offer.Reason
		}
		c.Status = statusOf(c.Reason)
		a.offer.Considered = append(a.offer.Considered, c)
	}
}

// link returns the index of the interface of a name, or -1.
func (a *asking) link(name fact.Untrusted) int {
	for _, v := range a.views {
		if v.link.Name == name {
			return v.link.Index
		}
	}
	return -1
}
