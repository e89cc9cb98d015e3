package watch

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"flapscope/history/pattern"
	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// What a full collection leaves of the heap at most, however long a process observes
// (docs/reliability.md). What a screen keeps of probes is not in it: that of a day is
// tested in package timeline.
const (
	recordBound = 16 << 20
	screenBound = 23 << 20
)

// churn drives what record and the live screen hold through hours in which nothing
// stays: each step brings an interface with an index, a name, addresses, a route and
// a neighbour that never were, and takes them away; the uplink loses its carrier, and
// targets that never were are silent.
type churn struct {
	driver *fold.Driver
	mono   time.Duration
}

func (c *churn) observe(op fact.Op, facts ...fact.Fact) {
	for _, f := range facts {
		c.mono += time.Millisecond
		c.driver.Observe(fact.Observation{Time: facttest.LabStart.Add(c.mono), Mono: time.Hour + c.mono, Op: op, Fact: f})
	}
}

// step is a minute and a half: more than the quiet time of incidents.
func (c *churn) step(i int) {
	end := c.mono + 90*time.Second
	index, four := i+10, netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1})
	six := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 14: byte(i >> 8), 15: byte(i)})
	silent := "ping:" + four.String()
	passing := []fact.Fact{
		facttest.LabLink(index, fmt.Sprintf("pass%d", i), true, true),
		facttest.LabAddress(index, four, 24), facttest.LabAddress(index, six, 64),
		facttest.LabDefault(index, four.Next(), 1000+uint32(i)),
		&fact.Neighbour{Index: index, Dst: four.Next(), LLAddr: "02:00:00:00:00:01", State: fact.NeighbourReachable},
		&fact.Target{ID: silent, Method: fact.MethodPing, Role: fact.RoleCustom, Family: fact.IPv4, Addr: four, Interval: time.Second},
	}
	c.observe(fact.Put, passing...)
	for range 4 {
		c.probe(silent, fact.OutcomeTimeout)
		c.probe("ping:1.1.1.1", fact.OutcomeOK)
	}
	c.observe(fact.Put, facttest.LabLink(2, "eth0", true, false))
	c.observe(fact.Put, facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
	c.mono += 3 * time.Second
	c.observe(fact.Put, facttest.LabLink(2, "eth0", true, true))
	c.observe(fact.Put, facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	slices.Reverse(passing)
	c.observe(fact.Delete, passing...)
	c.mono = max(c.mono, end)
}

func (c *churn) probe(target string, outcome fact.Outcome) {
	c.mono += time.Second
	c.observe(fact.Put, &fact.ProbeResult{Target: target, Sent: time.Hour + c.mono - 5*time.Millisecond, RTT: 5 * time.Millisecond, Outcome: outcome})
}

// hearing passes on what it hears, until it is let go.
type hearing struct{ fold.Listener }

func (h *hearing) Observed(o fact.Observation, s *state.State) {
	if h.Listener != nil {
		h.Listener.Observed(o, s)
	}
}

func (h *hearing) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	if h.Listener != nil {
		h.Listener.Happened(e, snapshot)
	}
}

// written appends what it hears to a recording.
type written struct {
	t *testing.T
	w *session.Writer
}

func (l *written) Observed(o fact.Observation, _ *state.State) {
	if err := l.w.Append(&o); err != nil {
		l.t.Error(err)
	}
}

func (l *written) Happened(e fold.Event, _ func() *fold.Snapshot) { l.w.AppendEvent(&e) }

// TestMemoryIsBounded: when all lists are full, after a day, a process holds no more
// than its bound.
func TestMemoryIsBounded(t *testing.T) {
	before := heap()
	w, err := session.Create(filepath.Join(t.TempDir(), "a"+session.Suffix), facttest.LabStart, time.Hour, session.Header{Tool: "test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abandon()
	set := path.DefaultSettings()
	screen, patterns := &hearing{timeline.NewTimeline(timeline.DefaultLimits())}, &hearing{&pattern.Collector{}}
	c := &churn{driver: fold.NewDriver(set, &written{t, w}, timeline.NewTimeline(timeline.SumLimits(set)), screen, patterns)}
	c.observe(fact.Put, facttest.LabLink(2, "eth0", true, true), facttest.LabAddress(2, facttest.LabSource, 24), facttest.LabDefault(2, facttest.LabRouter, 100))
	c.observe(fact.Put, facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	c.observe(fact.Put, &fact.Sync{Source: "kernel"})
	for i := range 1200 {
		c.step(i)
	}
	both := heap() - before
	screen.Listener, patterns.Listener = nil, nil
	record := heap() - before
	t.Logf("after %.0f h the screen holds %.1f MB, record %.1f MB", c.mono.Hours(), float64(both)/1e6, float64(record)/1e6)
	if both > screenBound || record > recordBound {
		t.Errorf("the screen holds %d bytes, want %d at most; record %d, want %d", both, screenBound, record, recordBound)
	}
	runtime.KeepAlive(c)
}

// heap returns what a collection leaves.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
