package fold

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// randomRun makes up the observations of a machine with two interfaces that
// lose and gain everything at random, as a kernel would tell it: each change of
// a table is followed by the answers that it leads to.
func randomRun(seed uint64, n int) []fact.Observation {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []fact.Observation
	now := time.Hour
	say := func(op fact.Op, f fact.Fact) {
		out = append(out, fact.Observation{Time: facttest.LabStart.Add(now - time.Hour), Mono: now, Op: op, Fact: f})
	}
	up, addr, route := map[int]bool{2: true, 3: true}, map[int]bool{}, map[int]bool{}
	source := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(i), 7}) }
	gateway := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(i), 1}) }
	answer := func() {
		for oif := range 4 {
			if oif == 1 {
				continue
			}
			for _, d := range fact.Destinations(fact.IPv4) {
				l := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: d, OIF: oif}, Err: "ENETUNREACH"}
				for i := 2; i <= 3; i++ {
					if route[i] && addr[i] && (oif == 0 || oif == i) {
						l = &fact.Lookup{Question: l.Question, Type: fact.RouteUnicast, Table: 254, Index: i, Gateway: gateway(i), Source: source(i), Match: netip.MustParsePrefix("0.0.0.0/0"), Metric: uint32(i)}
						break
					}
				}
				say(fact.Put, l)
			}
		}
	}
	say(fact.Put, facttest.LabLink(2, "eth0", true, true))
	say(fact.Put, facttest.LabLink(3, "wlan0", true, true))
	answer()
	say(fact.Put, &fact.Sync{Source: "kernel"})
	for range n {
		now += time.Duration(r.IntN(1500)) * time.Millisecond
		i := 2 + r.IntN(2)
		switch r.IntN(7) {
		case 0, 1:
			up[i] = !up[i]
			say(fact.Put, facttest.LabLink(i, [...]string{2: "eth0", 3: "wlan0"}[i], true, up[i]))
		case 2:
			addr[i] = !addr[i]
			say(map[bool]fact.Op{true: fact.Put, false: fact.Delete}[addr[i]], facttest.LabAddress(i, source(i), 24))
		case 3, 4:
			route[i] = !route[i]
			say(map[bool]fact.Op{true: fact.Put, false: fact.Delete}[route[i]], facttest.LabDefault(i, gateway(i), uint32(i)))
		case 5:
			slept := time.Duration(r.IntN(60)) * time.Second
			now += slept
			say(fact.Put, &fact.Gap{Reason: []fact.GapReason{fact.GapSuspend, fact.GapStopped, fact.GapResync}[r.IntN(3)], From: now - slept, To: now})
		case 6:
			say(fact.Put, &fact.Target{ID: "ping:192.0.2.1", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4, Interval: time.Second})
			say(fact.Put, &fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: []fact.Outcome{fact.OutcomeOK, fact.OutcomeTimeout}[r.IntN(2)], Sent: now})
		}
		now += time.Duration(r.IntN(5)) * time.Millisecond
		answer()
	}
	now += time.Hour
	say(fact.Put, &fact.Clock{})
	return out
}

// foldAll folds observations and returns the events as lines. advance is
// called before each observation.
func foldAll(obs []fact.Observation, advance func(f *Fold, next time.Duration)) ([]byte, *Fold) {
	var out []byte
	f := NewFold(path.DefaultSettings(), func(e Event) { out = append(AppendEvent(out, &e, ""), '\n') })
	for _, o := range obs {
		advance(f, o.Mono)
		f.Observe(o)
	}
	return out, f
}

func TestFoldDependsOnObservationsAlone(t *testing.T) {
	for seed := range uint64(60) {
		obs := randomRun(seed, 150)
		want, f := foldAll(obs, func(*Fold, time.Duration) {})
		if len(bytes.Split(want, []byte("\n"))) < 50 {
			t.Fatalf("seed %d: only %d events; the run tests nothing", seed, len(bytes.Split(want, []byte("\n"))))
		}
		if f.quality.Unexplained != 0 {
			t.Errorf("seed %d: %d transitions without a cause in their support", seed, f.quality.Unexplained)
		}
		// However often time is advanced in between, nothing changes.
		r := rand.New(rand.NewPCG(seed, 2))
		got, _ := foldAll(obs, func(f *Fold, next time.Duration) {
			for f.state.Mono > 0 && r.IntN(3) > 0 && f.state.Mono < next {
				f.Advance(f.state.Mono + time.Duration(r.Int64N(int64(next-f.state.Mono)+1)))
				f.Snapshot()
				if r.IntN(2) == 0 {
					break
				}
			}
		})
		if !bytes.Equal(got, want) {
			t.Errorf("seed %d: extra advances change the events:\n%s", seed, firstDifference(got, want))
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func TestEpisodesAreConsistent(t *testing.T) {
	for seed := range uint64(60) {
		open := map[int]*Episode{}
		f := NewFold(path.DefaultSettings(), func(e Event) {
			ep := e.Episode
			if ep == nil {
				return
			}
			was := open[ep.ID]
			switch {
			case ep.Open && was != nil:
				t.Errorf("seed %d: episode %d opens twice", seed, ep.ID)
			case !ep.Open && was == nil:
				t.Errorf("seed %d: episode %d ends without having begun", seed, ep.ID)
			case !ep.Open && (ep.EndMono < ep.StartMono || ep.Duration < 0 || ep.Duration > ep.EndMono-ep.StartMono):
				t.Errorf("seed %d: episode %d lasts from %v to %v, %v of it", seed, ep.ID, ep.StartMono, ep.EndMono, ep.Duration)
			}
			if ep.Open {
				open[ep.ID] = ep
				// The runs begin without a path: nothing made that outage.
				if len(ep.Cause) == 0 && ep.What != EpisodeFlapping && ep.ID != 1 {
					t.Errorf("seed %d: %s episode %d has no cause", seed, ep.What, ep.ID)
				}
			} else {
				delete(open, ep.ID)
			}
		})
		for _, o := range randomRun(seed, 150) {
			f.Observe(o)
		}
		if len(open) != len(f.episodes.open) {
			t.Errorf("seed %d: %d episodes open by the events, %d by the fold", seed, len(open), len(f.episodes.open))
		}
	}
}
