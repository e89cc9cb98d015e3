package checkup

import (
	"context"
	"crypto/tls"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
)

// What is asked for notes alone: how names are looked up in private, and how IPv4 is
// reached from a network without it.

// private opens a connection for DNS over TLS (RFC 7858) to an operator that promises
// it and has just taken one to port 443. Where nothing gets through it would be too
// many packets: a Linux router says of five at once that there is no way (ip_error).
func (r *run) private(o verdict.Outcome) {
	o = verdict.Outcome{Ask: verdict.Private, Role: o.Role, Family: o.Family, Operator: o.Operator, Addr: o.Addr}
	r.start(o, false, func(ctx context.Context, o *verdict.Outcome) {
		if conn := r.dial(ctx, o, netip.AddrPortFrom(o.Addr, 853)); conn != nil {
			conn.Close()
		}
	})
}

// sealed asks a name server that has answered over TLS, too, as programs do that take
// it where it is there: whose certificate it is, they can't tell (RFC 7858 §4.1).
func (r *run) sealed(s Server) {
	if s.Addr.IsLoopback() {
		return
	}
	o := s.outcome(verdict.Sealed)
	o.Sent = 1
	r.flying.Go(func() {
		conn := r.dial(r.ctx, &o, netip.AddrPortFrom(s.Addr, 853))
		if conn == nil {
			r.enter(o)
			return
		}
		r.start(o, false, func(ctx context.Context, o *verdict.Outcome) {
			c, release := r.counting(ctx, conn)
			defer release()
			//nolint:gosec // There is no name that it could be verified for.
			t := tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"dot"}})
			over := &dns.Conn{Conn: t}
			began := time.Now()
			err := over.WriteMsg(question(r.Name(), dns.TypeA, false))
			if err == nil {
				_, err = over.ReadMsg()
			}
			if err != nil {
				r.failed(o, err)
				return
			}
			o.Result, o.Answered, o.RTT = fact.OutcomeOK, 1, time.Since(began)
		})
	})
}

// Bounds on how long a connection for DNS over TLS is waited for: it takes as long as
// one to port 443 of the same host, and what takes four times that is not let through.
const (
	privateLeast = 60 * time.Millisecond
	privateMost  = time.Second
)

// overdue reports whether a connection for DNS over TLS that is still open now does
// not come any more. It runs under the lock.
func (r *run) overdue() bool {
	took := time.Duration(0)
	for _, a := range r.asks {
		if a.done && a.Ask == verdict.Connect && a.Role == fact.RoleInternet && a.Result == fact.OutcomeOK {
			took = max(took, a.RTT)
		}
	}
	return time.Since(r.began) > min(max(4*took, privateLeast), privateMost)
}

// elsewhere makes TLS with the host of the portal check, where it was made with
// nobody who stands for the internet: they are name servers, and some networks block
// just those.
func (r *run) elsewhere(e *verdict.Evidence) {
	secured := func(o verdict.Outcome) bool { return o.Ask == verdict.Secure && o.Result == fact.OutcomeOK }
	host, _ := r.host()
	if _, err := netip.ParseAddr(host); host == "" || err == nil || slices.ContainsFunc(e.Outcomes, secured) {
		return
	}
	r.mu.Lock()
	names := r.names
	r.mu.Unlock()
	for i, f := range fact.Families {
		if a := names[i]; a.IsValid() && r.online(f) && r.alive(e, f) {
			o := verdict.Outcome{Ask: verdict.Web, Role: fact.RolePortal, Family: f, Addr: a}
			r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
				if conn := r.dial(ctx, o, netip.AddrPortFrom(a, 443)); conn != nil {
					r.secure(ctx, o, conn, host)
				}
			})
			return
		}
	}
}

// onlyIPv4 is a name that has IPv4 addresses alone, those of wellKnown (RFC 7050).
const onlyIPv4 = "ipv4only.arpa"

var wellKnown = [...]netip.Addr{netip.MustParseAddr("192.0.0.170"), netip.MustParseAddr("192.0.0.171")}

// translators asks name servers by which prefix IPv4 is reached, where this machine
// has none. What a router has advertised holds before that (RFC 8781 §3).
func (r *run) translators() {
	if r.online(fact.IPv4) || !r.online(fact.IPv6) {
		return
	}
	if p := r.scope.Translator; p.IsValid() {
		w := &r.scope.Ways[1]
		r.enter(verdict.Outcome{
			Ask: verdict.Translated, Role: fact.RoleGateway, Family: fact.IPv6, Addr: w.Gateway,
			Result: fact.OutcomeOK, Said: fact.Untrusted(p.String()),
		})
		r.mapped(p)
	}
	for _, s := range r.scope.Servers {
		if !r.reaches(s.Addr) || s.Aside {
			continue
		}
		r.start(s.outcome(verdict.Translated), true, func(ctx context.Context, o *verdict.Outcome) {
			m := r.ask(ctx, s.Server, o, question(onlyIPv4, dns.TypeAAAA, false))
			if m == nil {
				return
			}
			o.Answered, o.Result = 1, fact.OutcomeOK
			for _, a := range addresses(m) {
				if p, ok := translation(a); ok {
					o.Said = fact.Untrusted(p.String())
					r.mapped(p)
					return
				}
			}
		})
	}
}

// mapped opens connections by way of a translator, unless another name server told of
// one already.
func (r *run) mapped(p netip.Prefix) {
	r.mu.Lock()
	again := slices.ContainsFunc(r.asks, func(a *ask) bool { return a.Ask == verdict.Mapped })
	r.mu.Unlock()
	if again {
		return
	}
	for _, a := range r.of(fact.IPv4) {
		o := verdict.Outcome{Ask: verdict.Mapped, Role: fact.RoleInternet, Family: fact.IPv6, Operator: r.operator(a), Addr: embed(p, a)}
		r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
			if conn := r.dial(ctx, o, netip.AddrPortFrom(o.Addr, 443)); conn != nil {
				conn.Close()
			}
		})
	}
}

// prefixLengths are those of translators (RFC 6052 §2.2).
var prefixLengths = [...]int{96, 64, 56, 48, 40, 32}

// octets are where in an address behind a prefix those of IPv4 are: around bits 64 to
// 71, which are zero.
func octets(bits int) (at [4]int) {
	for i, n := 0, bits/8; i < len(at); i, n = i+1, n+1 {
		if n == 8 {
			n++
		}
		at[i] = n
	}
	return at
}

// embed returns the address behind a prefix that stands for one of IPv4.
func embed(p netip.Prefix, a netip.Addr) netip.Addr {
	b, four := p.Masked().Addr().As16(), a.As4()
	for i, at := range octets(p.Bits()) {
		b[at] = four[i]
	}
	return netip.AddrFrom16(b)
}

// translation returns the prefix of an address that stands for one of IPv4 (RFC 6052
// §2.2), which is known to be one of wellKnown.
func translation(a netip.Addr) (p netip.Prefix, ok bool) {
	b := a.As16()
	for _, bits := range prefixLengths {
		var four [4]byte
		for i, at := range octets(bits) {
			four[i] = b[at]
		}
		if slices.Contains(wellKnown[:], netip.AddrFrom4(four)) {
			p, err := a.Prefix(bits)
			return p, err == nil
		}
	}
	return netip.Prefix{}, false
}
