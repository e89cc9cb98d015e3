package echo

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/probes/sock"
)

func TestMain(m *testing.M) { os.Exit(netlab.Run(m)) }

// engine returns an engine whose sockets are opened in a namespace.
func engine(t testing.TB) *Engine {
	e := new(Engine)
	t.Cleanup(func() { e.Close() })
	return e
}

func ping(t testing.TB, ns *netlab.Namespace, e *Engine, r Request, timeout time.Duration) (reply Reply, err error) {
	t.Helper()
	if e := ns.Do(func() error {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		reply, err = e.Ping(ctx, r)
		return nil
	}); e != nil {
		t.Fatal(e)
	}
	return reply, err
}

func kinds(t *testing.T, fn func(t *testing.T, raw bool)) {
	for name, raw := range map[string]bool{"ping-socket": false, "raw": true} {
		t.Run(name, func(t *testing.T) { fn(t, raw) })
	}
}

func request4(raw bool) Request { return Request{Addr: netip.MustParseAddr("198.51.100.2"), Raw: raw} }

func request6(raw bool) Request {
	return Request{Addr: netip.MustParseAddr("2001:db8:2::2"), Raw: raw}
}

func TestReply(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		for _, r := range []Request{request4(raw), request6(raw)} {
			got, err := ping(t, l.Here, e, r, 3*time.Second)
			if err != nil || got.TTL != 63 || got.Index == 0 || got.RTT <= 0 {
				t.Errorf("%v: %+v, %v; want an answer with a TTL of 63 by an interface", r.Addr, got, err)
			}
		}
	})
}

// TestWhoRefuses asks who said no, and in which words.
func TestWhoRefuses(t *testing.T) {
	l := netlab.NewChain(t)
	l.Gateway.IP(t, "route add unreachable 203.0.113.1/32")
	l.Gateway.IP(t, "route add prohibit 203.0.113.2/32")
	l.Gateway.IP(t, "-6 route add unreachable 2001:db8:3::1/128")
	l.Gateway.IP(t, "-6 route add prohibit 2001:db8:3::2/128")
	gateway, gateway6 := netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8:1::2")
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		for _, tt := range []struct {
			addr, words string
			errno       syscall.Errno
			offender    netip.Addr
		}{
			{"203.0.113.1", "host unreachable", syscall.EHOSTUNREACH, gateway},
			{"203.0.113.2", "administratively prohibited", syscall.EHOSTUNREACH, gateway},
			{"203.0.113.9", "network unreachable", syscall.ENETUNREACH, gateway},
			{"2001:db8:3::1", "network unreachable: no route", syscall.ENETUNREACH, gateway6},
			{"2001:db8:3::2", "administratively prohibited", syscall.EACCES, gateway6},
			{"192.0.2.77", "host unreachable: no answer to ARP", syscall.EHOSTUNREACH, netip.Addr{}},
			{"2001:db8:1::77", "host unreachable: no answer to neighbour discovery", syscall.EHOSTUNREACH, netip.Addr{}},
		} {
			request := Request{Addr: netip.MustParseAddr(tt.addr), Raw: raw}
			_, err := ping(t, l.Here, e, request, 5*time.Second)
			if errors.Is(err, context.DeadlineExceeded) {
				// Some kernels say it once a second (ip_error in net/ipv4/route.c).
				_, err = ping(t, l.Here, e, request, 5*time.Second)
			}
			r, ok := errors.AsType[*sock.Refusal](err)
			if !ok {
				t.Errorf("%s: %v, want a refusal", tt.addr, err)
				continue
			}
			if r.Words() != tt.words || r.Errno != tt.errno || r.Own == tt.offender.IsValid() || !r.Own && r.Offender != tt.offender {
				t.Errorf("%s: %+v (%s), want %q and %v from %v", tt.addr, *r, r, tt.words, tt.errno, tt.offender)
			}
		}
	})
}

// TestEachSendSaysItsOwn checks that what was said of one request ends no other:
// the kernel returns a pending error from the next send, and sends nothing.
func TestEachSendSaysItsOwn(t *testing.T) {
	l := netlab.NewChain(t)
	l.Gateway.IP(t, "route add prohibit 203.0.113.2/32")
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		prohibited := Request{Addr: netip.MustParseAddr("203.0.113.2"), Raw: raw}
		good := request4(raw)
		if _, err := ping(t, l.Here, e, good, 3*time.Second); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			f, err := e.Send(prohibited, func(Answer) {})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ping(t, l.Here, e, good, 3*time.Second); err != nil {
				t.Fatalf("request %d after a prohibited one: %+v, %v", i, got, err)
			}
			f.GiveUp()
		}
	})
}

// TestLocalFirewall: the kernel says that the packet filter dropped a request,
// but for an IPv6 ping socket, whose send ignores what becomes of the packet
// (ping_v6_sendmsg in net/ipv6/ping.c).
func TestLocalFirewall(t *testing.T) {
	l := netlab.NewChain(t)
	l.Here.Filter(t, `table inet x {
		chain c {
			type filter hook output priority 0
			icmp type echo-request drop
			icmpv6 type echo-request drop
		}
	}
	`)
	kinds(t, func(t *testing.T, raw bool) {
		for _, r := range []Request{request4(raw), request6(raw)} {
			_, err := ping(t, l.Here, engine(t), r, 200*time.Millisecond)
			if r.Addr.Is6() && !raw {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v: %v, want silence", r.Addr, err)
				}
				continue
			}
			if refusal, ok := errors.AsType[*sock.Refusal](err); !ok || refusal.Errno != syscall.EPERM || !refusal.Kernel() {
				t.Errorf("%v: %v, want EPERM of the kernel", r.Addr, err)
			}
		}
	})
}

// TestOthersReplies runs two engines side by side: neither may take the other's
// replies, though raw sockets see them all.
func TestOthersReplies(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		one, two := engine(t), engine(t)
		for i := range 10 {
			for _, e := range []*Engine{one, two} {
				if _, err := ping(t, l.Here, e, request4(raw), 3*time.Second); err != nil {
					t.Fatalf("request %d: %v", i, err)
				}
			}
		}
		l.There.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
		defer l.There.Sysctl(t, "ipv4/icmp_echo_ignore_all", "0")
		if got, err := ping(t, l.Here, one, request4(raw), 200*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v, %v; want no answer", got, err)
		}
	})
}

// TestNewInterface deletes the interface of a socket and makes one again: the
// socket of the old one says ENODEV for ever.
func TestNewInterface(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		for round := range 3 {
			r := request4(raw)
			if err := l.Here.Do(func() error {
				i, err := net.InterfaceByName("l0")
				if err == nil {
					r.Index = i.Index
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if got, err := ping(t, l.Here, e, r, 3*time.Second); err != nil || got.Index != r.Index {
				t.Fatalf("round %d: %+v, %v", round, got, err)
			}
			l.Here.IP(t, "link del l0")
			if _, err := ping(t, l.Here, e, r, time.Second); !errors.Is(err, syscall.ENODEV) && !errors.Is(err, syscall.ENXIO) {
				t.Errorf("round %d, without the interface: %v, want ENODEV", round, err)
			}
			// A fresh interface under the same index.
			l.Gateway.IP(t, "link add l1 type veth peer name l0 index "+strconv.Itoa(r.Index)+" netns "+l.Here.Name)
			l.Gateway.IP(t, "addr add 192.0.2.2/24 dev l1")
			l.Here.IP(t, "addr add 192.0.2.1/24 dev l0")
			l.Gateway.IP(t, "link set l1 up")
			l.Here.IP(t, "link set l0 up")
			l.Here.IP(t, "route add default via 192.0.2.2")
		}
	})
}

// TestClose checks that a request after the end opens what it needs.
func TestClose(t *testing.T) {
	l := netlab.NewChain(t)
	e := engine(t)
	for range 3 {
		for range 2 {
			began := time.Now()
			if _, err := ping(t, l.Here, e, request4(false), 3*time.Second); err != nil || time.Since(began) > 2*time.Second {
				t.Fatalf("%v after %v", err, time.Since(began))
			}
		}
		e.Hold(true) // It ends with the sockets.
		e.Close()
	}
}

// TestHold: answers wait until they are collected, and come by themselves
// otherwise, however often that changes.
func TestHold(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		answers := make(chan Answer, 10)
		send := func() {
			t.Helper()
			if err := l.Here.Do(func() error {
				_, err := e.Send(request4(raw), func(a Answer) { answers <- a })
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		wait := func() {
			t.Helper()
			select {
			case a := <-answers:
				if a.Err != nil || a.RTT <= 0 || a.RTT > 100*time.Millisecond {
					t.Errorf("%+v: the wait is not the network's", a)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("no answer")
			}
		}
		for range 5 {
			send()
			wait()
			e.Hold(true)
			send() // What is read now was watched before.
			time.Sleep(200 * time.Millisecond)
			e.Collect()
			wait()
			send()
			time.Sleep(200 * time.Millisecond)
			if len(answers) > 0 {
				t.Error("an answer did not wait")
			}
			e.Collect()
			wait()
			send()
			e.Hold(false)
			wait()
		}
	})
}

// TestQueue: behind a slow queue of this machine's own a request waits, and how
// long it did is not the network's.
func TestQueue(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		for _, r := range []Request{request4(raw), request6(raw)} {
			e := engine(t)
			r.Queue = true
			for range 20 {
				if got, err := ping(t, l.Here, e, r, 3*time.Second); err != nil || got.Queue > 20*time.Millisecond {
					t.Errorf("%v, without a backlog: %+v, %v", r.Addr, got, err)
				}
				// The first stamps may be missing: the kernel switches them on late.
				time.Sleep(10 * time.Millisecond)
			}
			if out, err := l.Here.Command("tc", "qdisc", "add", "dev", "l0", "root", "tbf", "rate", "64kbit", "burst", "1600", "limit", "30000").CombinedOutput(); err != nil {
				t.Skipf("SKIPPED: needs tbf: %s", out)
			}
			if err := l.Here.Do(func() error {
				c, err := net.ListenPacket("udp", ":0")
				if err != nil {
					return err
				}
				defer c.Close()
				for range 6 {
					if _, err := c.WriteTo(make([]byte, 1400), &net.UDPAddr{IP: net.IPv4(198, 51, 100, 2), Port: 9}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			got, err := ping(t, l.Here, e, r, 5*time.Second)
			if err != nil || got.Queue < 150*time.Millisecond || got.RTT-got.Queue > 100*time.Millisecond {
				t.Errorf("%v, behind a backlog: %+v, %v", r.Addr, got, err)
			}
			l.Here.Command("tc", "qdisc", "del", "dev", "l0", "root").Run()
		}
	})
}
