package probes

import (
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// answerWith answers each echo request that reaches a namespace after the times
// that a function gives for its number, once for each of them.
func answerWith(t *testing.T, ns *netlab.Namespace, after func(n int) []time.Duration) {
	t.Helper()
	ns.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	var c net.PacketConn
	if err := ns.Do(func() (err error) {
		c, err = net.ListenPacket("ip4:icmp", "192.0.2.2")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 1500)
		for n := 0; ; {
			size, to, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			m, err := icmp.ParseMessage(ipv4.ICMPTypeEcho.Protocol(), b[:size])
			if err != nil || m.Type != ipv4.ICMPTypeEcho {
				continue
			}
			m.Type = ipv4.ICMPTypeEchoReply
			reply, err := m.Marshal(nil)
			if err != nil {
				continue
			}
			for _, d := range after(n) {
				time.AfterFunc(d, func() { c.WriteTo(reply, to) })
			}
			n++
		}
	}()
}

// startPinging runs a Runner that pings 192.0.2.2 once a second in a namespace,
// for tests that look at what it observes.
func startPinging(t *testing.T, ns *netlab.Namespace, timeout time.Duration) *netlab.Host {
	t.Helper()
	c := DefaultConfig()
	c.Portal.URL, c.Internet, c.Calm.After, c.Timeout = "", []string{"ping:192.0.2.2"}, 0, timeout
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ns.AllowPingSockets(t)
	h := ns.Start(t, r)
	h.Update(func(_ *state.State, emit fact.Emit) {
		// Nobody is at the gateway: only the target is asked.
		for _, f := range append(lookups(fact.IPv4, "192.0.2.9", "192.0.2.1"), eth0(), &fact.Sync{Source: "kernel"}) {
			emit(fact.Observation{Op: fact.Put, Fact: f})
		}
	})
	return h
}

// TestLateAndAgain: an answer after the time-out is late, and its probe not lost;
// one that comes again is counted. What an answer says of its way is kept where
// it changes.
func TestLateAndAgain(t *testing.T) {
	here, there := pair(t)
	const soon = 5 * time.Millisecond
	// Every now and then, since a process that stands still knows of neither.
	answerWith(t, there, func(n int) []time.Duration {
		switch n % 6 {
		case 1:
			return []time.Duration{700 * time.Millisecond}
		case 3:
			return []time.Duration{soon, 2 * soon, 3 * soon}
		}
		return []time.Duration{soon}
	})
	h := startPinging(t, here, 300*time.Millisecond)
	var all []*fact.ProbeResult
	index := func(is func(*fact.ProbeResult) bool) int { return slices.IndexFunc(all, is) }
	late := -1
	h.Await(t, "an answer of 0.7 s is late, and one came three times", func(s *state.State, log []fact.Observation) bool {
		all = nil
		for _, o := range log {
			if r, ok := o.Fact.(*fact.ProbeResult); ok && r.Target == "ping:192.0.2.2" {
				all = append(all, r)
			}
		}
		late = index(func(r *fact.ProbeResult) bool {
			return r.Outcome == fact.OutcomeLate && r.RTT >= 650*time.Millisecond && r.RTT < 2*time.Second && !r.Uncertain
		})
		return late >= 0 && index(func(r *fact.ProbeResult) bool { return r.Duplicates == 2 }) >= 0
	})
	sent := all[late].Sent
	if i := index(func(r *fact.ProbeResult) bool { return r.Sent == sent }); all[i].Outcome != fact.OutcomeTimeout {
		t.Errorf("what was late was no timeout before: %v", all)
	}
	// On a busy machine the neighbour is not known within the time of the first one.
	first := index(func(r *fact.ProbeResult) bool { return r.Outcome == fact.OutcomeOK || r.Outcome == fact.OutcomeLate })
	for i, r := range all {
		if (r.TTL != 0 || r.Index != 0) != (i == first) || i == first && r.TTL != 64 {
			t.Errorf("result %d came with TTL %d by interface %d, want both of the first one", i, r.TTL, r.Index)
		}
	}
	h.View(func(s *state.State, _ []fact.Observation) {
		for _, sample := range s.Targets["ping:192.0.2.2"].Recent {
			if sample.Sent == sent && sample.Lost {
				t.Errorf("%+v is lost still", sample)
			}
		}
	})
}
