package fold

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// courseOf prints each change of the health while a world runs: "20s online".
func courseOf(obs []fact.Observation) []string {
	var out []string
	last := ""
	foldWorld(obs, func(f *Fold, at time.Duration) {
		h := f.health.known
		word := string(h.State)
		if len(f.health.findings) > 0 {
			word += " " + string(f.health.findings[0].What)
		}
		if word != last && at > 20*time.Second {
			out = append(out, fmt.Sprintf("%v %s", at.Round(time.Second), word))
			last = word
		}
	})
	return out
}

// TestHealthForgetsWhatIsOver: what was lost before a recovery, and is known to
// be lost only after it, is not held against what comes after.
func TestHealthForgetsWhatIsOver(t *testing.T) {
	for _, what := range []path.What{path.GatewaySilent, path.UpstreamSilent} {
		for _, length := range []time.Duration{12 * time.Second, 40 * time.Second} {
			end := time.Minute + length
			last := ""
			foldWorld(newWorld(1, damage{what: what, from: time.Minute, to: end}).observations(2*time.Minute+length), func(f *Fold, at time.Duration) {
				if at > end+1100*time.Millisecond && at < end+time.Minute && f.health.known.State != path.HealthOnline {
					last = fmt.Sprintf("%v after the end: %s", at-end, oneLine(f.health.known))
				}
			})
			if last != "" {
				t.Errorf("%s for %v: %s, want online", what, length, last)
			}
		}
	}
}

// TestTroubleAfterRecovery: the trouble right after another one is seen, and
// dated from its own beginning.
func TestTroubleAfterRecovery(t *testing.T) {
	obs := newWorld(1,
		damage{what: path.UpstreamSilent, from: 60 * time.Second, to: 80 * time.Second},
		damage{what: path.UpstreamSilent, family: fact.IPv6, from: 90 * time.Second, to: 110 * time.Second},
	).observations(3 * time.Minute)
	events, _ := foldWorld(obs, nil)
	want := []damage{
		{what: "machine no_internet", from: 60 * time.Second, to: 80 * time.Second},
		{what: "ipv6 no_internet", from: 90 * time.Second, to: 110 * time.Second},
	}
	for _, e := range events {
		ep := e.Episode
		if ep == nil || ep.Open {
			continue
		}
		if len(want) == 0 {
			t.Fatalf("one more episode: %+v", ep)
		}
		w := want[0]
		from, to := ep.StartMono-time.Hour-w.from, ep.EndMono-time.Hour-w.to
		if got := string(ep.Scope) + " " + ep.What; got != string(w.what) || from < 0 || from > time.Second || to < 0 || to > time.Second {
			t.Errorf("%s, begins %v after the fault and ends %v after it, want %s", got, from, to, w.what)
		}
		want = want[1:]
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// TestOneTroubleIsOneEpisode: a silent gateway takes the internet and the name
// servers with it, one after the other, and is one episode.
func TestOneTroubleIsOneEpisode(t *testing.T) {
	for seed := range uint64(20) {
		obs := newWorld(seed, damage{what: path.GatewaySilent, from: 60 * time.Second, to: 83 * time.Second}).observations(3 * time.Minute)
		events, _ := foldWorld(obs, nil)
		ids := map[int]*Episode{}
		for _, e := range events {
			if e.Episode != nil {
				ids[e.Episode.ID] = e.Episode
			}
		}
		ep := ids[1]
		if len(ids) != 1 || ep == nil {
			t.Fatalf("seed %d: %d episodes, want 1", seed, len(ids))
		}
		from, to := ep.StartMono-time.Hour-60*time.Second, ep.EndMono-time.Hour-83*time.Second
		if ep.What != "no_internet" || from < 0 || from > time.Second || to < 0 || to > time.Second {
			t.Errorf("seed %d: %s, begins %v after the fault and ends %v after it", seed, ep.What, from, to)
		}
	}
}

// TestEpisodeThatLosesItsPath: what ends since its path does says so, and not that the
// interface is "unknown".
func TestEpisodeThatLosesItsPath(t *testing.T) {
	obs := newWorld(1,
		damage{what: path.UpstreamSilent, from: 60 * time.Second, to: 2 * time.Minute},
		damage{what: path.CarrierLost, from: 80 * time.Second, to: 2 * time.Minute},
	).observations(3 * time.Minute)
	events, _ := foldWorld(obs, nil)
	for _, e := range events {
		if ep := e.Episode; ep != nil && !ep.Open && ep.What == "no_internet" {
			if len(ep.Recovery) != 1 || ep.Recovery[0].Text != "health is not known any more" {
				t.Errorf("ends with %+v", ep.Recovery)
			}
			return
		}
	}
	t.Error("no episode ended")
}

// TestSlowResolverDoesNotFlap: queries that take 1.5 s for three quarters of a
// minute are one stretch of slowness.
func TestSlowResolverDoesNotFlap(t *testing.T) {
	got := courseOf(newWorld(1, damage{what: path.Latency, leg: path.LegDNS, delay: 1500 * time.Millisecond, from: time.Minute, to: 105 * time.Second}).observations(4 * time.Minute))
	if len(got) != 3 || got[1][len(got[1])-len("degraded latency"):] != "degraded latency" {
		t.Errorf("health is %q, want it degraded once", got)
	}
}

// TestLossDoesNotFlicker: loss of 30 % and of 51 % on a link for a minute is a
// degraded link, with few changes of mind.
func TestLossDoesNotFlicker(t *testing.T) {
	for _, share := range []float64{0.3, 0.51} {
		changes, wrong := 0, 0
		for seed := range uint64(20) {
			got := courseOf(newWorld(seed, damage{what: path.Loss, share: share, from: time.Minute, to: 2 * time.Minute}).observations(3 * time.Minute))
			changes += len(got)
			for _, g := range got {
				if g[len(g)-1] != 's' && g[len(g)-1] != 'e' {
					wrong++
				}
			}
		}
		t.Logf("loss of %.0f %%: %d changes of health in 20 minutes of it", share*100, changes)
		// Online, degraded, online are three each.
		if changes > 20*5 {
			t.Errorf("loss of %.0f %%: %d changes of health in 20 minutes of it, want at most 5 each", share*100, changes)
		}
	}
}

// TestFirewallThatResets: resets in the name of every target while pings are
// dropped are no internet, not a filter of pings.
func TestFirewallThatResets(t *testing.T) {
	s := healthState(60, []burst{
		{id: hPing, to: 20},
		{id: hPing2, to: 20},
		{id: hCheck, to: 20, step: 10},
		{id: hServer, to: 60, step: 5},
		{id: hPing, from: 20, to: 60, outcome: fact.OutcomeTimeout},
		{id: hPing2, from: 20, to: 60, outcome: fact.OutcomeTimeout},
		{id: hCheck, from: 20, to: 60, step: 3, outcome: fact.OutcomeRefused, detail: "connection refused"},
	})
	h, _ := path.EvaluateHealth(s, ipv4(), time.Hour+time.Minute)
	if got, want := oneLine(h), "no_internet dns=ok internet=down ipv4=down “internet refused 40 s”"; got != want {
		t.Errorf("health is %s, want %s", got, want)
	}
}

// TestNoWayToNames: where nothing can be resolved all is not well, whatever answers.
func TestNoWayToNames(t *testing.T) {
	p := ipv4()
	p.Resolvers = []netip.Addr{netip.MustParseAddr("2001:db8::53")}
	s := healthState(60, []burst{{id: hPing, to: 60}})
	h, _ := path.EvaluateHealth(s, p, time.Hour+time.Minute)
	if got, want := oneLine(h), "degraded dns=down internet=ok ipv4=ok “no way to a name server”"; got != want {
		t.Errorf("health is %s, want %s", got, want)
	}
	p.DNS = true
	if h, _ := path.EvaluateHealth(s, p, time.Hour+time.Minute); h.State != path.HealthOnline {
		t.Errorf("health is %s where there is a way, want online", oneLine(h))
	}
}
