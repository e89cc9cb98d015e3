package verdict

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// serverSlow is how long an answer of a name server takes that people wait for: more
// than one that was lost and asked for again after a second.
const serverSlow = 1500 * time.Millisecond

// A server is all that one name server was asked.
type server struct {
	addr                               netip.Addr
	a, aaaa                            *Outcome
	second, unchecked, random, version *Outcome
	connect, sealed, plain, keys       *Outcome
}

// server gathers what the name server at addr was asked.
func (j *judge) server(addr netip.Addr) (s server) {
	s.addr = addr
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		if o.Role != fact.RoleResolver || o.Addr != addr {
			continue
		}
		switch o.Ask {
		case Address:
			s.a = o
		case Address6:
			s.aaaa = o
		case Second:
			s.second = o
		case Unchecked:
			s.unchecked = o
		case Random:
			s.random = o
		case Version:
			s.version = o
		case Connect:
			s.connect = o
		case Sealed:
			s.sealed = o
		case Plain:
			s.plain = o
		case Keys:
			s.keys = o
		}
	}
	return s
}

// resolvers judges the name servers one by one.
func (j *judge) resolvers() {
	asked := false
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		switch {
		case o.Ask == Stray && o.Answered > 0:
			j.note(j.of(DNSIntercepted, path.LegDNS, o))
		case o.Ask == Address && o.Role == fact.RoleResolver:
			asked = true
			s := j.server(o.Addr)
			if f := j.name(&s); f.What != "" {
				j.found(f)
			}
			if s.sealed != nil && s.sealed.ok() {
				j.note(j.of(DoTOffered, path.LegDNS, s.sealed))
			}
		}
	}
	if !asked && j.tallies[0].alive() || !asked && j.tallies[1].alive() {
		j.found(Finding{What: ResolverMissing, Leg: path.LegDNS})
	}
}

// name judges one name server. The finding is empty for one that is well.
func (j *judge) name(s *server) Finding {
	o := s.a
	f := j.of("", path.LegDNS, o)
	f.Lost, f.Sent = 0, 0
	switch {
	case o.Result == "" || o.Result == fact.OutcomeNoData || o.Why == WhyFirewall:
		return f // Unknown, or told of this machine.
	case o.silent() && j.tallies[index(o.Family)].lossy() && !j.tallies[index(o.Family)].near(o.Addr):
		return f
	case o.ok():
		return j.answered(s, f)
	case o.Result == fact.OutcomeRefused || o.Result == fact.OutcomeUnreachable:
		f.What = path.ResolverRefused
		if o.Result == fact.OutcomeUnreachable {
			f.What = path.ResolverSilent
		}
	case o.silent():
		f.What, f.Why = path.ResolverSilent, o.Why
		switch {
		case o.Why == WhyStrayID:
			f.What = path.ResolverFailed
		case s.plain != nil && s.plain.ok() && (s.aaaa == nil || !s.aaaa.ok()):
			f.What, f.Why = path.ResolverFailed, WhyEDNS
		case heard(s.version):
			f.What, f.Why = path.ResolverFailed, WhyUpstream
		case heard(s.connect):
			f.What, f.Why = path.ResolverFailed, WhyTardy
		case j.elsewhere(s.addr):
			f.Why = WhyPort53
		}
	default:
		f = j.failed(s, f)
	}
	return f
}

// failed judges an error code.
func (j *judge) failed(s *server, f Finding) Finding {
	f.What = path.ResolverFailed
	switch {
	case f.Why == WhyServfail && s.unchecked != nil && s.unchecked.ok():
		f.Why = WhyDNSSEC
	case s.second != nil && s.second.ok():
		// One name that a server can't find is not its fault.
		f.What = ""
		note := f
		note.What = CheckServer
		j.note(note)
	case f.Why == WhyEDNS && (s.plain == nil || !s.plain.ok()):
		f.Why = WhyRcode
	case f.Why == WhyNXDomain, f.Why == WhyPrivate, f.Why == WhyNoAddress:
		f.What = ResolverLies
	}
	return f
}

// answered judges a name server that gave the wanted answer.
func (j *judge) answered(s *server, f Finding) Finding {
	if s.random != nil && s.random.ok() && s.random.Answered > 0 {
		switch s.random.Why {
		case WhyOneAddress:
			f.What, f.Why, f.Said = ResolverLies, WhyOneAddress, s.random.Said
			return f
		case WhyRewritten:
			note := f
			note.What, note.Why = DNSRewritten, ""
			j.note(note)
		}
	}
	switch f.Why {
	case WhyPrivate:
		f.What = ResolverLies
		return f
	case WhyFiltered, WhyStale:
		note := f
		note.What, note.Why = DNSStale, ""
		if f.Why == WhyFiltered {
			note.What = DNSFiltered
		}
		j.note(note)
	}
	j.keys(s.keys)
	slow := s.a.RTT >= serverSlow && !j.strained(&j.tallies[index(s.a.Family)])
	switch a := s.aaaa; {
	case slow && (a == nil || a.Result == "" || a.silent() || a.RTT >= serverSlow):
		f.What, f.Took = path.Latency, s.a.RTT
	case a == nil, a.Result == "", a.ok(), a.Result == fact.OutcomeNoData, a.Why == WhyFirewall:
	case a.Why == WhyRefusal:
		// A policy, which costs programs nothing: they have their answer at once.
		note := f
		note.What, note.Why, note.Said = DNSRefusesIPv6, "", a.Said
		j.note(note)
	default:
		f.What, f.Why, f.Said = path.ResolverFailed, WhyAAAA, a.Said
		if a.silent() {
			f.Said = "silent"
		}
	}
	return f
}

// keys notes what became of the keys of the root and their signatures.
func (j *judge) keys(o *Outcome) {
	switch {
	case o == nil || !o.ok():
	case o.Why == WhyUnsigned:
		j.note(j.of(DNSUnsigned, path.LegDNS, o))
	case (o.Why == WhyLarge || o.Why == WhyTruncated) && (j.tallies[index(o.Family)].near(o.Addr) || !j.tallies[index(o.Family)].lossy()):
		f := j.of(DNSLarge, path.LegDNS, o)
		f.MTU = o.MTU
		j.note(f)
	}
}

// heard reports whether anything came back.
func heard(o *Outcome) bool {
	return o != nil && o.Result != "" && (o.Answered > 0 || o.ok())
}

// elsewhere reports whether the host at addr answered something else than names.
func (j *judge) elsewhere(addr netip.Addr) bool {
	for i := range j.evidence.Outcomes {
		if o := &j.evidence.Outcomes[i]; o.Addr == addr && o.Role == fact.RoleInternet && o.ok() {
			return true
		}
	}
	return false
}
