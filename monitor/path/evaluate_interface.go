package path

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// interfaceView is one interface, as it was evaluated last.
type interfaceView struct {
	link *fact.Link
	// path and support are immutable once they were published.
	path    *InterfacePath
	support Support
	// linkReason is the verdict of the layers below the address.
	linkReason Reason
	// ranks are how far the families get.
	ranks      [len(fact.Families)]int
	preference preference
	// next is when time alone changes the view, or 0, and bound whether it rests
	// on lookups of its own.
	next  time.Duration
	bound bool
	// stale is whether a fact of it changed; changed, moved and gone are what
	// the evaluation under way does to it.
	stale, changed, moved, gone bool
}

// rank returns how far a family gets on the interface.
func (v *interfaceView) rank(f fact.Family) int { return v.ranks[familyIndex(f)] }

// Family returns the path of a family by the interface; it may be changed.
func (p *InterfacePath) Family(f fact.Family) *FamilyPath {
	if f == fact.IPv6 {
		return &p.IPv6
	}
	return &p.IPv4
}

// view returns the view of interface index, or nil.
func (e *evaluator) view(index int) *interfaceView { return findView(e.views, index) }

// findView returns the view of interface index among views in order, or nil.
func findView(views []*interfaceView, index int) *interfaceView {
	i, ok := slices.BinarySearchFunc(views, index, func(v *interfaceView, i int) int {
		return cmp.Compare(v.link.Index, i)
	})
	if !ok {
		return nil
	}
	return views[i]
}

// evaluate evaluates an interface on its own, and reports whether it differs from
// what it was.
func (e *evaluator) evaluate(v *interfaceView, physical map[int]bool) (changed bool) {
	next := e.out.Next
	e.out.Next = 0
	v.stale, v.bound, v.linkReason = false, false, e.linkReason(v.link)
	p := &InterfacePath{
		Name: v.link.Name, Index: v.link.Index, Type: v.link.Type,
		Candidate: candidate(v.link, physical), InUse: v.path != nil && v.path.InUse,
	}
	sup := make(Support, 0, 8)
	supportLink(e.state, v.link, &sup)
	for i, f := range fact.Families {
		family := p.Family(f)
		*family = e.interfaceFamily(f, v, &sup)
		v.ranks[i] = family.Reason.Rank()
	}
	p.sum()
	v.next, e.out.Next = e.out.Next, next
	sup = sup.tidy()
	if v.path != nil && *p == *v.path && slices.Equal(sup, v.support) {
		return false
	}
	v.path, v.support = p, sup
	return true
}

// sum gives the interface the better family's status and reason.
func (p *InterfacePath) sum() {
	best := &p.IPv4
	if p.IPv6.Reason.Rank() > best.Reason.Rank() {
		best = &p.IPv6
	}
	p.Status, p.Reason = best.Status, best.Reason
}

// linkReason judges the layers that need no family.
func (e *evaluator) linkReason(l *fact.Link) Reason {
	switch {
	case l.RadioOff:
		return ReasonRadioOff
	case !l.Up():
		return ReasonAdminDown
	case l.Authenticating():
		return ReasonAuthenticating
	case !l.Carrier() && l.Type == fact.TypeWifi:
		return ReasonNotAssociated
	case !l.Carrier():
		return ReasonNoCarrier
	}
	return ReasonNone
}

// interfaceFamily evaluates one family of one interface.
func (e *evaluator) interfaceFamily(f fact.Family, v *interfaceView, sup *Support) FamilyPath {
	p := FamilyPath{Interface: v.link.Name, Index: v.link.Index, MTU: v.link.MTU, Reason: v.linkReason}
	if p.Reason == ReasonNone {
		p.Reason = e.addressReason(f, v.link, sup)
	}
	if p.Reason == ReasonNone {
		p.Reason = ReasonNoRoute
		for _, l := range e.answers(f, v.link.Index) {
			v.bound = true
			got := e.boundAnswer(f, l, v, sup)
			if got == ReasonNone {
				p.Gateway, p.Source, p.Table, p.Metric = l.Gateway, l.Source, l.Table, l.Metric
				p.MTU = cmp.Or(l.MTU, p.MTU)
			}
			if p.Reason = Further(p.Reason, got); got == ReasonNone {
				break
			}
		}
	}
	p.Status = statusOf(p.Reason)
	return p
}

// boundAnswer judges a lookup that was bound to the interface.
func (e *evaluator) boundAnswer(f fact.Family, l *fact.Lookup, v *interfaceView, sup *Support) Reason {
	supportLookup(l, sup)
	e.supportRules(f, sup)
	if l.Err != "" || l.Type != fact.RouteUnicast {
		supportBlock(e.state, f, sup)
		return refusalReason(l)
	}
	supportRoutes(e.state, l, sup)
	if l.Index != v.link.Index || l.Flags&fact.RouteDead != 0 {
		return ReasonNoRoute
	}
	return e.sourceReason(f, l, v, sup)
}

// addressReason judges the addresses of an interface: none, failed, still
// being configured, or usable.
func (e *evaluator) addressReason(f fact.Family, l *fact.Link, sup *Support) Reason {
	best, n := ReasonNoAddress, 0
	for _, a := range e.addressesOf(l, f) {
		if a.Scope >= fact.ScopeLink && !a.Usable() && a.Flags&fact.AddrTentative == 0 {
			continue
		}
		if n++; n <= maxGrounds || a.Usable() {
			supportAddress(a, sup)
		}
		switch {
		case a.Usable():
			return ReasonNone
		case a.Flags&fact.AddrDADFailed != 0:
			best = Further(best, ReasonDADFailed)
		case a.Flags&fact.AddrTentative != 0:
			best = Further(best, ReasonConfiguring)
		}
	}
	if best == ReasonNoAddress && e.configuring(l, f) {
		return ReasonConfiguring
	}
	return best
}

// configuring reports whether the link got carrier so lately, without having
// had an address of the family since, that DHCP or router discovery is still to
// be expected (RFC 2131 §4.4.1: up to 10 s to the first retry; RFC 4861 §6.3.7:
// three solicitations, 4 s apart).
func (e *evaluator) configuring(l *fact.Link, f fact.Family) bool {
	since, ok := e.state.UnaddressedSince[state.LinkFamily{Index: l.Index, Family: f}]
	if !ok {
		return false
	}
	end := since + e.settings.Configure
	if e.now >= end {
		return false
	}
	e.until(end)
	return true
}

// addressesOf returns the addresses of a link in a fixed order.
func (e *evaluator) addressesOf(l *fact.Link, f fact.Family) []*fact.Address {
	return e.state.AddressesOf(state.LinkFamily{Index: l.Index, Family: f})
}

// physicalPorts returns the indexes of the masters that have a port which is
// hardware.
func (e *evaluator) physicalPorts() map[int]bool {
	m := map[int]bool{}
	for _, v := range e.views {
		switch v.link.Type {
		case fact.TypeWired, fact.TypeWifi, fact.TypeCellular:
			if v.link.Master != 0 {
				m[v.link.Master] = true
			}
		}
	}
	return m
}

// candidate reports whether an interface could carry an uplink: not a port of
// a bridge, bond or team (its master is), not a bridge without a physical
// port, and nothing that has no other end or shows frames only. A VRF's ports
// keep their own paths.
func candidate(l *fact.Link, physical map[int]bool) bool {
	switch l.SlaveKind {
	case "bridge", "bond", "team", "openvswitch":
		return false
	}
	switch l.LinkKind {
	case "dummy", "ifb", "nlmon", "vrf", "vcan":
		return false
	}
	switch l.Hardware {
	case hardware80211, hardwarePrism, hardwareRadiotap:
		return false
	}
	switch l.Type {
	case fact.TypeLoopback, fact.TypeTunnel:
		return false
	case fact.TypeBridge:
		return physical[l.Index]
	}
	return true
}

// The hardware types of Wi-Fi interfaces in monitor mode (linux/if_arp.h).
const (
	hardware80211    = 801
	hardwarePrism    = 802
	hardwareRadiotap = 803
)

// A preference is where an interface belongs among all, but for those in use:
// candidates come first, by how far they got.
type preference struct {
	candidate bool
	rank      int
	metric    uint32
	index     int
}

func (p *InterfacePath) preference() preference {
	return preference{p.Candidate, p.Reason.Rank(), p.metric(), p.Index}
}

// byPreference orders views.
func byPreference(a, b *interfaceView) int {
	x, y := &a.preference, &b.preference
	return cmp.Or(
		-compareBool(x.candidate, y.candidate),
		-cmp.Compare(x.rank, y.rank),
		cmp.Compare(x.metric, y.metric),
		cmp.Compare(x.index, y.index),
	)
}

// metric is the metric by which the kernel would prefer the interface.
func (p *InterfacePath) metric() uint32 {
	if p.IPv4.Status == Satisfied {
		return p.IPv4.Metric
	}
	return p.IPv6.Metric
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
