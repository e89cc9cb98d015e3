package checkup

import (
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// Numbers of pings at the beginning: one lost packet should not decide.
const (
	gatewayPings  = 3
	internetPings = 2
)

// first asks everything that there is a way for, at once.
func (r *run) first() {
	r.pings.begin(r)
	secure := r.secureFamily()
	for i, f := range fact.Families {
		w := &r.scope.Ways[i]
		if w.Reason != path.ReasonNone {
			continue
		}
		if w.Gateway.IsValid() {
			r.pings.add(verdict.Outcome{Ask: verdict.Ping, Role: fact.RoleGateway, Family: f, Addr: w.Gateway}, w.Index, 0, gatewayPings)
			r.measureQueue(w)
		}
		for n, a := range r.of(f) {
			o := verdict.Outcome{Role: fact.RoleInternet, Family: f, Operator: r.operator(a), Addr: a}
			o.Ask = verdict.Ping
			r.pings.add(o, r.scope.Index, 0, internetPings)
			r.connect(o, f == secure && known(a) != "")
			if n == 0 {
				// One that fills the link shows whether all sizes pass.
				o.Ask, o.Size = verdict.Large, w.MTU
				r.pings.add(o, r.scope.Index, w.MTU, 1)
			}
		}
	}
	for _, x := range r.scope.Standby {
		o := verdict.Outcome{Ask: verdict.Ping, Role: fact.RoleStandby, Family: fact.FamilyOf(x.Gateway), Interface: x.Interface, Addr: x.Gateway}
		r.pings.add(o, x.Index, 0, gatewayPings)
	}
	r.nameServers()
	r.translators()
	if host, _ := r.host(); host != "" {
		if a, err := netip.ParseAddr(host); err == nil {
			r.nameKnown(a.Unmap())
		}
	}
}

// secureFamily is the family in which TLS is tried: a chain of certificates is
// most of what a diagnosis costs.
func (r *run) secureFamily() fact.Family {
	if r.scope.Ways[0].Reason == path.ReasonNone && len(r.of(fact.IPv4)) > 0 {
		return fact.IPv4
	}
	return fact.IPv6
}

// of returns the internet targets of a family.
func (r *run) of(f fact.Family) (out []netip.Addr) {
	for _, a := range r.Internet {
		if a.Is4() == (f == fact.IPv4) {
			out = append(out, a)
		}
	}
	return out
}

func (r *run) operator(a netip.Addr) uint8 {
	name := operator(a)
	for i, o := range r.operators {
		if o == name {
			return uint8(i)
		}
	}
	return 0
}

// nameServers asks all name servers.
func (r *run) nameServers() {
	some := slices.ContainsFunc(r.scope.Servers, func(s Server) bool { return r.reaches(s.Addr) })
	for _, s := range r.scope.Servers {
		o := s.outcome(verdict.Address)
		switch {
		case r.reaches(s.Addr) && s.Aside:
			r.askDomain(s)
		case r.reaches(s.Addr):
			r.askServer(s)
		case some || r.scope.Index != 0:
			r.unasked(o)
		default:
			r.unreached(o)
		}
	}
	used := slices.ContainsFunc(r.scope.Servers, func(s Server) bool { return s.Addr == nowhere })
	if r.online(fact.IPv4) && !used && !r.near(nowhere) {
		r.askNowhere()
	}
}

// nowhere is an address that nobody has (RFC 5737): whoever answers there
// answers in the name of everybody.
var nowhere = netip.MustParseAddr("192.0.2.1")

func (r *run) online(f fact.Family) bool {
	if f == fact.IPv6 {
		return r.scope.Ways[1].Reason == path.ReasonNone
	}
	return r.scope.Ways[0].Reason == path.ReasonNone
}

// near reports whether an address is on a link of this machine that can send.
func (r *run) near(a netip.Addr) bool {
	for i := range r.scope.Ways {
		if w := &r.scope.Ways[i]; w.Source.IsValid() && w.Source.Masked().Contains(a) && sends(w) {
			return true
		}
	}
	return false
}

// sends reports whether packets can leave by a way, if not beyond its link.
func sends(w *verdict.Way) bool {
	return w.Reason.Rank() >= path.ReasonNoRoute.Rank()
}

// reaches reports whether there is a way to a name server.
func (r *run) reaches(a netip.Addr) bool {
	switch {
	case a.IsLoopback():
		return true
	case a.IsLinkLocalUnicast():
		return sends(&r.scope.Ways[1]) || r.scope.Ways[1].LinkLocal
	}
	return r.near(a) || r.online(fact.FamilyOf(a))
}

// index is the interface that questions to an address are bound to.
func (r *run) index(a netip.Addr) int {
	if a.IsLoopback() {
		return 0
	}
	if a.IsLinkLocalUnicast() {
		return r.scope.Ways[1].Index
	}
	return r.scope.Index
}
