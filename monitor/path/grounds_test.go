package path

import (
	"net/netip"
	"testing"

	"flapscope/monitor/fact"
)

// TestGroundsAreBounded: a path rests on so many addresses and rules at most, however
// many there are, and on rules as they are now.
func TestGroundsAreBounded(t *testing.T) {
	s := stateOf(&fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp | fact.FlagLowerUp})
	put := func(f fact.Fact) { s.Apply(fact.Observation{Op: fact.Put, Fact: f}) }
	for i := range 10 * maxGrounds {
		put(&fact.Address{Index: 2, Local: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), PrefixLen: 24, Flags: fact.AddrTentative})
		put(&fact.Rule{Family: fact.IPv4, Priority: uint32(i), Table: uint32(i)})
	}
	k := NewEvaluator(DefaultSettings())
	for _, l := range s.Links {
		k.Changed(l)
	}
	sup := k.Evaluate(s, 0).Supports[ScopeName(fact.IPv4.Scope())]
	count := map[fact.Layer]int{}
	for _, g := range sup {
		count[g.Layer]++
	}
	for _, layer := range []fact.Layer{fact.LayerAddress, fact.LayerRule} {
		if count[layer] != maxGrounds {
			t.Errorf("%d grounds of layer %s, want %d", count[layer], layer, maxGrounds)
		}
	}
	first := &fact.Rule{Family: fact.IPv4, Priority: 0, Table: 0}
	s.Apply(fact.Observation{Op: fact.Delete, Fact: first})
	k.Changed(first)
	if after := k.Evaluate(s, 0).Supports[ScopeName(fact.IPv4.Scope())]; after.rests(ruleFacet(first)) || !sup.rests(ruleFacet(first)) {
		t.Error("a rule that is gone is a ground, or one that is there is none")
	}
}
