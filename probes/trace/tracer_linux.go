package trace

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"flapscope/probes/burst"
	"flapscope/probes/sock"
)

// A Tracer asks the routers on a way.
type Tracer struct {
	target Target
	socket *burst.Socket
	// packets counts those that were sent.
	packets int
}

// New returns a tracer.
func New(t Target) (*Tracer, error) {
	kind := burst.Echo
	switch {
	case t.Method == UDP:
		kind = burst.Datagram
	case t.Raw:
		kind = burst.RawEcho
	}
	x := &Tracer{target: t}
	if t.Method == TCP {
		return x, nil
	}
	var err error
	x.socket, err = burst.Open(kind, t.Addr.Is6(), t.Index)
	return x, err
}

// Close closes what is open.
func (x *Tracer) Close() {
	if x.socket != nil {
		x.socket.Close()
	}
}

// Packets returns how many packets were sent.
func (x *Tracer) Packets() int { return x.packets }

// Round asks hops 1 to n at once, and returns when it is known who answers up to
// the end, or after a second.
func (x *Tracer) Round(ctx context.Context, n int) []Answer {
	ttls := make([]int, n)
	for i := range ttls {
		ttls[i] = i + 1
	}
	return x.Ask(ctx, ttls)
}

// Ask asks routers at some distances, in growing order, at once.
func (x *Tracer) Ask(ctx context.Context, ttls []int) []Answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	x.packets += len(ttls)
	if x.target.Method == TCP {
		return x.connect(ctx, ttls)
	}
	numbers := make([]int, len(ttls))
	for i, ttl := range ttls {
		numbers[i] = x.socket.Send(burst.Packet{To: x.target.Addr, TTL: ttl})
	}
	// What a socket has to say first comes with the poller; a tick is for the
	// case that nothing does.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		out, done := x.answers(numbers)
		if done {
			return out
		}
		select {
		case <-ctx.Done():
			return out
		case <-x.socket.News():
		case <-tick.C:
		}
	}
}

// answers returns what became of packets so far, and whether all is known up to
// the first that ended the way.
func (x *Tracer) answers(numbers []int) (out []Answer, done bool) {
	done = true
	ended := false
	for _, n := range numbers {
		a := x.socket.Answer(n)
		got := answer(&a, x.target.Addr)
		out = append(out, got)
		ended = ended || got.End || got.Refusal != nil
		if !a.Done() && !ended {
			done = false
		}
	}
	return out, done
}

// answer says what became of a packet.
func answer(a *burst.Answer, to netip.Addr) Answer {
	switch {
	case a.Replied:
		return Answer{Addr: a.From, RTT: a.RTT, End: true}
	case a.Refusal != nil:
		return refused(a.Refusal, a.RTT, to)
	}
	if r, ok := errors.AsType[*sock.Refusal](a.Err); ok {
		return Answer{Refusal: r}
	}
	return Answer{}
}

// refused says what a refusal is: that the packet had gone far enough, that the
// end has no such port, or that somebody forbids it.
func refused(r *sock.Refusal, rtt time.Duration, to netip.Addr) Answer {
	out := Answer{Addr: r.Offender, RTT: rtt}
	exceeded := r.Protocol == sock.ICMP && r.Type == 11 || r.Protocol == sock.ICMPv6 && r.Type == 3
	switch {
	case exceeded:
	case r.Port() && r.Offender == to:
		out.End = true
	default:
		out.Refusal = r
	}
	return out
}

// connect asks by TCP: a socket for each distance, since each sends one SYN.
func (x *Tracer) connect(ctx context.Context, ttls []int) []Answer {
	out := make([]Answer, len(ttls))
	var all sync.WaitGroup
	for i, ttl := range ttls {
		all.Go(func() {
			began := time.Now()
			to := netip.AddrPortFrom(x.target.Addr, x.target.Port)
			conn, err := sock.ConnectWithin(ctx, to, x.target.Index, ttl)
			rtt := time.Since(began)
			r, ok := errors.AsType[*sock.Refusal](err)
			switch {
			case err == nil:
				if conn.RTT > 0 {
					rtt = conn.RTT
				}
				conn.Close()
				out[i] = Answer{Addr: x.target.Addr, RTT: rtt, End: true}
			case errors.Is(err, syscall.ECONNREFUSED) && (!ok || r.Protocol == sock.Local):
				out[i] = Answer{Addr: x.target.Addr, RTT: rtt, End: true}
			case ok:
				out[i] = refused(r, rtt, x.target.Addr)
			}
		})
	}
	all.Wait()
	return out
}

// ladder are the sizes that are tried where nobody says how large a packet may
// be.
var ladder = [...]int{1492, 1480, 1472, 1440, 1420, 1400, 1280}

// MTU finds out how large a packet to the target may be that is not cut to
// pieces, from the size of the link on, and who said so. It is 0 where that can't
// be told.
func (x *Tracer) MTU(ctx context.Context, link int) (mtu int, by netip.Addr) {
	if x.target.Method != ICMP {
		return 0, netip.Addr{}
	}
	sizes := []int{link}
	best := 0
	// What is silent is asked again: one that is lost by chance is not too large.
	for try := 0; try < tries && len(sizes) > 0; try++ {
		var silent []int
		for _, a := range x.large(ctx, sizes...) {
			switch {
			case a.Replied:
				best = max(best, a.Size)
			case a.Refusal != nil && a.Refusal.MTU != 0 && a.Refusal.MTU < a.Size:
				if told := a.Refusal.MTU; !by.IsValid() || told < link {
					link, by, try = told, a.Refusal.Offender, -1
					silent = append(silent, told)
				}
			default:
				silent = append(silent, a.Size)
			}
		}
		if best == link {
			return link, by
		}
		if try == 0 {
			silent = append(silent, ladder[:]...)
		}
		sizes = slices.DeleteFunc(silent, func(size int) bool { return size <= best || size > link })
	}
	return best, by
}

// tries is how often a size is asked for of which nothing is heard.
const tries = 3

// large sends packets of sizes, at once.
func (x *Tracer) large(ctx context.Context, sizes ...int) []burst.Answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	x.packets += len(sizes)
	numbers := make([]int, len(sizes))
	for i, size := range sizes {
		numbers[i] = x.socket.Send(burst.Packet{To: x.target.Addr, Size: size})
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		out := make([]burst.Answer, len(sizes))
		done := true
		for i, n := range numbers {
			out[i] = x.socket.Answer(n)
			done = done && out[i].Done()
		}
		select {
		case <-ctx.Done():
			return out
		default:
		}
		if done {
			return out
		}
		select {
		case <-ctx.Done():
		case <-x.socket.News():
		case <-tick.C:
		}
	}
}
