package state

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// TestTargetStateIsShared: a result never changes what a snapshot holds.
func TestTargetStateIsShared(t *testing.T) {
	before := &TargetState{Target: pinged()}
	for i := range 60 {
		sent := time.Hour + time.Duration(i)*time.Second
		r := &fact.ProbeResult{Outcome: fact.OutcomeOK, Sent: sent, RTT: time.Millisecond}
		if i%6 == 0 {
			r.Outcome, r.RTT = fact.OutcomeTimeout, 0
		}
		before = before.after(sent+time.Second, r)
	}
	recent := append([]Sample(nil), before.Recent...)
	first := before.after(2*time.Hour, &fact.ProbeResult{Outcome: fact.OutcomeOK, Sent: 2 * time.Hour, RTT: 1})
	second := before.after(2*time.Hour, &fact.ProbeResult{Outcome: fact.OutcomeTimeout, Sent: 2 * time.Hour})
	if diff := cmp.Diff(recent, before.Recent); diff != "" {
		t.Errorf("the old state changed:\n%s", diff)
	}
	if first.Recent[len(first.Recent)-1].Lost || !second.Recent[len(second.Recent)-1].Lost {
		t.Error("two futures of one state share their samples")
	}
}

// TestTargetStateWindow: what a state keeps of its samples is what those of the
// whole history say, and no state changes once it is made.
func TestTargetStateWindow(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		state := &TargetState{Target: pinged()}
		var all []Sample
		var states, copies []TargetState
		at := time.Hour
		for range 400 {
			at += time.Duration(1+r.IntN(1500)) * time.Millisecond
			if r.IntN(100) == 0 {
				at += time.Minute
			}
			// Some results come out of the order of sending.
			sent := at - time.Duration(r.IntN(2000))*time.Millisecond
			res := &fact.ProbeResult{Outcome: fact.OutcomeOK, Sent: sent, RTT: time.Duration(1+r.IntN(int(1+seed%3*300))) * time.Millisecond}
			if r.IntN(12) == 0 {
				res.Outcome, res.RTT = fact.OutcomeTimeout, 0
			}
			state = state.after(at, res)
			if sent < state.Well {
				continue
			}
			all = append(all, Sample{Sent: sent, At: at, RTT: res.RTT, Lost: res.Outcome != fact.OutcomeOK})
			slices.SortStableFunc(all, func(a, b Sample) int { return int(a.Sent - b.Sent) })
			if n := len(state.Recent); n > len(all) || !slices.Equal(state.Recent, all[len(all)-n:]) {
				t.Fatalf("seed %d: at %v the samples are %v, not the newest of %v", seed, at, state.Recent, all)
			}
			m := state.Median()
			if slow := m >= slowFactor*state.Baseline && m >= state.Baseline+slowLeast; state.slowNow() != slow {
				t.Fatalf("seed %d: at %v slow %v with a median of %v above %v", seed, at, state.slowNow(), m, state.Baseline)
			}
			c := *state
			c.Recent = slices.Clone(c.Recent)
			states, copies = append(states, *state), append(copies, c)
		}
		for i := range states {
			if !slices.Equal(states[i].Recent, copies[i].Recent) {
				t.Fatalf("seed %d: state %d changed", seed, i)
			}
		}
	}
}

// pinged is a target that is asked once a second.
func pinged() *fact.Target {
	return &fact.Target{
		ID: "ping:1.1.1.1", Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4,
		Addr: netip.MustParseAddr("1.1.1.1"), Interval: time.Second,
	}
}
