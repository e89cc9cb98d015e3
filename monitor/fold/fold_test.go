package fold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// lab builds observation streams for tests of the fold: a laptop with one
// wired interface, unless told otherwise.
type lab struct {
	t      *testing.T
	fold   *Fold
	events []Event
	now    time.Duration
	seen   []fact.Observation
}

func newLab(t *testing.T, set path.Settings) *lab {
	l := &lab{t: t, now: time.Hour}
	l.fold = NewFold(set, func(e Event) { l.events = append(l.events, e) })
	return l
}

func (l *lab) observe(op fact.Op, f fact.Fact) {
	o := fact.Observation{Time: facttest.LabStart.Add(l.now - time.Hour), Mono: l.now, Op: op, Fact: f}
	l.seen = append(l.seen, o)
	l.fold.Observe(o)
}

func (l *lab) put(facts ...fact.Fact) {
	for _, f := range facts {
		l.observe(fact.Put, f)
	}
}

func (l *lab) del(facts ...fact.Fact) {
	for _, f := range facts {
		l.observe(fact.Delete, f)
	}
}

func (l *lab) wait(d time.Duration) {
	l.now += d
	l.fold.Advance(l.now)
}

// boot is a machine that is satisfied by IPv4 over eth0 from the start.
func (l *lab) boot() *lab {
	l.put(facttest.LabLink(1, "lo", true, true), facttest.LabLink(2, "eth0", true, true),
		facttest.LabAddress(2, facttest.LabSource, 24), facttest.LabDefault(2, facttest.LabRouter, 100))
	l.fold.state.Links[1].Flags |= fact.FlagLoopback
	l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	l.put(facttest.LabRefused(fact.IPv6, "ENETUNREACH", 2)...)
	l.put(&fact.Sync{Source: "kernel"})
	return l
}

// lose takes the carrier as the kernel tells it, and brings it back.
func (l *lab) lose() { l.put(facttest.LabLink(2, "eth0", true, false)) }
func (l *lab) gain() { l.put(facttest.LabLink(2, "eth0", true, true)) }

// transitions prints the path events of a scope, one line each.
func (l *lab) transitions(scope path.ScopeName, phase Phase) []string {
	var out []string
	for _, e := range l.events {
		if t := e.Transition; t != nil && t.Scope == scope && t.Phase == phase {
			line := fmt.Sprintf("%v %s→%s", e.Mono-time.Hour, t.From, t.To)
			if t.Reason != "" {
				line += " " + string(t.Reason)
			}
			if phase == PhaseSettled {
				line += fmt.Sprintf(" @%v", t.DeclaredMono-time.Hour)
			}
			if t.Flapping {
				line += " flapping"
			}
			out = append(out, line)
		}
	}
	return out
}

func (l *lab) want(scope path.ScopeName, phase Phase, want ...string) {
	l.t.Helper()
	if got := l.transitions(scope, phase); strings.Join(got, "\n") != strings.Join(want, "\n") {
		l.t.Errorf("%s %s transitions:\ngot  %s\nwant %s", scope, phase, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// causes returns the cause chains of a scope's path events, but for the first.
func (l *lab) causes(scope path.ScopeName, phase Phase) (out []string) {
	for _, e := range l.events {
		if t := e.Transition; t != nil && t.Scope == scope && t.Phase == phase && !t.Initial {
			var steps []string
			for _, s := range t.Cause {
				steps = append(steps, strings.TrimSpace(s.Interface.Display()+" "+string(s.Text)))
			}
			out = append(out, strings.Join(steps, ", "))
		}
	}
	return out
}

// wantCauses compares the cause chains of a scope's path events, but for the
// first.
func (l *lab) wantCauses(scope path.ScopeName, phase Phase, want ...string) {
	l.t.Helper()
	if got := l.causes(scope, phase); strings.Join(got, "\n") != strings.Join(want, "\n") {
		l.t.Errorf("%s %s causes:\ngot  %s\nwant %s", scope, phase, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestSettleLossAndGain(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.lose()
	l.wait(3 * time.Second)
	l.gain()
	l.wait(10 * time.Second)
	l.want(path.ScopeMachine, PhaseRaw, "0s →satisfied", "10s satisfied→unsatisfied no_carrier", "13s unsatisfied→satisfied")
	l.want(path.ScopeMachine, PhaseSettled, "0s →satisfied @0s", "10s satisfied→unsatisfied no_carrier @11s", "13s unsatisfied→satisfied @13.5s")
}

func TestSettleIgnoresShortLoss(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.lose()
	l.wait(900 * time.Millisecond)
	l.gain()
	l.wait(10 * time.Second)
	l.want(path.ScopeMachine, PhaseRaw, "0s →satisfied", "10s satisfied→unsatisfied no_carrier", "10.9s unsatisfied→satisfied")
	l.want(path.ScopeMachine, PhaseSettled, "0s →satisfied @0s")
}

// TestShortLossIsExplained loses the path for less than the second that a cause
// may be older than its transition, and for no time at all: the kernel reported
// only that the carrier had changed twice.
func TestShortLossIsExplained(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, 200 * time.Millisecond, 1500 * time.Millisecond} {
		t.Run(d.String(), func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.wait(10 * time.Second)
			for range 3 {
				l.lose()
				l.wait(d)
				l.gain()
				l.wait(d)
			}
			l.wantCauses(path.ScopeMachine, PhaseRaw, "eth0 carrier lost", "eth0 carrier back", "eth0 carrier lost",
				"eth0 carrier back", "eth0 carrier lost", "eth0 carrier back")
			if l.fold.quality.Unexplained != 0 {
				t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
			}
		})
	}
}

// TestCarrierIsLostBeforeSetDown keeps the first fact of a loss when another
// one follows before the loss is settled.
func TestCarrierIsLostBeforeSetDown(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.lose()
	l.wait(500 * time.Millisecond)
	l.put(facttest.LabLink(2, "eth0", false, false))
	l.wait(5 * time.Second)
	l.wantCauses(path.ScopeMachine, PhaseSettled, "eth0 carrier lost, eth0 set down")
}

func TestUnrestDoesNotKeepSatisfiedAlive(t *testing.T) {
	set := path.DefaultSettings()
	set.Damping.Raise = 1e6
	set.Damping.MaxHold = 20 * time.Minute
	l := newLab(t, set).boot()
	l.wait(10 * time.Second)
	for range 10 {
		l.lose()
		l.wait(900 * time.Millisecond)
		l.gain()
		l.wait(400 * time.Millisecond)
	}
	l.wait(10 * time.Second)
	l.want(path.ScopeMachine, PhaseSettled, "0s →satisfied @0s",
		"10s satisfied→unsatisfied no_carrier @15s", "22.6s unsatisfied→satisfied @23.1s")
	l.wantCauses(path.ScopeMachine, PhaseSettled, "eth0 carrier lost", "eth0 carrier back")
}

func TestFlappingIsRaisedAndEnds(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	for range 20 {
		l.lose()
		l.wait(250 * time.Millisecond)
		l.gain()
		l.wait(250 * time.Millisecond)
	}
	l.wait(10 * time.Minute)
	if got := len(l.transitions(path.ScopeMachine, PhaseRaw)); got != 41 {
		t.Errorf("raw transitions: got %d, want 41", got)
	}
	var opened, closed int
	for _, e := range l.events {
		if ep := e.Episode; ep != nil && ep.What == EpisodeFlapping && ep.Scope == path.ScopeMachine {
			if ep.Open {
				opened++
			} else {
				closed++
				if ep.Flap.Count != 20 {
					t.Errorf("flapping evidence: got %d losses, want 20", ep.Flap.Count)
				}
			}
		}
	}
	if opened != 1 || closed != 1 {
		t.Errorf("flapping episodes: got %d opened, %d closed, want 1 and 1", opened, closed)
	}
	settled := l.transitions(path.ScopeMachine, PhaseSettled)
	if len(settled) != 3 || !strings.Contains(settled[1], "flapping") {
		t.Errorf("settled: got %q, want satisfied, one loss in flapping, one gain", settled)
	}
}

func TestCauseChain(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.put(facttest.LabLink(2, "eth0", false, false))
	l.wait(time.Millisecond)
	l.del(facttest.LabDefault(2, facttest.LabRouter, 100))
	l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
	l.wait(5 * time.Second)
	var steps []string
	for _, e := range l.events {
		if tr := e.Transition; tr != nil && tr.Scope == path.ScopeMachine && tr.Phase == PhaseSettled && !tr.Initial {
			for _, s := range tr.Cause {
				steps = append(steps, fmt.Sprintf("%s %s +%v", s.Interface, s.Text, s.After))
			}
		}
	}
	want := "eth0 set down +0s|eth0 default via 192.0.2.1 metric 100 withdrawn +1ms"
	if got := strings.Join(steps, "|"); got != want {
		t.Errorf("cause chain:\ngot  %s\nwant %s", got, want)
	}
	if l.fold.quality.Unexplained != 0 {
		t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
	}
}
