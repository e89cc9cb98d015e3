package checkup

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
	"flapscope/probes/sock"
)

// A Lookup is what one name server answered for one kind of address of a name.
type Lookup struct {
	Server Server
	Family fact.Family
	// Outcome is what became of the question.
	verdict.Outcome
	// Addrs are the addresses, in order of their value, and Aliases the other names
	// that led there.
	Addrs   []netip.Addr
	Aliases []fact.Untrusted
	// TTL is how long the answer may be kept, at the least.
	TTL time.Duration
	// TCP is whether it took TCP.
	TCP bool
}

// lookupIn is how long a name server may take; it is asked twice.
const lookupIn = 2 * time.Second

// LookUp asks all servers for the addresses of a name, in both families, at once.
func LookUp(ctx context.Context, name string, all []Server) []Lookup {
	out := make([]Lookup, 2*len(all))
	var asking sync.WaitGroup
	for i, s := range all {
		for n, f := range fact.Families {
			asking.Go(func() { out[2*i+n] = lookUp(ctx, name, s, f) })
		}
	}
	asking.Wait()
	return out
}

func lookUp(ctx context.Context, name string, s Server, f fact.Family) Lookup {
	kind, ask := dns.TypeA, verdict.Address
	if f == fact.IPv6 {
		kind, ask = dns.TypeAAAA, verdict.Address6
	}
	l := Lookup{Server: s, Family: f, Outcome: s.outcome(ask)}
	l.Outcome.Family, l.Sent = f, 1
	var err error
	for range 2 {
		var reply probes.Reply
		limited, cancel := context.WithTimeout(ctx, lookupIn)
		began := time.Now()
		reply, err = probes.Ask(limited, netip.AddrPortFrom(s.Addr, s.Port), s.Index, question(name, kind, false))
		cancel()
		l.TCP = reply.TCP
		if err == nil {
			l.RTT = time.Since(began)
			l.read(reply.Msg)
			return l
		}
	}
	fail(&l.Outcome, func(*sock.Refusal) bool { return false }, err)
	return l
}

// read takes in an answer.
func (l *Lookup) read(m *dns.Msg) {
	judgeInside(&l.Outcome, m)
	l.Addrs = addresses(m)
	slices.SortFunc(l.Addrs, netip.Addr.Compare)
	for i, rr := range m.Answer {
		ttl := time.Duration(rr.Header().Ttl) * time.Second
		if i == 0 || ttl < l.TTL {
			l.TTL = ttl
		}
		if alias, ok := rr.(*dns.CNAME); ok {
			l.Aliases = append(l.Aliases, fact.Untrusted(alias.Target))
		}
	}
}

// Agree reports whether two servers answered the same: the same addresses, or
// the same code.
func (l *Lookup) Agree(o *Lookup) bool {
	return l.Result == o.Result && l.Why == o.Why && slices.Equal(l.Addrs, o.Addrs)
}

// Overlap reports whether the answers have an address in common, as those of a
// name do that is spread over many.
func (l *Lookup) Overlap(o *Lookup) bool {
	return slices.ContainsFunc(l.Addrs, func(a netip.Addr) bool { return slices.Contains(o.Addrs, a) })
}
