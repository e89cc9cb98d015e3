package checkup

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// Sizes of answers that are asked for over UDP: what any path passes in two pieces at
// the most, what passes it in one (DNS flag day 2020), and what every resolver of RFC
// 1035 sends.
const (
	largest  = 4096
	unbroken = 1232
	smallest = 512
)

// Bounds on how long the keys of the root are waited for: four times what the name
// server took for an address.
const (
	keysLeast = 100 * time.Millisecond
	keysMost  = time.Second
)

// rootKeys asks for the keys of the root and their signatures, which every machine
// that validates asks for.
func rootKeys(size uint16) *dns.Msg {
	m := new(dns.Msg).SetQuestion(".", dns.TypeDNSKEY)
	m.SetEdns0(size, true)
	return m
}

// keys asks a name server, which took so long for an answer, for the keys of the root.
// Where they don't come, smaller answers tell whether it is their size.
func (r *run) keys(s Server, took time.Duration) {
	patience := min(max(4*took, keysLeast), keysMost)
	r.start(s.outcome(verdict.Keys), false, func(ctx context.Context, o *verdict.Outcome) {
		m := r.keysWithin(ctx, s.Server, patience, largest).Msg
		if m == nil {
			m = r.shrink(ctx, s.Server, o, patience)
		}
		switch {
		case o.Why != "":
			o.Result, o.Answered = fact.OutcomeOK, 1
		case m == nil:
			o.Result = fact.OutcomeNoData
		default:
			o.Result, o.Answered = fact.OutcomeOK, 1
			if unsigned(m) {
				o.Why = verdict.WhyUnsigned
			}
		}
	})
}

// shrink asks for the keys in smaller answers, which come over TCP where they are cut
// short, and returns them, or nil. They are asked for at full size once more before that
// is taken for the reason.
func (r *run) shrink(ctx context.Context, s fact.Server, o *verdict.Outcome, patience time.Duration) *dns.Msg {
	patience = min(2*patience, keysMost) // TCP takes longer.
	var medium, small probes.Reply
	var both sync.WaitGroup
	both.Go(func() { medium = r.keysWithin(ctx, s, patience, unbroken) })
	both.Go(func() { small = r.keysWithin(ctx, s, patience, smallest) })
	both.Wait()
	whole := cmp.Or(medium.Msg, small.Msg)
	if whole == nil && !small.TCP && !medium.TCP {
		return nil
	}
	if again := r.keysWithin(ctx, s, keysMost, largest).Msg; again != nil {
		return again
	}
	switch {
	case medium.TCP:
		o.Why, o.MTU = verdict.WhyLarge, unbroken
	case medium.Msg == nil && small.TCP:
		o.Why, o.MTU = verdict.WhyLarge, smallest
	}
	if whole == nil {
		o.Why = verdict.WhyTruncated
	}
	return whole
}

// keysWithin asks once for the keys in an answer of a size. The reply says whether it
// was cut short, even if TCP gave none then.
func (r *run) keysWithin(ctx context.Context, s fact.Server, patience time.Duration, size uint16) probes.Reply {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := r.once(ctx, s, rootKeys(size))
	if err != nil {
		reply.Msg = nil
		return reply
	}
	r.spent(reply.Len())
	return reply
}

// unsigned reports whether an answer with the keys of the root, which is signed, has
// lost the signatures, and whoever lost them has not checked them either.
func unsigned(m *dns.Msg) bool {
	if m.Rcode != dns.RcodeSuccess || m.AuthenticatedData {
		return false
	}
	keys := false
	for _, rr := range m.Answer {
		switch rr.Header().Rrtype {
		case dns.TypeRRSIG:
			return false
		case dns.TypeDNSKEY:
			keys = true
		}
	}
	return keys
}
