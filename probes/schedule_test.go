package probes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
)

// TestRunnerSlots checks that probes leave at multiples of 50 ms, in each slot
// not more than four to so few targets, and each target's by its interval.
func TestRunnerSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(30 * time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		slots := map[time.Duration]int{}
		for id, sent := range w.sent {
			phase := sent[0] % time.Second
			for _, at := range sent {
				slots[at]++
				if at%slot != 0 || at%time.Second != phase {
					t.Errorf("%s: left at %v, want the phase %v", id, at, phase)
				}
			}
		}
		for at, n := range slots {
			if n > inSlot {
				t.Errorf("%d probes left at %v", n, at)
			}
		}
		if len(slots) > 2*31 {
			t.Errorf("woke up %d times in 30 s for 7 targets, want twice a second", len(slots))
		}
	})
}

// TestRunnerRepeatsUnknownSizes: where neither a large nor a small packet is
// answered nothing was measured, and is measured anew a few times.
func TestRunnerRepeatsUnknownSizes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		unknown int // probes that measure nothing
		want    []time.Duration
	}{
		{"once", 1, []time.Duration{0, retry, retry + time.Minute}},
		{"always", 100, []time.Duration{0, retry, 2 * retry, 3 * retry, 3*retry + time.Minute}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := DefaultConfig()
				c.Internet, c.Calm.After = []string{"mtu:1.1.1.1"}, 0
				w := newWorld(t, c)
				w.probers[fact.MethodMTU] = ProberFunc(func(ctx context.Context, target *fact.Target) fact.ProbeResult {
					r := w.probe(ctx, target)
					if w.probes()[target.ID] <= tt.unknown {
						r.Outcome = fact.OutcomeNoData
					}
					return r
				})
				w.host.put(fact.Put, ipv4Only()...)
				w.run(t)
				pass(90 * time.Second)
				w.mu.Lock()
				defer w.mu.Unlock()
				sent := w.sent["mtu:1.1.1.1"]
				if !slices.EqualFunc(sent, tt.want, func(at, want time.Duration) bool { return (at - sent[0] - want).Abs() < retry }) {
					t.Errorf("sent at %v, want at %v", sent, tt.want)
				}
			})
		})
	}
}

// TestRunnerMany probes more targets than four a slot have room for.
func TestRunnerMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Portal.URL, c.Internet = "", nil
		c.Intervals.Custom = time.Second
		c.Budget = Budget{Packets: 1e6, Bytes: 1e9}
		for i := range 200 {
			c.Custom = append(c.Custom, fmt.Sprintf("ping:198.51.100.%d", i))
		}
		w := newWorld(t, c)
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(20 * time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		slots := map[time.Duration]int{}
		for id, sent := range w.sent {
			if n := len(sent); strings.HasPrefix(id, "ping:198") && (n < 19 || n > 21) {
				t.Errorf("%s: %d probes in 20 s", id, n)
			}
			for _, at := range sent {
				slots[at]++
			}
		}
		for at, n := range slots {
			if n > 11 {
				t.Errorf("%d probes left at %v, want 200 by 20 slots", n, at)
			}
		}
	})
}

// TestRunnerCalm: after a minute without trouble less is enough, all at once,
// until something is amiss.
func TestRunnerCalm(t *testing.T) {
	for name, tt := range map[string]struct {
		expensive, watched bool
		calm               map[string]int // probes in ten minutes
	}{
		"calm":    {calm: map[string]int{"ping:1.1.1.1": 120, "dns:192.0.2.53": 20, "tcp:1.1.1.1:443": 10, "http://connectivitycheck.gstatic.com/generate_204": 2}},
		"metered": {expensive: true, calm: map[string]int{"ping:1.1.1.1": 10, "dns:192.0.2.53": 10, "tcp:1.1.1.1:443": 10, "http://connectivitycheck.gstatic.com/generate_204": 2}},
		"watched": {watched: true, calm: map[string]int{"ping:1.1.1.1": 600, "dns:192.0.2.53": 120, "tcp:1.1.1.1:443": 60, "http://connectivitycheck.gstatic.com/generate_204": 20}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := DefaultConfig()
				if tt.watched {
					c.Calm.After = 0
				}
				w := newWorld(t, c)
				link := eth0()
				link.Expensive = tt.expensive
				w.host.put(fact.Put, ipv4Only()...)
				w.host.put(fact.Put, link)
				w.run(t)
				pass(2 * time.Minute)
				before := w.probes()
				pass(10 * time.Minute)
				after := w.probes()
				for id, want := range tt.calm {
					if got := after[id] - before[id]; got < want-1 || got > want+1 {
						t.Errorf("%s: %d probes in ten minutes, want %d", id, got, want)
					}
				}
				w.kill("ping:8.8.8.8")
				pass(time.Minute + 3*time.Second)
				before = w.probes()
				pass(10 * time.Second)
				if got := w.probes()["ping:1.1.1.1"] - before["ping:1.1.1.1"]; got < 9 && !tt.expensive {
					t.Errorf("%d pings in ten seconds of trouble, want one a second", got)
				}
			})
		})
	}
}

// TestRunnerWakesUpAtChange: a new way is probed at once, however calm it was.
func TestRunnerWakesUpAtChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(5 * time.Minute)
		w.host.put(fact.Put, lookups(fact.IPv4, "192.0.2.254", "192.0.2.7")...)
		before := w.probes()
		pass(time.Second)
		if got := w.probes()["ping:1.1.1.1"] - before["ping:1.1.1.1"]; got == 0 {
			t.Error("the internet was not asked within a second of a new gateway")
		}
		pass(10 * time.Second)
		if got := w.probes()["ping:1.1.1.1"] - before["ping:1.1.1.1"]; got < 10 {
			t.Errorf("%d pings in eleven seconds after a new gateway, want one a second", got)
		}
	})
}

// TestRunnerAsksAgain: once the gateway is back, a name server that was lost behind it
// is asked at once, and what it loses is confirmed soon.
func TestRunnerAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Intervals.Resolver = time.Minute
		w := newWorld(t, c)
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(10 * time.Second)
		w.kill("ping:192.0.2.1%eth0", "dns:192.0.2.53")
		pass(100 * time.Second)
		w.mu.Lock()
		delete(w.dead, "ping:192.0.2.1%eth0")
		w.mu.Unlock()
		before := w.probes()
		pass(8 * time.Second)
		if got := w.probes()["dns:192.0.2.53"] - before["dns:192.0.2.53"]; got < 2 {
			t.Errorf("%d questions in eight seconds after the gateway was back, want two at least", got)
		}
	})
}

// TestAskAgain: a target that is back speaks for what was lost of its family, and not
// for an interface that stands by, nor for the other family.
func TestAskAgain(t *testing.T) {
	s := schedule{entries: map[string]*entry{}}
	for id, x := range map[string]fact.Target{
		"gateway": {Role: fact.RoleGateway, Family: fact.IPv4},
		"four":    {Role: fact.RoleInternet, Family: fact.IPv4},
		"any":     {Role: fact.RolePortal},
		"six":     {Role: fact.RoleInternet, Family: fact.IPv6},
		"standby": {Role: fact.RoleStandby, Family: fact.IPv4},
	} {
		x.ID = id
		s.entries[id] = &entry{target: &x, lost: 4, flying: 1, next: time.Hour}
	}
	s.done(time.Minute, "gateway", fact.OutcomeOK)
	for id, again := range map[string]bool{"four": true, "any": true, "six": false, "standby": false} {
		if e := s.entries[id]; (e.next < time.Hour) != again || (e.lost == 0) != again {
			t.Errorf("%s: asked at %v, %d lost; want it asked again: %v", id, e.next, e.lost, again)
		}
	}
}
