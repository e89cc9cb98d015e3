package probes

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
)

// A fakeStarter answers after a while, or never, and keeps its answers while it
// is told to.
type fakeStarter struct {
	ProberFunc
	silent bool
	// unread is whether answers wait for Collect all the time, as they do in the
	// socket of a process that does not run.
	unread bool

	mu              sync.Mutex // guards all following
	held            bool
	kept            []func()
	started, holds  int
	givenUp, delays int
}

func (p *fakeStarter) Start(_ *fact.Target, report func(fact.ProbeResult)) (Flight, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started++
	f := &fakeFlight{p: p}
	if !p.silent {
		time.AfterFunc(time.Millisecond, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			answer := func() {
				f.over = true
				report(fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: time.Millisecond})
			}
			if p.held || p.unread {
				p.kept = append(p.kept, answer)
				p.delays++
				return
			}
			answer()
		})
	}
	return f, true
}

func (p *fakeStarter) Hold(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = on
	p.holds++
}

func (p *fakeStarter) Collect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, answer := range p.kept {
		answer()
	}
	p.kept = nil
}

type fakeFlight struct {
	p    *fakeStarter
	over bool
}

func (f *fakeFlight) GiveUp() (fact.ProbeResult, bool) {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	if f.over {
		return fact.ProbeResult{}, false
	}
	f.p.givenUp++
	return fact.ProbeResult{Outcome: fact.OutcomeTimeout}, true
}

// TestUnreadAnswerIsNoSilence: an answer that has come is not lost because nobody
// read it until the end of the wait.
func TestUnreadAnswerIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Portal.URL, c.Internet, c.Calm.After = "", []string{"ping:198.51.100.1"}, 0
		w := newWorld(t, c)
		p := &fakeStarter{unread: true}
		w.probers[fact.MethodPing] = p
		w.host.put(fact.Put, append(lookups(fact.IPv4, "192.0.2.1", "192.0.2.7"), eth0(), &fact.Sync{Source: "kernel"})...)
		w.run(t)
		pass(10 * time.Second)
		all := facts[*fact.ProbeResult](w.host, fact.Put)
		if len(all) < 10 {
			t.Errorf("%d outcomes are known", len(all))
		}
		for _, r := range all {
			if r.Outcome != fact.OutcomeOK {
				t.Fatalf("%+v, want the answer that had come", r)
			}
		}
	})
}

// TestStarter: few and many targets, answered and silent, without a goroutine for
// each: every probe has one outcome, and at most a slot after it was known.
func TestStarter(t *testing.T) {
	for name, tt := range map[string]struct {
		targets int
		silent  bool
		held    bool
	}{
		"few":          {3, false, false},
		"many":         {200, false, true},
		"few, silent":  {3, true, false},
		"many, silent": {200, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := DefaultConfig()
				c.Portal.URL, c.Internet, c.Calm.After, c.Budget = "", nil, 0, Budget{Packets: 1e6, Bytes: 1e9}
				for i := range tt.targets {
					c.Internet = append(c.Internet, fmt.Sprintf("ping:198.51.100.%d", i+1))
				}
				w := newWorld(t, c)
				p := &fakeStarter{silent: tt.silent, ProberFunc: func(context.Context, *fact.Target) fact.ProbeResult {
					t.Error("a goroutine was spent")
					return fact.ProbeResult{}
				}}
				w.probers[fact.MethodPing] = p
				w.host.put(fact.Put, append(lookups(fact.IPv4, "192.0.2.1", "192.0.2.7"), eth0(), &fact.Sync{Source: "kernel"})...)
				w.run(t)
				pass(10*time.Second + 500*time.Millisecond)
				known := len(facts[*fact.ProbeResult](w.host, fact.Put))
				p.mu.Lock()
				defer p.mu.Unlock()
				inFlight := p.started - known
				most := 0
				if tt.silent {
					// A loss is asked for again, so that there is more than one a second.
					most = 3 * (tt.targets + 1)
				}
				if inFlight < 0 || inFlight > most+16 || known == 0 {
					t.Errorf("%d started, %d outcomes known", p.started, known)
				}
				for _, r := range facts[*fact.ProbeResult](w.host, fact.Put) {
					if silent := r.Outcome == fact.OutcomeTimeout; silent != tt.silent {
						t.Fatalf("%+v", r)
					}
				}
				if tt.silent && p.givenUp != known {
					t.Errorf("%d given up, %d outcomes", p.givenUp, known)
				}
				if !tt.silent && (p.delays > 0) != tt.held {
					t.Errorf("%d answers were kept for the next turn, want some: %v", p.delays, tt.held)
				}
			})
		})
	}
}
