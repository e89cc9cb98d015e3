package fold

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// A laptop with Wi-Fi beside the wire, and a tunnel over either.
var (
	labRouter2 = netip.MustParseAddr("198.51.100.1")
	labSource2 = netip.MustParseAddr("198.51.100.7")
	labInner   = netip.MustParseAddr("10.7.0.2")
)

// bound are the answers that are bound to an interface.
func bound(facts []fact.Fact) (out []fact.Fact) {
	for _, f := range facts {
		if l := f.(*fact.Lookup); l.OIF != 0 {
			out = append(out, l)
		}
	}
	return out
}

// beside adds wlan0 with a default route of its own, which the kernel does not
// use.
func (l *lab) beside() *lab {
	l.put(facttest.LabLink(3, "wlan0", true, true), facttest.LabAddress(3, labSource2, 24), facttest.LabDefault(3, labRouter2, 600))
	l.put(bound(facttest.LabAnswers(3, labRouter2, labSource2, 600))...)
	return l
}

func labTunnel(up bool) *fact.Link {
	l := facttest.LabLink(9, "wg0", up, up)
	l.Type, l.LinkKind = fact.TypeTunnel, "wireguard"
	return l
}

// throughTunnel sends everything through wg0, over eth0.
func (l *lab) throughTunnel() *lab {
	l.put(labTunnel(true), facttest.LabAddress(9, labInner, 24), facttest.LabDefault(9, netip.Addr{}, 0))
	l.put(facttest.LabAnswers(9, netip.Addr{}, labInner, 0)...)
	return l
}

// TestInferredLossWaitsForAnswer: a loss that only follows from a link or an
// address waits for the kernel's answer, where another interface could carry
// the path, and for no more than 20 ms.
func TestInferredLossWaitsForAnswer(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	down := labTunnel(false)
	for _, tt := range []struct {
		name    string
		prepare func(l *lab)
		act     func(l *lab)
		want    []string
		eth0    []string
		losses  int
	}{
		{
			name: "other-default", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.lose()
				l.wait(ms(3))
				l.put(facttest.LabAnswers(3, labRouter2, labSource2, 600)...)
			},
			want: []string{"10.003s satisfied→satisfied"},
			eth0: []string{"10s satisfied→unsatisfied no_carrier"},
		},
		{
			name: "address-gone", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.del(facttest.LabAddress(2, facttest.LabSource, 24))
				l.wait(ms(3))
				l.put(facttest.LabAnswers(3, labRouter2, labSource2, 600)...)
			},
			want: []string{"10.003s satisfied→satisfied"},
			eth0: []string{"10s satisfied→unsatisfied no_address"},
		},
		{
			name: "no-other", prepare: func(*lab) {},
			act: func(l *lab) {
				l.lose()
				l.wait(ms(3))
			},
			want:   []string{"10s satisfied→unsatisfied no_carrier"},
			eth0:   []string{"10s satisfied→unsatisfied no_carrier"},
			losses: 1,
		},
		{
			name: "other-without-route",
			prepare: func(l *lab) {
				l.beside()
				l.put(bound(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 3))...)
			},
			act:    (*lab).lose,
			want:   []string{"10s satisfied→unsatisfied no_carrier"},
			eth0:   []string{"10s satisfied→unsatisfied no_carrier"},
			losses: 1,
		},
		{
			name: "refused", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.lose()
				l.wait(ms(3))
				l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
			},
			want:   []string{"10.003s satisfied→unsatisfied no_route"},
			eth0:   []string{"10s satisfied→unsatisfied no_carrier"},
			losses: 1,
		},
		{
			name: "no-answer", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.lose()
				l.wait(ms(50))
				l.put(facttest.LabAnswers(3, labRouter2, labSource2, 600)...)
			},
			want:   []string{"10.02s satisfied→unsatisfied no_carrier", "10.05s unsatisfied→satisfied"},
			eth0:   []string{"10s satisfied→unsatisfied no_carrier"},
			losses: 1,
		},
		{
			name: "other-fails-too", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.lose()
				l.wait(ms(2))
				l.put(facttest.LabLink(3, "wlan0", true, false))
			},
			want:   []string{"10.002s satisfied→unsatisfied no_carrier"},
			eth0:   []string{"10s satisfied→unsatisfied no_carrier"},
			losses: 1,
		},
		{
			name: "comes-back", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				l.lose()
				l.wait(ms(2))
				l.gain()
			},
			eth0: []string{"10s satisfied→unsatisfied no_carrier", "10.002s unsatisfied→satisfied"},
		},
		{
			name: "again-and-again", prepare: func(l *lab) { l.beside() },
			act: func(l *lab) {
				for range 3 {
					l.lose()
					l.wait(ms(8))
					l.gain()
					l.wait(ms(1))
				}
				l.lose()
			},
			want: []string{"10.047s satisfied→unsatisfied no_carrier"},
			eth0: []string{
				"10s satisfied→unsatisfied no_carrier", "10.008s unsatisfied→satisfied",
				"10.009s satisfied→unsatisfied no_carrier", "10.017s unsatisfied→satisfied",
				"10.018s satisfied→unsatisfied no_carrier", "10.026s unsatisfied→satisfied",
				"10.027s satisfied→unsatisfied no_carrier flapping",
			},
			losses: 1,
		},
		{
			name: "tunnel-down", prepare: func(l *lab) { l.throughTunnel() },
			act: func(l *lab) {
				l.put(down)
				l.wait(ms(3))
				l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
			},
			want: []string{"10.003s satisfied→satisfied"},
		},
		{
			name: "tunnel-removed", prepare: func(l *lab) { l.throughTunnel() },
			act: func(l *lab) {
				l.del(down)
				l.wait(ms(3))
				l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
			},
			want: []string{"10.003s satisfied→satisfied"},
		},
		{
			name: "tunnel-with-kill-switch", prepare: func(l *lab) { l.throughTunnel() },
			act: func(l *lab) {
				l.put(down)
				l.wait(ms(3))
				l.put(facttest.LabRefused(fact.IPv4, "EHOSTUNREACH")...)
			},
			want:   []string{"10.003s satisfied→unsatisfied route_blocked"},
			losses: 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			tt.prepare(l)
			l.wait(10 * time.Second)
			l.events = nil
			tt.act(l)
			l.wait(ms(100))
			l.want(path.ScopeIPv4, PhaseRaw, tt.want...)
			if got := l.transitions(path.ScopeMachine, PhaseRaw); len(got) != len(tt.want) {
				t.Errorf("machine raw transitions: got %q, want as many as %q", got, tt.want)
			}
			l.want(path.InterfaceScope("eth0"), PhaseRaw, tt.eth0...)
			if got := l.fold.scopes.named(path.ScopeMachine).flap.Evidence(l.now).Count; got != tt.losses {
				t.Errorf("losses that count for flapping: got %d, want %d", got, tt.losses)
			}
			if l.fold.quality.Unexplained != 0 {
				t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
			}
		})
	}
}

// TestOnlyInterfaceIsNotExcused: who watches one interface only is told of its
// loss at once, whatever else there is.
func TestOnlyInterfaceIsNotExcused(t *testing.T) {
	set := path.DefaultSettings()
	set.Interface = "eth0"
	l := newLab(t, set).boot().beside()
	l.wait(10 * time.Second)
	l.lose()
	l.want(path.ScopeMachine, PhaseRaw, "0s →satisfied", "10s satisfied→unsatisfied no_carrier")
}

// TestLateSwitchIsExplained: an answer that comes after the hold ended shows
// a loss, and yet the settled path was never lost: its chain begins with what
// made the switch.
func TestLateSwitchIsExplained(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot().throughTunnel()
	l.wait(10 * time.Second)
	l.events = nil
	l.put(labTunnel(false))
	l.wait(60 * time.Millisecond)
	l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	l.wait(2 * time.Second)
	l.wantCauses(path.ScopeMachine, PhaseRaw, "wg0 set down", "wg0 set down")
	l.wantCauses(path.ScopeMachine, PhaseSettled, "wg0 set down")
}

// TestSwitchIsExplained: the chain of a switch begins with what made it, though
// its answer came later.
func TestSwitchIsExplained(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot().beside()
	l.wait(10 * time.Second)
	l.events = nil
	l.lose()
	l.wait(3 * time.Millisecond)
	l.put(facttest.LabAnswers(3, labRouter2, labSource2, 600)...)
	l.wait(time.Second)
	l.wantCauses(path.ScopeMachine, PhaseRaw, "eth0 carrier lost")
	l.wantCauses(path.ScopeMachine, PhaseSettled, "eth0 carrier lost")
}
