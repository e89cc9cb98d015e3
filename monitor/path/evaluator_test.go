package path

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// randomFact makes up any fact that an evaluation can rest on, of six interfaces.
func randomFact(r *rand.Rand) (fact.Op, fact.Fact) {
	op := fact.Put
	if r.IntN(4) == 0 {
		op = fact.Delete
	}
	index := 2 + r.IntN(6)
	v4 := netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + r.IntN(4))})
	v6 := netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", 1+r.IntN(4)))
	family, local := fact.IPv4, v4
	if r.IntN(2) == 0 {
		family, local = fact.IPv6, v6
	}
	switch r.IntN(12) {
	case 0, 1, 2:
		return op, randomLink(r, index)
	case 3, 4, 5:
		return op, &fact.Address{
			Index: index, Local: local, PrefixLen: 24, Scope: []fact.Scope{fact.ScopeGlobal, fact.ScopeGlobal, fact.ScopeLink}[r.IntN(3)],
			Flags: []fact.AddressFlags{fact.AddrPermanent, fact.AddrTentative, fact.AddrDADFailed}[r.IntN(3)],
		}
	case 6, 7, 8:
		dst := fact.Destinations(family)
		l := &fact.Lookup{Question: fact.Question{Family: family, Dst: dst[r.IntN(len(dst))]}, Err: "ENETUNREACH"}
		switch r.IntN(4) {
		case 0:
			l.Mark = 7
		case 1, 2:
			l.OIF = index
		}
		if r.IntN(3) > 0 {
			l.Err, l.Type, l.Table, l.Index, l.Source, l.Metric = "", fact.RouteUnicast, 254, 2+r.IntN(6), local, uint32(r.IntN(3))
		}
		return op, l
	case 9:
		return op, &fact.Rule{Family: family, Priority: uint32(r.IntN(3)), Not: r.IntN(2) == 0, FwMark: 7, Action: fact.RuleToTable, Table: 100}
	case 10:
		return op, &fact.Wifi{Index: index, Event: []fact.Untrusted{"associated", "disconnected"}[r.IntN(2)]}
	}
	return op, &fact.Neighbour{Index: index, Dst: local, State: []fact.NeighbourState{fact.NeighbourFailed, 0x02}[r.IntN(2)]}
}

func randomLink(r *rand.Rand, index int) *fact.Link {
	l := &fact.Link{
		Index: index, Name: fact.Untrusted(fmt.Sprintf("e%d", index+8*r.IntN(2))), MTU: 1500,
		Type: []fact.LinkType{fact.TypeWired, fact.TypeWifi, fact.TypeBridge, fact.TypeTunnel, fact.TypeVirtual}[r.IntN(5)],
	}
	if r.IntN(6) > 0 {
		l.Flags |= fact.FlagUp
	}
	if r.IntN(4) > 0 {
		l.Flags |= fact.FlagLowerUp | fact.FlagRunning
	}
	switch r.IntN(6) {
	case 0:
		l.Master, l.SlaveKind = 2+r.IntN(6), "bridge"
	case 1:
		l.Flags |= fact.FlagLoopback * fact.LinkFlags(r.IntN(2))
	}
	return l
}

// TestEvaluatorKeepsNothingStale: whatever changes in whatever order, an evaluator
// that saw all of it says the same as one that sees the state for the first time,
// and what it says to have changed is what did.
func TestEvaluatorKeepsNothingStale(t *testing.T) {
	satisfied := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		set := DefaultSettings()
		if seed%10 == 0 {
			set.Interface = "e3"
		}
		s, k := stateOf(), NewEvaluator(set)
		now := time.Hour
		was := map[int]Change{}
		for range 150 {
			for range 1 + r.IntN(3) {
				op, f := randomFact(r)
				now += time.Duration(r.IntN(3000)) * time.Millisecond
				s.Apply(fact.Observation{Mono: now, Op: op, Fact: f})
				k.Changed(f)
			}
			got, want := k.Evaluate(s, now), Evaluate(s, set, now)
			if got.Path.Status == Satisfied {
				satisfied++
			}
			compareEvaluations(t, seed, got, want, was)
			if t.Failed() {
				return
			}
		}
	}
	if satisfied < 300 {
		t.Errorf("%d of 9,000 evaluations found a path: the runs test little", satisfied)
	}
}

// compareEvaluations compares an evaluation with one of a state that is new, of
// which every interface is a change; was are the changes so far.
func compareEvaluations(t *testing.T, seed uint64, got, want *Evaluation, was map[int]Change) {
	t.Helper()
	for _, c := range got.Changed {
		if reflect.DeepEqual(c, was[c.Index]) && c.Path != nil {
			t.Errorf("seed %d: interface %d is said to have changed and did not", seed, c.Index)
		}
		if was[c.Index] = c; c.Path == nil {
			delete(was, c.Index)
		}
	}
	if len(was) != len(want.Changed) {
		t.Errorf("seed %d: %d interfaces by what changed, want %d", seed, len(was), len(want.Changed))
	}
	for _, c := range want.Changed {
		if !reflect.DeepEqual(was[c.Index], c) {
			t.Errorf("seed %d: interface %d by what changed:\n%+v\nwant\n%+v", seed, c.Index, was[c.Index], c)
		}
	}
	if !slices.IsSortedFunc(got.Changed, func(a, b Change) int { return a.Index - b.Index }) {
		t.Errorf("seed %d: what changed is not by index", seed)
	}
	got.Changed, want.Changed = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("seed %d: after many evaluations:\n%+v\n%+v\nthe first of the same state:\n%+v\n%+v", seed, got, got.Path, want, want.Path)
	}
}

// BenchmarkEvaluateCrowd is an evaluation of 2,000 interfaces of which two
// changed.
func BenchmarkEvaluateCrowd(b *testing.B) {
	s, k := state.NewState(), NewEvaluator(DefaultSettings())
	put := func(f fact.Fact) {
		s.Apply(fact.Observation{Mono: time.Hour, Op: fact.Put, Fact: f})
		k.Changed(f)
	}
	link := func(i int, flags fact.LinkFlags) *fact.Link {
		return &fact.Link{Index: i, Name: fact.Untrusted(fmt.Sprint("v", i)), Type: fact.TypeVirtual, Flags: flags}
	}
	up := fact.FlagUp | fact.FlagLowerUp
	for i := range 2000 {
		put(link(i+2, up))
		put(&fact.Address{Index: i + 2, Local: netip.MustParseAddr(fmt.Sprintf("fe80::%x", i+1)), PrefixLen: 64, Scope: fact.ScopeLink})
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		put(link(i%2000+2, fact.FlagUp*fact.LinkFlags(i/2000%2)))
		put(link((i+7)%2000+2, up))
		k.Evaluate(s, time.Hour)
	}
}
