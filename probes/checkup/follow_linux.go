package checkup

import (
	"context"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// ladder are the sizes that tunnels, PPPoE and their like let through.
var ladder = [...]int{1280, 1400, 1420, 1440, 1472, 1480, 1492}

// second is a name of another owner than the check's host, which exists for as
// long as the root does (RFC 2606).
const second = "example.com"

// follow looks into what did not answer as it should.
func (r *run) follow() {
	e := r.evidence()
	lost := false
	for _, f := range fact.Families {
		lost = lost || r.loses(e, f)
	}
	r.pings.lossy = lost
	for i, f := range fact.Families {
		if r.scope.Ways[i].Reason == path.ReasonNone {
			r.followFamily(e, f, lost)
		}
	}
	for _, s := range r.scope.Servers {
		r.followServer(e, s)
	}
	r.elsewhere(e)
}

// find returns the outcome of a question, or an empty one.
func find(e *verdict.Evidence, ask verdict.Ask, role fact.Role, a netip.Addr) *verdict.Outcome {
	for i := range e.Outcomes {
		if o := &e.Outcomes[i]; o.Ask == ask && o.Role == role && o.Addr == a {
			return o
		}
	}
	return &verdict.Outcome{}
}

// alive reports whether anything of a family was answered from beyond.
func (r *run) alive(e *verdict.Evidence, f fact.Family) bool {
	return slices.ContainsFunc(r.of(f), func(a netip.Addr) bool {
		return find(e, verdict.Ping, fact.RoleInternet, a).Answered > 0 ||
			find(e, verdict.Connect, fact.RoleInternet, a).Result == fact.OutcomeOK
	})
}

// loses reports whether some pings of a family are missing, and not everything.
func (r *run) loses(e *verdict.Evidence, f fact.Family) bool {
	return r.alive(e, f) && slices.ContainsFunc(r.of(f), r.pings.missing)
}

// followFamily follows up pings and connections of a family. Where packets are
// lost in one, the other may have had luck.
func (r *run) followFamily(e *verdict.Evidence, f fact.Family, lost bool) {
	all, alive := r.of(f), r.alive(e, f)
	switch large := r.stuck(e, f); {
	case alive && lost:
		r.trains(f, netip.Addr{})
	case alive && large != nil:
		r.climb(f, large.Addr, large.Size)
		r.trains(f, large.Addr)
	}
	if !alive && len(all) > 0 {
		r.trace(f, all[0])
	}
	if !alive && f == r.secureFamily() && len(r.scope.Ways) > 1 {
		other := fact.IPv4 + fact.IPv6 - f
		if r.online(other) {
			for _, a := range r.of(other) {
				r.connect(verdict.Outcome{Role: fact.RoleInternet, Family: other, Operator: r.operator(a), Addr: a}, known(a) != "")
			}
		}
	}
}

// stuck returns the largest packet where nothing was heard of it, though small
// ones are answered, or nil.
func (r *run) stuck(e *verdict.Evidence, f fact.Family) *verdict.Outcome {
	for i := range e.Outcomes {
		o := &e.Outcomes[i]
		if o.Ask == verdict.Large && o.Family == f && o.Answered == 0 && o.MTU == 0 &&
			find(e, verdict.Ping, fact.RoleInternet, o.Addr).Answered > 0 {
			return o
		}
	}
	return nil
}

// climb sends packets of all sizes. Those of which nothing is heard are sent
// again later: one that is lost by chance must not be taken for one that is too
// large.
func (r *run) climb(f fact.Family, a netip.Addr, top int) {
	for _, size := range ladder {
		if size < top {
			o := verdict.Outcome{Ask: verdict.Large, Role: fact.RoleInternet, Family: f, Operator: r.operator(a), Addr: a, Size: size}
			r.pings.add(o, r.scope.Index, size, 1)
		}
	}
}

// trains counts how much gets lost on the way to the gateway and beyond, or
// only to one address.
func (r *run) trains(f fact.Family, only netip.Addr) {
	for _, t := range r.pings.targets {
		if t.Ask == verdict.Ping && t.Role != fact.RoleStandby && t.Family == f && (!only.IsValid() || t.Addr == only) {
			t.train()
		}
	}
}

// followServer finds out why a name server did not answer as it should.
func (r *run) followServer(e *verdict.Evidence, s Server) {
	a := find(e, verdict.Address, fact.RoleResolver, s.Addr)
	o, name := s.outcome(verdict.Address), r.Name()
	if s.Aside {
		name = string(s.Domain)
	}
	switch a.Result {
	case "", fact.OutcomeTimeout:
		if a.Ask != verdict.Address {
			return
		}
		o.Ask = verdict.Version
		r.more(s, o, version())
		o.Ask = verdict.Plain
		r.more(s, o, plain(name))
		o.Ask = verdict.Connect
		r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
			ctx, cancel := context.WithTimeout(ctx, resendAfter)
			defer cancel()
			if conn := r.dial(ctx, o, netip.AddrPortFrom(s.Addr, s.Port)); conn != nil {
				conn.Close()
			}
		})
	case fact.OutcomeBadAnswer:
		if !s.Aside {
			o.Ask = verdict.Second
			r.more(s, o, question(second, dns.TypeA, false))
		}
		if a.Why == verdict.WhyEDNS {
			o.Ask = verdict.Plain
			r.more(s, o, plain(name))
			return
		}
		o.Ask = verdict.Unchecked
		r.more(s, o, question(name, dns.TypeA, true))
	}
}

// more asks a name server one more question.
func (r *run) more(s Server, o verdict.Outcome, q *dns.Msg) {
	r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
		ctx, cancel := context.WithTimeout(ctx, resendAfter)
		defer cancel()
		m := r.ask(ctx, s.Server, o, q)
		switch {
		case m == nil:
		case o.Ask == verdict.Version:
			o.Result, o.Answered = fact.OutcomeOK, 1 // Any code will do.
		case s.Aside:
			judgeDomain(o, m)
		default:
			judgeName(o, m)
			all := addresses(m)
			if o.Ask == verdict.Second && o.Result == fact.OutcomeOK && len(all) == 0 {
				o.Result = fact.OutcomeBadAnswer
			}
			if o.Ask == verdict.Plain && len(all) > 0 {
				r.nameKnown(all[0])
			}
		}
	})
}
