package probes

import (
	"context"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

const (
	// besideEvery is how often each party pings.
	besideEvery = 20 * time.Millisecond
	// besideWait is for how long each waits for an answer: a process that stands
	// still for a moment has lost nothing.
	besideWait = 3 * time.Second
)

// BenchmarkBeside lets the engine, the library and fping ping one address at the
// same time, of which the other end drops one request in ten, and reports what
// each found. Losses that chance does not explain fail it: three thousand pings
// each take a minute (-benchtime 3000x).
func BenchmarkBeside(b *testing.B) {
	fping, err := exec.LookPath("fping")
	if err != nil {
		b.Skip("SKIPPED: needs fping to compare with")
	}
	here, there := pair(b)
	here.AllowPingSockets(b)
	there.Filter(b, `table inet x {
		chain c {
			type filter hook input priority 0
			icmp type echo-request numgen random mod 100 < 10 drop
		}
	}
	`)
	found := map[string][]time.Duration{}
	var mu sync.Mutex // guards found
	var all sync.WaitGroup
	for name, p := range pingers() {
		all.Go(func() {
			rtts := pingEvery(b, here, p, b.N)
			mu.Lock()
			defer mu.Unlock()
			found[name] = rtts
		})
	}
	all.Go(func() {
		rtts := fpingEvery(here, fping, b.N)
		mu.Lock()
		defer mu.Unlock()
		found["fping"] = rtts
	})
	all.Wait()
	b.ReportMetric(0, "ns/op")
	loss := map[string]float64{}
	for name, rtts := range found {
		loss[name] = 1 - float64(len(rtts))/float64(b.N)
		b.ReportMetric(100*loss[name], name+"-%lost")
		if len(rtts) > 0 {
			slices.Sort(rtts)
			b.ReportMetric(float64(rtts[len(rtts)/2])/1e3, name+"-µs-p50")
		}
	}
	for name, l := range loss {
		if most := 4 * math.Sqrt(2*0.1*0.9/float64(b.N)); math.Abs(l-loss["fping"]) > most {
			b.Errorf("%s lost %.2f %%, fping %.2f %%; chance explains %.2f %%", name, 100*l, 100*loss["fping"], 100*most)
		}
	}
}

// TestBesideFping: of a way that drops every fourth packet of each, we and fping lose
// the same.
func TestBesideFping(t *testing.T) {
	fping, err := exec.LookPath("fping")
	if err != nil {
		t.Skip("SKIPPED: needs fping to compare with")
	}
	here, there := pair(t)
	here.AllowPingSockets(t)
	// Each is counted by itself: fping sends 84 bytes.
	there.Filter(t, `table inet x {
		chain c {
			type filter hook input priority 0
			icmp type echo-request ip length 84 numgen inc mod 4 0 drop
			icmp type echo-request ip length != 84 numgen inc mod 4 0 drop
		}
	}
	`)
	const pings = 40
	want := len(fpingEvery(here, fping, pings))
	for name, p := range pingers() {
		if got := len(pingEvery(t, here, p, pings)); got != want || got != pings*3/4 {
			t.Errorf("%s: %d of %d answered, fping %d", name, got, pings, want)
		}
	}
}

// pingEvery returns the round trips of what was answered.
func pingEvery(t testing.TB, ns *netlab.Namespace, p Prober, n int) (rtts []time.Duration) {
	var mu sync.Mutex // guards rtts
	var all sync.WaitGroup
	tick := time.NewTicker(besideEvery)
	defer tick.Stop()
	for range n {
		<-tick.C
		all.Go(func() {
			if err := ns.Do(func() error {
				ctx, cancel := context.WithTimeout(t.Context(), besideWait)
				defer cancel()
				if r := p.Probe(ctx, echoTarget("192.0.2.2", ModeUnprivileged, 0)); r.Outcome == fact.OutcomeOK {
					mu.Lock()
					defer mu.Unlock()
					rtts = append(rtts, r.RTT)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return rtts
}

func fpingEvery(ns *netlab.Namespace, fping string, n int) (rtts []time.Duration) {
	// It says by its exit code that something was lost.
	out, _ := ns.Command(fping, "-q", "-C", strconv.Itoa(n), "-i", "1", "-p", strconv.Itoa(int(besideEvery.Milliseconds())),
		"-t", strconv.Itoa(int(besideWait.Milliseconds())), "192.0.2.2").CombinedOutput()
	_, list, _ := strings.Cut(string(out), ":")
	for s := range strings.FieldsSeq(list) {
		if ms, err := strconv.ParseFloat(s, 64); err == nil {
			rtts = append(rtts, time.Duration(ms*float64(time.Millisecond)))
		}
	}
	return rtts
}
