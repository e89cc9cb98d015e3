package session

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// aDay is 24 h of ten targets probed once a second each, with round trips that
// are log-normal, and 100,000 events in bursts, as a flapping link makes them.
func aDay(yield func(o fact.Observation)) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := newStorm(1)
	s.start()
	for _, o := range s.out {
		yield(o)
	}
	type known struct {
		at time.Duration
		f  fact.Fact
	}
	var pending []known
	emit := func(at time.Duration, f fact.Fact) { pending = append(pending, known{at, f}) }
	// flush yields what is known by a time, in that order.
	flush := func(until time.Duration) {
		slices.SortStableFunc(pending, func(a, b known) int { return int(a.at - b.at) })
		n := 0
		for ; n < len(pending) && pending[n].at < until; n++ {
			k := pending[n]
			yield(s.seq.Next(fact.Observation{Time: epoch.Add(k.at - boot), Mono: k.at, Op: fact.Put, Fact: k.f}))
		}
		pending = slices.Delete(pending, 0, n)
	}
	var phase [10]time.Duration
	for i := range phase {
		phase[i] = time.Duration(rng.IntN(1000)) * time.Millisecond
	}
	events := 0
	for sec := range 86_400 {
		at := boot + time.Duration(sec)*time.Second + time.Second
		if sec%60 == 0 {
			emit(at, &fact.Clock{Monotonic: at, Synced: true})
		}
		// A burst of ten every 8.64 s; every 240th is an outage or its end.
		for ; events < (sec*100_000)/86_400/10*10; events++ {
			emit(at+time.Duration(events%10)*time.Millisecond, happening(s, events))
		}
		for i := range 10 {
			sent := at + phase[i] + time.Duration(rng.IntN(300))*time.Microsecond
			rtt := time.Duration(math.Exp(rng.NormFloat64()*0.3)*float64(2+3*i)*1e3) * time.Microsecond
			r := &fact.ProbeResult{Target: fmt.Sprintf("ping:192.0.2.%d", i), Outcome: fact.OutcomeOK, Sent: sent, RTT: rtt}
			known := sent + rtt + time.Duration(20+rng.IntN(60))*time.Microsecond
			if rng.IntN(200) == 0 {
				r.Outcome, r.RTT, known = fact.OutcomeTimeout, 0, sent+2*time.Second
			}
			emit(known, r)
		}
		flush(at)
	}
	flush(math.MaxInt64)
}

// happening returns one of the ten facts of a burst.
func happening(s *storm, i int) fact.Fact {
	up, flap := i/10/120%2 == 0, i/10%120 == 0
	switch n := i % 10; {
	case n == 0 && flap:
		link := s.link
		link.CarrierChanges = uint32(i)
		if !up {
			link.Flags, link.OperState = link.Flags&^fact.FlagLowerUp, fact.OperDown
		}
		return &link
	case n < 3 && flap:
		l := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[n-1]}, Err: "ENETUNREACH"}
		if up {
			l.Err, l.Type, l.Table, l.Index, l.Gateway, l.Source = "", fact.RouteUnicast, 254, 2, netip.MustParseAddr("192.0.2.1"), s.addr.Local
		}
		return l
	case n < 6:
		state := fact.NeighbourState(1 << (i / 7 % 5))
		return &fact.Neighbour{Index: 2, Dst: netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 30)}), LLAddr: fact.Untrusted(fmt.Sprintf("02:00:00:00:00:%02x", i%30)), State: state}
	case n == 6:
		addr := s.addr
		addr.ValidUntil = boot + time.Duration(i)*time.Second
		return &addr
	}
	return &fact.Route{
		Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Index: 2, Protocol: 16, Metric: uint32(600 + i%7),
		Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i % 10), 0, 0}), 24),
	}
}

// dayFile writes the day once, through a timeline for its rollups.
func dayFile(tb testing.TB) (name string, observations int) {
	tb.Helper()
	name = filepath.Join(tb.TempDir(), "day.flap.gz")
	w := create(tb, name)
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	var last fact.Observation
	live := fold.NewFold(path.DefaultSettings(), func(e fold.Event) {
		tl.Event(e, nil)
		if e.Observation == nil && (e.Transition == nil || recorded(e.Transition.Scope)) {
			w.AppendEvent(&e)
		}
	})
	n := 0
	aDay(func(o fact.Observation) {
		live.Advance(o.Mono)
		tl.Observed(o, live.State())
		if err := w.Append(&o); err != nil {
			tb.Fatal(err)
		}
		live.Observe(o)
		if o.Mono-w.rolled >= rollupFor {
			if err := w.AppendRollup(o.Time, o.Mono, tl.View().Rollup(timeline.Span{From: w.rolled, To: o.Mono})); err != nil {
				tb.Fatal(err)
			}
		}
		last = o
		n++
	})
	if err := w.AppendRollup(last.Time, last.Mono, tl.View().Rollup(timeline.Span{From: w.rolled, To: last.Mono})); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		tb.Fatal(err)
	}
	return name, n
}

// BenchmarkDay measures the reading of a day.
func BenchmarkDay(b *testing.B) {
	name, n := dayFile(b)
	info, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	open := func(b *testing.B) *Reader {
		r, err := Open(name)
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			open(b).Close()
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	})
	b.Run("seek", func(b *testing.B) {
		r := open(b)
		defer r.Close()
		rng := rand.New(rand.NewPCG(2, 2))
		for b.Loop() {
			at := boot + time.Duration(rng.Int64N(int64(24*time.Hour)))
			for range r.Range(at, math.MaxInt64) {
				break
			}
		}
	})
	b.Run("state-at", func(b *testing.B) {
		r := open(b)
		defer r.Close()
		rng := rand.New(rand.NewPCG(2, 2))
		for b.Loop() {
			if _, err := r.StateAt(boot + time.Duration(rng.Int64N(int64(24*time.Hour)))); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("overview", func(b *testing.B) {
		for b.Loop() {
			r := open(b)
			tl := timeline.NewTimeline(timeline.DefaultLimits())
			if err := r.Tail(tl, r.Overview(tl)); err != nil {
				b.Fatal(err)
			}
			v := tl.View()
			for _, t := range v.Targets(v.Bounds()) {
				v.Latency(t.ID, v.Bounds(), 1000)
			}
			r.Close()
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			r := open(b)
			for _, err := range r.All() {
				if err != nil {
					b.Fatal(err)
				}
			}
			r.Close()
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "obs/s")
	})
	b.Run("replay", func(b *testing.B) {
		for b.Loop() {
			r := open(b)
			f := fold.NewFold(r.Header().Settings, func(fold.Event) {})
			for o, err := range r.All() {
				if err != nil {
					b.Fatal(err)
				}
				f.Observe(o)
			}
			r.Close()
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "obs/s")
	})
}

// BenchmarkAppend measures the writing of a day, gzip and write(2) included,
// with a flush for every tenth of a second.
func BenchmarkAppend(b *testing.B) {
	var obs []fact.Observation
	aDay(func(o fact.Observation) { obs = append(obs, o) })
	probes := obs[:0:0]
	for _, o := range obs {
		if o.Fact.Kind() == fact.KindProbe {
			probes = append(probes, o)
		}
	}
	for name, obs := range map[string][]fact.Observation{"probes": probes, "day": obs} {
		b.Run(name, func(b *testing.B) {
			var before, after runtime.MemStats
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				w := create(b, filepath.Join(b.TempDir(), "a.flap.gz"))
				runtime.ReadMemStats(&before)
				spent -= processorTime(b)
				b.StartTimer()
				next := boot
				for i := range obs {
					if err := w.Append(&obs[i]); err != nil {
						b.Fatal(err)
					}
					if obs[i].Mono >= next {
						next = obs[i].Mono + 100*time.Millisecond
						if err := w.Flush(); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.StopTimer()
				spent += processorTime(b)
				runtime.ReadMemStats(&after)
				if err := w.Close(epoch, obs[len(obs)-1].Mono, "stop"); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(len(obs)), "ns/record")
			b.ReportMetric(float64(spent)/float64(b.N)/float64(len(obs)), "cpu-ns/record")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(len(obs)), "allocs/record")
		})
	}
}

// processorTime is what this process has used, which others on the machine do not
// add to.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
