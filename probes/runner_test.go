package probes

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// A world is a Runner with fake probers on a fake clock, in a bubble of
// synctest.
type world struct {
	*Runner
	host  *fakeHost
	start time.Time

	mu     sync.Mutex               // guards all following
	asleep time.Duration            // time that the machine slept
	took   map[string]time.Duration // RTT by target; others answer after 10 ms
	dead   map[string]bool          // targets that never answer
	sent   map[string][]time.Duration
}

func newWorld(t *testing.T, c Config) *world {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		Runner: r, start: time.Now(),
		took: map[string]time.Duration{}, dead: map[string]bool{}, sent: map[string][]time.Duration{},
	}
	w.host = newHost(w.now)
	w.host.follower = r
	r.boot = w.now
	r.mode = func() (string, error) { return ModeUnprivileged, nil }
	r.probers = map[fact.Method]Prober{}
	for _, m := range []fact.Method{fact.MethodPing, fact.MethodMTU, fact.MethodDNS, fact.MethodHTTP, fact.MethodTCP, fact.MethodTLS} {
		r.probers[m] = ProberFunc(w.probe)
	}
	return w
}

// now is CLOCK_BOOTTIME, an hour after the boot at first.
func (w *world) now() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Hour + time.Since(w.start) + w.asleep
}

// suspend puts the machine to sleep: CLOCK_BOOTTIME goes on, timers do not.
func (w *world) suspend(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asleep += d
}

func (w *world) kill(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		w.dead[id] = true
	}
}

// probes returns how many probes each target got.
func (w *world) probes() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int{}
	for id, s := range w.sent {
		out[id] = len(s)
	}
	return out
}

func (w *world) probe(ctx context.Context, t *fact.Target) fact.ProbeResult {
	at := w.now()
	w.mu.Lock()
	w.sent[t.ID] = append(w.sent[t.ID], at-time.Hour)
	rtt, dead := w.took[t.ID], w.dead[t.ID]
	w.mu.Unlock()
	if rtt == 0 {
		rtt = 10 * time.Millisecond
	}
	if dead {
		<-ctx.Done()
	} else {
		select {
		case <-ctx.Done():
		case <-time.After(rtt):
			return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: rtt}
		}
	}
	return failed(ctx, ctx.Err(), fact.Phases{})
}

// run starts the Runner; it stops at the end of the test.
func (w *world) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx, w.host) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v, want nil", err)
		}
	})
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// TestRunnerSleeps checks that a runner with little to probe does not look at the
// state for nothing, and does at once when a way changed.
func TestRunnerSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Internet, c.Portal.URL = nil, ""
		c.Intervals.Gateway, c.Intervals.Resolver = time.Minute, time.Minute
		w := newWorld(t, c)
		w.run(t)
		w.host.put(fact.Put, ipv4Only()...)
		pass(time.Second)
		before := w.host.looks()
		pass(50 * time.Second)
		if n := w.host.looks() - before; n > 12 {
			t.Errorf("looked %d times in 50 s in which nothing happened", n)
		}
		w.host.put(fact.Put, lookups(fact.IPv4, "192.0.2.254", "192.0.2.7")...)
		pass(lookEvery)
		if w.probes()["ping:192.0.2.254%eth0"] != 1 {
			t.Errorf("the new gateway is not pinged: %v", w.probes())
		}
	})
}

func TestRunnerProbesWhatTheStateCallsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.run(t)
		pass(time.Second)
		if got := w.probes(); len(got) > 0 {
			t.Errorf("probes before the tables were known: %v", got)
		}
		w.host.put(fact.Put, ipv4Only()...)
		pass(60 * time.Second)
		want := map[string]int{
			"ping:192.0.2.1%eth0": 60, "dns:192.0.2.53": 12,
			"ping:1.1.1.1": 60, "ping:8.8.8.8": 60, "tcp:1.1.1.1:443": 6, "tcp:8.8.8.8:443": 6, "mtu:1.1.1.1": 1, "mtu:8.8.8.8": 1,
			"http://connectivitycheck.gstatic.com/generate_204": 2,
		}
		if diff := cmp.Diff(want, w.probes()); diff != "" {
			t.Errorf("probes in a minute (-want +got):\n%s", diff)
		}
		results := facts[*fact.ProbeResult](w.host, fact.Put)
		if len(results) != 208 {
			t.Errorf("%d results, want one for each of 208 probes", len(results))
		}
		for _, r := range results {
			if r.Outcome != fact.OutcomeOK || r.RTT != 10*time.Millisecond {
				t.Fatalf("result %+v, want ok after 10 ms", *r)
			}
		}
	})
}

func TestRunnerFollowsThePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Internet, c.Portal.URL = []string{"ping:1.1.1.1", "ping:2620:fe::fe"}, ""
		w := newWorld(t, c)
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(5 * time.Second)
		got := ids(facts[*fact.Target](w.host, fact.Put))
		if want := []string{"ping:192.0.2.1%eth0", "dns:192.0.2.53", "ping:1.1.1.1"}; !slices.Equal(got, want) {
			t.Errorf("targets %v, want %v", got, want)
		}

		// A flap shorter than the linger: no target goes, none is probed.
		w.host.forget()
		w.host.put(fact.Delete, lookups(fact.IPv4, "192.0.2.1", "192.0.2.7")...)
		pass(time.Second)
		before := w.probes()
		pass(5 * time.Second)
		if diff := cmp.Diff(before, w.probes()); diff != "" {
			t.Errorf("probed without a path (-before +after):\n%s", diff)
		}
		w.host.put(fact.Put, lookups(fact.IPv4, "192.0.2.1", "192.0.2.7")...)
		pass(time.Second)
		if after := w.probes(); after["ping:1.1.1.1"] <= before["ping:1.1.1.1"] || after["dns:192.0.2.53"] <= before["dns:192.0.2.53"] {
			t.Errorf("not probed at once when the path is back: %v, before %v", after, before)
		}
		if n := len(facts[*fact.Target](w.host, fact.Put)) + len(facts[*fact.Target](w.host, fact.Delete)); n > 0 {
			t.Errorf("%d targets came or went in a flap", n)
		}

		// Another network, IPv6 only: the old targets go, new ones come.
		w.host.put(fact.Delete, append(lookups(fact.IPv4, "192.0.2.1", "192.0.2.7"), &fact.Resolvers{Source: "resolv.conf"})...)
		w.host.put(fact.Put, lookups(fact.IPv6, "fe80::1", "2001:db8::7")...)
		pass(15 * time.Second)
		got = ids(facts[*fact.Target](w.host, fact.Put))
		if want := []string{"ping:fe80::1%eth0", "ping:2620:fe::fe"}; !slices.Equal(got, want) {
			t.Errorf("new targets %v, want %v", got, want)
		}
		got = ids(facts[*fact.Target](w.host, fact.Delete))
		if want := []string{"dns:192.0.2.53", "ping:1.1.1.1", "ping:192.0.2.1%eth0"}; !slices.Equal(got, want) {
			t.Errorf("forgotten targets %v, want %v", got, want)
		}
	})
}

// What is in flight when the path goes away is not lost: the path is.
func TestRunnerWithoutPathLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(10 * time.Second)
		w.host.mu.Lock()
		link := *w.host.state.Links[2]
		w.host.mu.Unlock()
		link.Flags &^= fact.FlagLowerUp
		w.kill("ping:1.1.1.1", "ping:8.8.8.8", "ping:192.0.2.1%eth0")
		pass(time.Second)
		w.host.put(fact.Put, &link)
		pass(20 * time.Second)
		for _, r := range facts[*fact.ProbeResult](w.host, fact.Put) {
			if r.Outcome != fact.OutcomeOK && r.Outcome != fact.OutcomeNoData {
				t.Errorf("%+v, want ok or no_data", *r)
			}
		}
	})
}

func TestRunnerCountsSilenceInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Portal.URL, c.Internet = "", []string{"ping:1.1.1.1"}
		w := newWorld(t, c)
		w.kill("ping:1.1.1.1", "dns:192.0.2.53")
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(1900 * time.Millisecond)
		for _, r := range facts[*fact.ProbeResult](w.host, fact.Put) {
			if r.Outcome != fact.OutcomeOK {
				t.Errorf("%s: %s while in flight", r.Target, r.Outcome)
			}
		}
		pass(58 * time.Second)
		if n := w.probes()["ping:192.0.2.1%eth0"]; n != 60 {
			t.Errorf("the gateway got %d probes beside silent targets, want 60", n)
		}
		if n := w.probes()["ping:1.1.1.1"]; n != 60 {
			t.Errorf("a silent target got %d pings, want 60: its probes overlap", n)
		}
		// After a loss it is asked again at once, but not for ever.
		if n := w.probes()["dns:192.0.2.53"]; n < 12 || n > 16 {
			t.Errorf("a silent server got %d queries, want about 12 and 3 more", n)
		}
	})
}

func TestRunnerAfterSuspend(t *testing.T) {
	for name, asleep := range map[string]time.Duration{"short": 3 * time.Second, "night": 8 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := DefaultConfig()
				c.Portal.URL, c.Internet = "", nil
				w := newWorld(t, c)
				w.host.put(fact.Put, ipv4Only()...)
				w.run(t)
				pass(10 * time.Second)
				w.kill("ping:192.0.2.1%eth0")
				pass(1500 * time.Millisecond)
				w.host.forget()
				before := w.probes()
				w.suspend(asleep)
				pass(1900 * time.Millisecond)
				got := facts[*fact.ProbeResult](w.host, fact.Put)
				if len(got) == 0 {
					t.Fatal("no result of the probes in flight")
				}
				for _, r := range got {
					if r.Target == "ping:192.0.2.1%eth0" && r.Outcome != fact.OutcomeNoData {
						t.Errorf("%+v: in flight while asleep, want no_data", *r)
					}
				}
				if n := w.probes()["ping:192.0.2.1%eth0"] - before["ping:192.0.2.1%eth0"]; n > 3 {
					t.Errorf("%d probes in 2 s after resume: turns missed while asleep must not queue up", n)
				}
				pass(3 * time.Second)
				last := w.host.target("ping:192.0.2.1%eth0").Last
				if last.Outcome != fact.OutcomeTimeout {
					t.Errorf("%+v: sent after resume, want timeout", *last)
				}
			})
		})
	}
}

func TestRunnerWithoutPermission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Calm.After = 0
		w := newWorld(t, c)
		var permitted atomic.Bool
		w.mode = func() (string, error) {
			if !permitted.Load() {
				return "", errors.New("operation not permitted")
			}
			return ModeRaw, nil
		}
		w.probers[fact.MethodPing] = ProberFunc(func(ctx context.Context, t *fact.Target) fact.ProbeResult {
			if t.Mode == "" {
				return newPinger().Probe(ctx, t)
			}
			return w.probe(ctx, t)
		})
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(10 * time.Second)
		notices := facts[*fact.Notice](w.host, fact.Put)
		if len(notices) != 1 || notices[0].Key != "ping" {
			t.Fatalf("notices %+v, want one about ping", notices)
		}
		s := w.host.target("ping:1.1.1.1")
		if s.Last == nil || s.Last.Outcome != fact.OutcomeNoData {
			t.Errorf("without permission: %+v, want no_data", s.Last)
		}
		permitted.Store(true)
		pass(time.Minute)
		if n := len(facts[*fact.Notice](w.host, fact.Delete)); n != 1 {
			t.Errorf("notice withdrawn %d times, want once", n)
		}
		s = w.host.target("ping:1.1.1.1")
		if s.Mode != ModeRaw || s.Last.Outcome != fact.OutcomeOK || s.Interval != time.Second {
			t.Errorf("with permission: mode %q, %+v, every %v; want raw, ok, 1 s", s.Mode, s.Last, s.Interval)
		}
	})
}

func TestRunnerKeepsWithinBudget(t *testing.T) {
	for name, tt := range map[string]struct {
		expensive bool
		budget    Budget
	}{
		"default": {false, DefaultConfig().Budget},
		"small":   {false, Budget{Packets: 100, Bytes: 1 << 20}},
		"bytes":   {false, Budget{Packets: 1000, Bytes: 6000}},
		"metered": {true, DefaultConfig().Metered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := DefaultConfig()
				if !tt.expensive {
					c.Budget = tt.budget
				}
				w := newWorld(t, c)
				w.kill("ping:1.1.1.1", "ping:8.8.8.8", "dns:192.0.2.53")
				link := eth0()
				link.Expensive = tt.expensive
				w.host.put(fact.Put, append(ipv4Only(), link)...)
				w.run(t)
				most := Budget{}
				for range 300 {
					pass(time.Second)
					var packets, bytes int
					for id, n := range sentSince(w, w.now()-time.Hour-time.Minute) {
						c := cost(w.host.target(id).Method)
						packets += n * c.Packets
						bytes += n * c.Bytes
					}
					most = Budget{max(most.Packets, packets), max(most.Bytes, bytes)}
				}
				if most.Packets > tt.budget.Packets || most.Bytes > tt.budget.Bytes {
					t.Errorf("spent %+v in some minute, want at most %+v", most, tt.budget)
				}
				for id, n := range w.probes() {
					if n < min(3, int(5*time.Minute/w.host.target(id).Interval)) {
						t.Errorf("%s: %d probes in five minutes: starved", id, n)
					}
				}
				u := w.host.usage()
				if u == nil || u.MaxPackets != tt.budget.Packets || u.Packets == 0 || u.Bytes == 0 {
					t.Errorf("usage %+v, want that of the budget %+v", u, tt.budget)
				}
			})
		})
	}
}

// sentSince counts the probes sent after the instant since.
func sentSince(w *world, since time.Duration) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int{}
	for id := range maps.Keys(w.sent) {
		for _, at := range w.sent[id] {
			if at > since {
				out[id]++
			}
		}
	}
	return out
}

func TestRunnerSendsNothing(t *testing.T) {
	broke, disabled := DefaultConfig(), DefaultConfig()
	broke.Budget, disabled.Disabled = Budget{}, true
	for name, c := range map[string]Config{"disabled": disabled, "no-budget": broke} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c)
				w.host.put(fact.Put, ipv4Only()...)
				w.run(t)
				pass(time.Minute)
				if got := w.probes(); len(got) > 0 {
					t.Errorf("probed %v", got)
				}
			})
		})
	}
}

func TestRunnerChecksBesideLostPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(11500 * time.Millisecond)
		w.kill("ping:1.1.1.1", "ping:8.8.8.8")
		since := w.now()
		pass(3500 * time.Millisecond)
		if s := w.host.target("tcp:8.8.8.8:443"); s.Asked < since+2*time.Second {
			t.Errorf("TCP last asked %v after pings fell silent, want once the first was lost", s.Asked-since)
		}
	})
}

func TestRunnerSurvivesProbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.probers[fact.MethodDNS] = ProberFunc(func(context.Context, *fact.Target) fact.ProbeResult {
			panic("a bug in a prober")
		})
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(9900 * time.Millisecond)
		if r := w.host.target("dns:192.0.2.53").Last; r == nil || r.Outcome != fact.OutcomeNoData || r.Detail == "" {
			t.Errorf("%+v, want no_data that tells of the panic", r)
		}
		if n := w.probes()["ping:1.1.1.1"]; n != 10 {
			t.Errorf("%d pings beside a panic, want 10", n)
		}
	})
}
