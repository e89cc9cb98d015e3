package report

import (
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestScansAreNoPercentiles: of what was sent while the radio in use scanned, the round
// trip is in no percentile, and the loss is a loss.
func TestScansAreNoPercentiles(t *testing.T) {
	for _, tt := range []struct {
		name         string
		radio, bound int
		scanned      int
		want         time.Duration
	}{
		{"of-the-path", 3, 0, 30, 2 * time.Millisecond},
		{"bound-to-it", 3, 3, 30, 2 * time.Millisecond},
		{"of-another", 4, 0, 0, 60 * time.Millisecond},
		{"bound-elsewhere", 3, 4, 0, 60 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCollector(timeline.Span{From: 0, To: time.Hour})
			c.Happened(fold.Event{Transition: &fold.Transition{Scope: path.ScopeMachine, Path: &path.Path{IPv4: path.FamilyPath{Index: 3}}}}, nil)
			now := state.NewState()
			now.Targets["t"] = &state.TargetState{Target: &fact.Target{ID: "t", Index: tt.bound}}
			for s := range 600 {
				at := time.Duration(s) * time.Second
				rtt, outcome := 2*time.Millisecond, fact.OutcomeOK
				switch s % 20 {
				case 18:
					c.Observed(fact.Observation{Mono: at, Fact: &fact.WifiEvent{Index: tt.radio, Event: fact.WifiEventScan}}, now)
					rtt = 60 * time.Millisecond
				case 19:
					outcome = fact.OutcomeTimeout
				case 0:
					c.Observed(fact.Observation{Mono: at, Fact: &fact.WifiEvent{Index: tt.radio, Event: fact.WifiEventScanned}}, now)
				}
				c.Observed(fact.Observation{Mono: at + rtt, Fact: &fact.ProbeResult{Target: "t", Outcome: outcome, Sent: at, RTT: rtt}}, now)
			}
			got := c.checks["t"].summed(Check{})
			if got.N != 600 || got.Failed != 30 || got.Scanned != tt.scanned || got.P99.Value != tt.want {
				t.Errorf("%d checks, %d failed, %d in scans, p99 %v; want 600, 30, %d, %v", got.N, got.Failed, got.Scanned, got.P99.Value, tt.scanned, tt.want)
			}
		})
	}
}

// TestScanRhythms: a radio that scans regularly is told, of the part that is reported.
func TestScanRhythms(t *testing.T) {
	c := NewCollector(timeline.Span{From: time.Minute, To: time.Hour})
	c.links = map[fact.Untrusted]*fact.Link{"wlan0": {Index: 3, Name: "wlan0"}}
	for at := time.Duration(0); at < 5*time.Minute; at += 30 * time.Second {
		c.Observed(fact.Observation{Mono: at, Fact: &fact.WifiEvent{Index: 3, Event: fact.WifiEventScan, Channels: 65}}, state.NewState())
		c.Observed(fact.Observation{Mono: at + 20*time.Second, Fact: &fact.WifiEvent{Index: 3, Event: fact.WifiEventScanned}}, state.NewState())
	}
	got := c.scans.rhythms(c.span, c.name)
	if want := "wlan0: a scan of 65 channels every 30.0 s, 7 of 7, asked by this machine"; len(got) != 1 || string(got[0]) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := c.scans.rhythms(timeline.Span{From: 0, To: time.Minute}, c.name); len(got) != 0 {
		t.Errorf("of two scans: got %q, want nothing", got)
	}
}
