package ui

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// A probing feed is one whose past grows: of targets that are asked once a second.
type probing struct {
	tl     *timeline.Timeline
	state  *state.State
	snap   fold.Snapshot
	view   *timeline.View
	begin  time.Time
	now    time.Duration
	random *rand.Rand
}

// newProbing returns a feed of n targets.
func newProbing(t testing.TB, n int) *probing {
	t.Helper()
	p := &probing{
		tl: timeline.NewTimeline(timeline.DefaultLimits()), state: state.NewState(), snap: *sceneOf(t, "good").Snapshot(),
		begin: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), now: time.Hour, random: rand.New(rand.NewPCG(1, 2)),
	}
	p.snap.Targets = map[string]*state.TargetState{}
	for i := range n {
		addr := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
		to := &fact.Target{
			ID: "ping:" + addr.String(), Name: fact.Untrusted(addr.String()), Method: fact.MethodPing, Role: fact.RoleInternet,
			Family: fact.IPv4, Addr: addr, Interval: time.Second,
		}
		p.observe(to)
		p.snap.Targets[to.ID] = &state.TargetState{Target: to}
	}
	p.tl.Snapshot(&fold.Snapshot{Time: p.begin.Add(p.now), Mono: p.now, Raw: p.snap.Raw, Health: p.snap.Health})
	return p
}

func (p *probing) observe(f fact.Fact) {
	p.tl.Observed(fact.Observation{Time: p.begin.Add(p.now), Mono: p.now, Op: fact.Put, Fact: f}, p.state)
}

// ask lets time pass, and each target answer, or be silent since a time-out ago.
func (p *probing) ask(passed time.Duration) {
	p.now += passed
	for id, t := range p.snap.Targets {
		r := &fact.ProbeResult{Target: id, Outcome: fact.OutcomeOK, Sent: p.now - 40*time.Millisecond, RTT: time.Duration(math.Exp(p.random.NormFloat64()*0.3) * 9e6)}
		if p.random.IntN(50) == 0 {
			r.Outcome, r.RTT, r.Sent = fact.OutcomeTimeout, 0, p.now-2*time.Second
		}
		p.observe(r)
		t.Last, t.LastAt = r, p.now
	}
	p.view = p.tl.View()
}

// Now implements Feed.
func (p *probing) Now() (time.Time, time.Duration) { return p.begin.Add(p.now), p.now }

// Snapshot implements Feed.
func (p *probing) Snapshot() *fold.Snapshot { return &p.snap }

// Timeline implements Feed.
func (p *probing) Timeline() Timeline { return p.view }

// BenchmarkDayFrame is the cost of one picture of each page at 200x60 while a day of ten
// targets grows: of a quarter of an hour, and of all of it.
func BenchmarkDayFrame(b *testing.B) {
	p := newProbing(b, 10)
	for range 24 * 60 * 60 {
		p.ask(time.Second)
	}
	for _, width := range []time.Duration{15 * time.Minute, 24 * time.Hour} {
		for page, kind := range pageKinds() {
			b.Run(fmt.Sprintf("%s-%v", kind.title, width), func(b *testing.B) {
				m := start(p, Options{Width: width}, 200, 60)
				press(b, m, num(int64(page+1)))
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					p.ask(250 * time.Millisecond)
					b.StartTimer()
					m.scope.refresh(p)
					m.picture()
				}
			})
		}
	}
}
