package echo

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
	"flapscope/probes/sock"
)

// TestTraps: what the error queue and the stamps hold ready for whoever takes
// them as they come. The rows are named as what must not happen.
func TestTraps(t *testing.T) {
	for name, row := range map[string]func(*testing.T, netlab.Chain, bool){
		"a send says what an earlier one met":          pendingErrors,
		"a stamp is of another packet":                 numbersOutOfStep,
		"a reply without a stamp takes no time":        noStamp,
		"a wake-up leaves something in a queue":        bothQueues,
		"what a router says seldom is all that counts": routersAreTerse,
		"a step of the clock is a round trip":          clockSteps,
	} {
		t.Run(name, func(t *testing.T) {
			l := netlab.NewChain(t)
			kinds(t, func(t *testing.T, raw bool) { row(t, l, raw) })
		})
	}
}

// pendingErrors: the kernel returns a pending error from the next send, and
// sends nothing, whatever the error.
func pendingErrors(t *testing.T, l netlab.Chain, raw bool) {
	l.There.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	l.There.Sysctl(t, "ipv6/icmp/echo_ignore_all", "1")
	messages := make(chan errorsFrom, 1)
	current := func() errorsFrom { return <-messages }
	serveErrors(t, l.There, "ip4:icmp", current)
	serveErrors(t, l.There, "ip6:ipv6-icmp", current)
	for _, tt := range []struct {
		refused Request
		good    string
		message errorsFrom
	}{
		{request4(raw), "192.0.2.2", errorsFrom{kind: 3, code: 3}},
		{request4(raw), "192.0.2.2", errorsFrom{kind: 3, code: 13}},
		{request4(raw), "192.0.2.2", errorsFrom{kind: 3, code: 4, mtu: 1400}},
		{request6(raw), "2001:db8:1::2", errorsFrom{kind: 1, code: 4}},
		{request6(raw), "2001:db8:1::2", errorsFrom{kind: 2, mtu: 1400}},
	} {
		e := engine(t)
		good := Request{Addr: netip.MustParseAddr(tt.good), Raw: raw}
		if _, err := ping(t, l.Here, e, good, 3*time.Second); err != nil {
			t.Fatal(err)
		}
		tt.message.quoted = messageLen
		e.Hold(true) // Nothing is read but before a send.
		for range 5 {
			messages <- tt.message
			send(t, l.Here, e, tt.refused, func(Answer) {})
			time.Sleep(20 * time.Millisecond)
			answers := make(chan Answer, 1)
			send(t, l.Here, e, good, func(a Answer) { answers <- a })
			for deadline := time.Now().Add(3 * time.Second); len(answers) == 0; e.Collect() {
				if time.Now().After(deadline) {
					t.Fatalf("no answer after %+v", tt.message)
				}
				time.Sleep(time.Millisecond)
			}
			if a := <-answers; a.Err != nil {
				t.Errorf("after %+v: %v", tt.message, a.Err)
			}
		}
	}
}

// send sends a request in a namespace.
func send(t *testing.T, ns *netlab.Namespace, e *Engine, r Request, report func(Answer)) (f *Flight) {
	t.Helper()
	if err := ns.Do(func() (err error) {
		f, err = e.Send(r, report)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return f
}

// numbersOutOfStep: some sends that fail use up a number and others don't; what
// a request waited in the queue is its own all the same. That of the others is a
// hundred times as long.
func numbersOutOfStep(t *testing.T, l netlab.Chain, raw bool) {
	l.Here.Filter(t, `table inet x {
		chain c {
			type filter hook output priority 0
			ip daddr 203.0.113.7 drop
		}
	}
	`)
	defer l.Here.Command("nft", "flush", "ruleset").Run()
	l.Here.IP(t, "route replace unreachable 203.0.113.8")
	e := engine(t)
	request := request4(raw)
	request.Queue = true
	known := 0
	for i := range 50 {
		if err := l.Here.Do(func() error {
			for _, a := range []string{"203.0.113.7", "203.0.113.8"} {
				r := Request{Addr: netip.MustParseAddr(a), Raw: raw, Queue: true}
				if _, err := e.Send(r, func(Answer) {}); err == nil {
					return errors.New(a + " was sent")
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		got, err := ping(t, l.Here, e, request, 3*time.Second)
		if err != nil || got.Queue > got.RTT || got.Queue > 100*time.Millisecond {
			t.Errorf("request %d: %+v, %v", i, got, err)
		}
		if got.Queue > 0 {
			known++
		}
		time.Sleep(2 * time.Millisecond)
	}
	if known < 40 {
		t.Errorf("%d of 50 requests have stamps", known)
	}
}

// noStamp: the kernel switches stamps on with a delay. Without one the round trip
// is that of the own clock, and said to be uncertain.
func noStamp(t *testing.T, l netlab.Chain, raw bool) {
	e := engine(t)
	for _, r := range []Request{request4(raw), request6(raw)} {
		if _, err := ping(t, l.Here, e, r, 3*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range e.sockets {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []Request{request4(raw), request6(raw)} {
		began := time.Now()
		got, err := ping(t, l.Here, e, r, 3*time.Second)
		if err != nil || !got.Uncertain || got.RTT <= 0 || got.RTT > time.Since(began) {
			t.Errorf("%v: %+v, %v", r.Addr, got, err)
		}
	}
}

// bothQueues: replies and errors that come in at once are all read at once.
func bothQueues(t *testing.T, l netlab.Chain, raw bool) {
	// By its filter: for a route a kernel says it seldom.
	l.Gateway.Filter(t, `table inet x {
		chain c {
			type filter hook forward priority 0
			ip daddr 198.51.100.3 reject with icmp admin-prohibited
		}
	}
	`)
	defer l.Gateway.Command("nft", "flush", "ruleset").Run()
	e := engine(t)
	if _, err := ping(t, l.Here, e, request4(raw), 3*time.Second); err != nil {
		t.Fatal(err)
	}
	const each = 20 // A kernel says 50 at once at most (icmp_msgs_burst).
	answers := make(chan bool, 2*each)
	if err := l.Here.Do(func() error {
		for range each {
			for _, a := range []string{"198.51.100.2", "198.51.100.3"} {
				r := Request{Addr: netip.MustParseAddr(a), Raw: raw}
				if _, err := e.Send(r, func(got Answer) { answers <- got.Err == nil }); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var good, refused int
	for deadline := time.After(3 * time.Second); good+refused < 2*each; {
		select {
		case ok := <-answers:
			if ok {
				good++
			} else {
				refused++
			}
		case <-deadline:
			t.Fatalf("%d answers and %d refusals, want %d of each", good, refused, each)
		}
	}
	if good != each || refused != each {
		t.Errorf("%d answers and %d refusals, want %d of each", good, refused, each)
	}
}

// routersAreTerse: a router says to one host once a second, after some, that it
// has no route. The others are silent; none of them is told apart by that.
func routersAreTerse(t *testing.T, l netlab.Chain, raw bool) {
	l.Gateway.Sysctl(t, "ipv4/icmp_ratelimit", "1000")
	defer l.Gateway.Sysctl(t, "ipv4/icmp_ratelimit", "0")
	l.Gateway.IP(t, "route replace unreachable 203.0.113.0/24")
	time.Sleep(2 * time.Second) // Until it may say something again.
	e := engine(t)
	said := make(chan error, 30)
	var flights []*Flight
	for i := range 30 {
		r := Request{Addr: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}), Raw: raw}
		flights = append(flights, send(t, l.Here, e, r, func(a Answer) { said <- a.Err }))
	}
	time.Sleep(500 * time.Millisecond)
	heard := len(said)
	if heard == 0 || heard > 10 {
		t.Errorf("%d of 30 were refused, want some", heard)
	}
	for range heard {
		if r, ok := errors.AsType[*sock.Refusal](<-said); !ok || r.Errno != unix.EHOSTUNREACH {
			t.Errorf("%v, want a refusal", r)
		}
	}
	silent := 0
	for _, f := range flights {
		if _, waited := f.GiveUp(); waited {
			silent++
		}
	}
	if silent+heard != len(flights) {
		t.Errorf("%d refused and %d silent, want %d together", heard, silent, len(flights))
	}
}

// clockSteps sets the clock while a request is in flight: the stamps are of it.
func clockSteps(t *testing.T, l netlab.Chain, raw bool) {
	if os.Getenv("FLAPSCOPE_TEST_SETS_CLOCK") == "" {
		t.Skip("SKIPPED: sets the clock, in a virtual machine only")
	}
	l.There.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	const takes = 100 * time.Millisecond
	answerAfter(t, l.There, takes)
	e := engine(t)
	for _, step := range []time.Duration{time.Hour, -time.Hour, takes / 2, -takes / 2, 0} {
		answers := make(chan Answer, 1)
		send(t, l.Here, e, request4(raw), func(a Answer) { answers <- a })
		time.Sleep(takes / 4)
		if step != 0 {
			to := unix.NsecToTimeval(time.Now().Add(step).UnixNano())
			if err := unix.Settimeofday(&to); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case a := <-answers:
			if a.Err != nil || a.RTT < takes || a.RTT > 10*takes || step != 0 && !a.Uncertain {
				t.Errorf("a step of %v: %+v", step, a)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("a step of %v: no answer", step)
		}
	}
}

// answerAfter answers pings after a time.
func answerAfter(t *testing.T, ns *netlab.Namespace, d time.Duration) {
	t.Helper()
	var c net.PacketConn
	if err := ns.Do(func() (err error) {
		c, err = net.ListenPacket("ip4:icmp", "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, peer, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if m, err := icmp.ParseMessage(1, b[:n]); err == nil && m.Type == ipv4.ICMPTypeEcho {
				m.Type = ipv4.ICMPTypeEchoReply
				if reply, err := m.Marshal(nil); err == nil {
					time.AfterFunc(d, func() { c.WriteTo(reply, peer) })
				}
			}
		}
	}()
}
