package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// resolutionDelay is how long the addresses of one family wait for those of the
// other (RFC 8305 §3).
const resolutionDelay = 50 * time.Millisecond

// serverWithin is how long one name server has for an answer before the next one
// is asked. Resolvers wait for five seconds, longer than a probe may take: one
// dead server would make every target lost that has a name.
const serverWithin = 800 * time.Millisecond

// resolver is Go's own, which asks for one family at a time if it is told to;
// the C library's waits for both.
var resolver = &net.Resolver{
	PreferGo: true,
	Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if packets, ok := c.(*net.UDPConn); ok {
			return impatient{packets}, err
		}
		return c, err
	},
}

// An impatient connection waits no longer than serverWithin.
type impatient struct{ *net.UDPConn }

// SetDeadline implements net.Conn.
func (c impatient) SetDeadline(t time.Time) error {
	if soon := time.Now().Add(serverWithin); t.After(soon) {
		t = soon
	}
	return c.UDPConn.SetDeadline(t)
}

// addresses returns the addresses of t: its own, or those that its name has.
func addresses(ctx context.Context, t *fact.Target) ([]netip.Addr, error) {
	if t.Addr.IsValid() {
		return []netip.Addr{t.Addr}, nil
	}
	name := string(t.Host)
	switch t.Family {
	case fact.IPv4:
		return resolver.LookupNetIP(ctx, "ip4", name)
	case fact.IPv6:
		return resolver.LookupNetIP(ctx, "ip6", name)
	}
	return lookup(ctx, name, resolver.LookupNetIP)
}

// lookup asks for the addresses of both families at the same time. The
// resolver's own lookup of both waits until both are answered: where questions
// for IPv6 are dropped, for ten seconds, with the IPv4 address in hand.
func lookup(ctx context.Context, name string, ask func(ctx context.Context, network, name string) ([]netip.Addr, error)) ([]netip.Addr, error) {
	type answer struct {
		addrs []netip.Addr
		err   error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, 2)
	for _, network := range []string{"ip4", "ip6"} {
		go func() {
			addrs, err := ask(ctx, network, name)
			answers <- answer{addrs, err}
		}()
	}
	var all []netip.Addr
	var trouble error
	var late <-chan time.Time
	for range 2 {
		select {
		case a := <-answers:
			all = append(all, a.addrs...)
			trouble = worse(trouble, a.err)
			if len(all) > 0 && late == nil {
				late = time.After(resolutionDelay)
			}
		case <-late:
		}
	}
	if len(all) == 0 {
		return nil, trouble
	}
	sortByUse(all)
	return all, nil
}

// worse returns which of two errors of lookups says more: that a name has no
// address of one family says nothing of the other.
func worse(a, b error) error {
	if dns, ok := errors.AsType[*net.DNSError](a); a == nil || ok && dns.IsNotFound && b != nil {
		return b
	}
	return a
}

// sortByUse puts first what this machine has a way to, and of that IPv6, which
// is what programs try first (RFC 6724).
func sortByUse(addrs []netip.Addr) {
	rank := func(a netip.Addr) (n int) {
		if !routed(a) {
			n += 2
		}
		if a.Unmap().Is4() {
			n++
		}
		return n
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return rank(a) - rank(b) })
}

// routed reports whether this machine has a way to a. It connects a datagram
// socket, which sends nothing.
func routed(a netip.Addr) bool {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 9)))
	if err == nil {
		c.Close()
	}
	return err == nil
}
