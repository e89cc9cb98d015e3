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

// ask asks one question, and once more when nothing comes. It returns nil, and
// says why in o, where there is no answer.
func (r *run) ask(ctx context.Context, s fact.Server, o *verdict.Outcome, q *dns.Msg) *dns.Msg {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	for try := 0; ; try++ {
		limited, done := ctx, cancel
		if try == 0 {
			limited, done = context.WithTimeout(ctx, resendAfter)
		}
		sent := time.Now()
		reply, err := r.once(limited, s, q)
		done()
		switch {
		case err == nil:
			o.Answered, o.RTT = 1, time.Since(sent)
			return reply.Msg
		case reply.TCP:
			o.Result, o.Why, o.Answered = fact.OutcomeBadAnswer, verdict.WhyTruncated, 1
			return nil
		case reply.Msg != nil && malformed(err):
			o.Result, o.Why, o.Answered = fact.OutcomeBadAnswer, verdict.WhyRcode, 1
			o.Said = "what can't be read"
			return nil
		}
		r.failed(o, err)
		if o.Result != fact.OutcomeTimeout || try > 0 || ctx.Err() != nil {
			r.silent(o, reply.Stray, s.Addr)
			return nil
		}
		o.Result = ""
	}
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
