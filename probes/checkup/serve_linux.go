package checkup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// dnsCost is about what a question and its answer take.
const dnsCost = 250

// askServer asks a name server for both kinds of address of a name that exists,
// and for one that does not.
func (r *run) askServer(s Server) {
	o := s.outcome(verdict.Address)
	first := make(chan netip.Addr, 1)
	for _, q := range []struct {
		ask  verdict.Ask
		kind uint16
	}{{verdict.Address, dns.TypeA}, {verdict.Address6, dns.TypeAAAA}} {
		o.Ask = q.ask
		r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
			m := r.ask(ctx, s.Server, o, question(r.Name(), q.kind, false))
			var found netip.Addr
			if m != nil {
				judgeName(o, m)
				if o.Ask == verdict.Address {
					r.sealed(s)
					r.keys(s, o.RTT)
				}
				if all := addresses(m); len(all) > 0 {
					found = all[0]
					r.nameKnown(found)
				}
			}
			if o.Ask == verdict.Address {
				first <- found
			}
		})
	}
	o.Ask = verdict.Random
	r.start(o, false, func(ctx context.Context, o *verdict.Outcome) {
		if m := r.ask(ctx, s.Server, o, question(unlikely(), dns.TypeA, false)); m != nil {
			judgeRandom(o, m, <-first)
		}
	})
}

// askDomain asks a name server that others' names are not asked of, as that of a VPN,
// for its own domain: whether that has an address is not known.
func (r *run) askDomain(s Server) {
	r.start(s.outcome(verdict.Address), true, func(ctx context.Context, o *verdict.Outcome) {
		if m := r.ask(ctx, s.Server, o, question(string(s.Domain), dns.TypeA, false)); m != nil {
			judgeDomain(o, m)
		}
	})
}

// unlikely returns a name below a domain that exists, which nobody has.
func unlikely() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // It never fails.
	return "x" + hex.EncodeToString(b[:]) + ".com"
}

// askNowhere asks where no name server can be.
func (r *run) askNowhere() {
	o := verdict.Outcome{Ask: verdict.Stray, Role: fact.RoleResolver, Family: fact.IPv4, Addr: nowhere}
	r.start(o, false, func(ctx context.Context, o *verdict.Outcome) {
		if m := r.ask(ctx, fact.Server{Addr: nowhere, Port: 53}, o, question(r.Name(), dns.TypeA, false)); m != nil {
			o.Result, o.Answered = fact.OutcomeOK, 1
		}
	})
}

// A try is what became of one question that was asked once.
type try struct {
	probes.Reply
	err  error
	took time.Duration
}

// ask asks one question, and once more from another port when nothing comes for a
// while: whichever is answered first counts. It returns nil, and says why in o, where
// there is no answer.
func (r *run) ask(ctx context.Context, s fact.Server, o *verdict.Outcome, q *dns.Msg) *dns.Msg {
	ctx, cancel := context.WithTimeout(ctx, slowIn)
	defer cancel()
	tries, open, stray := make(chan try, 2), 0, false
	put := func() {
		open++
		own := q.Copy() // Packing writes to it.
		r.flying.Go(func() {
			sent := time.Now()
			reply, err := r.once(ctx, s, own)
			tries <- try{reply, err, time.Since(sent)}
		})
	}
	put()
	again, late := time.After(resendAfter), time.After(answerIn)
	for {
		select {
		case <-again:
			if ctx.Err() == nil {
				put()
			}
		case <-late:
			if !r.slow(s) {
				cancel()
			}
		case got := <-tries:
			open--
			stray = stray || got.Stray
			m, timeout := r.answered(o, got)
			if timeout && open > 0 {
				o.Result = ""
				continue
			}
			if m == nil {
				r.silent(o, stray, s.Addr)
			}
			return m
		}
	}
}

// answered puts what became of a try into an outcome. It returns the answer, or nil,
// and whether there is none since none came in time.
func (r *run) answered(o *verdict.Outcome, got try) (m *dns.Msg, timeout bool) {
	switch {
	case got.err == nil:
		o.Answered, o.RTT = 1, got.took
		return got.Msg, false
	case got.TCP:
		o.Result, o.Why, o.Answered = fact.OutcomeBadAnswer, verdict.WhyTruncated, 1
	case got.Msg != nil && malformed(got.err):
		o.Result, o.Why, o.Answered = fact.OutcomeBadAnswer, verdict.WhyRcode, 1
		o.Said = "what can't be read"
	default:
		r.failed(o, got.err)
	}
	return nil, o.Result == fact.OutcomeTimeout
}

// slow reports whether a name server is there that has not yet answered what it is
// asked, in any form: it may take its time.
func (r *run) slow(s fact.Server) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	there := false
	for _, a := range r.asks {
		if a.Role != fact.RoleResolver || a.Addr != s.Addr || !a.done {
			continue
		}
		switch ok := a.Result == fact.OutcomeOK; a.Ask {
		case verdict.Address, verdict.Plain:
			if ok {
				return false
			}
		case verdict.Version, verdict.Connect:
			there = there || ok
		}
	}
	return there
}

// once asks one question once.
func (r *run) once(ctx context.Context, s fact.Server, q *dns.Msg) (probes.Reply, error) {
	r.spent(dnsCost)
	index := s.Index
	if index == 0 {
		index = r.index(s.Addr)
	}
	return probes.Ask(ctx, netip.AddrPortFrom(s.Addr, s.Port), index, q)
}

// silent says why a name server may not have been heard.
func (r *run) silent(o *verdict.Outcome, stray bool, a netip.Addr) {
	switch {
	case o.Result != fact.OutcomeTimeout:
	case stray:
		o.Why = verdict.WhyStrayID
	case probes.FilteredStrictly(a, r.scope.Index):
		o.Result, o.Why = fact.OutcomeNoData, verdict.WhyStrict
	}
}

// malformed reports whether an answer came that can't be read.
func malformed(err error) bool {
	_, ok := errors.AsType[*dns.Error](err)
	return ok
}

// nameKnown enters an address of the check's host, and fetches its page by the
// first of each family.
func (r *run) nameKnown(a netip.Addr) {
	f := fact.FamilyOf(a)
	i := 0
	if f == fact.IPv6 {
		i = 1
	}
	r.mu.Lock()
	known := r.names[i].IsValid()
	if !known {
		r.names[i] = a
	}
	r.mu.Unlock()
	if host, port := r.host(); !known && host != "" && r.online(f) {
		r.page(f, a, port)
	}
}
