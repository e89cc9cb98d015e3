package state

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"flapscope/monitor/fact"
)

// TestAddressesAreFound: whatever comes and goes, addresses are found by their
// link, their value and their scope as a walk over all of them finds them.
func TestAddressesAreFound(t *testing.T) {
	s, r := NewState(), rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a := &fact.Address{
			Index: 1 + r.IntN(3), Local: netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(4))}), PrefixLen: uint8(23 + r.IntN(2)),
			Scope: []fact.Scope{fact.ScopeGlobal, fact.ScopeLink}[r.IntN(2)], Flags: fact.AddrTentative * fact.AddressFlags(r.IntN(2)),
		}
		if r.IntN(2) == 0 {
			a.Local = netip.AddrFrom16(a.Local.As16())
		}
		s.Apply(fact.Observation{Op: []fact.Op{fact.Put, fact.Put, fact.Delete}[r.IntN(3)], Fact: a})
		checkAddresses(t, s)
		if t.Failed() {
			return
		}
	}
	for _, a := range slices.Collect(maps.Values(s.Addresses)) {
		s.Apply(fact.Observation{Op: fact.Delete, Fact: a})
	}
	if len(s.byLink)+len(s.byLocal)+len(s.wide) > 0 {
		t.Errorf("without addresses: %d links, %d values and %d wide ones are left, want none", len(s.byLink), len(s.byLocal), len(s.wide))
	}
}

func checkAddresses(t *testing.T, s *State) {
	t.Helper()
	byLink, wide := map[LinkFamily][]*fact.Address{}, map[LinkFamily]bool{}
	usable := map[netip.Addr]bool{}
	for _, a := range s.Addresses {
		k := LinkFamily{a.Index, a.Family()}
		byLink[k] = append(byLink[k], a)
		if a.Scope < fact.ScopeLink {
			wide[k] = true
		}
		usable[a.Local] = usable[a.Local] || a.Usable()
	}
	for i := range 4 {
		for _, f := range fact.Families {
			k := LinkFamily{i, f}
			got, want := s.AddressesOf(k), byLink[k]
			slices.SortFunc(want, compareAddresses)
			if !slices.Equal(got, want) {
				t.Errorf("addresses of %v: got %d, want %d", k, len(got), len(want))
			}
			if got := slices.Contains(slices.Collect(s.Addressed(f)), i); got != wide[k] {
				t.Errorf("%v has a wide address: got %v, want %v", k, got, wide[k])
			}
		}
	}
	for local, want := range usable {
		if a := s.Source(local); a == nil || a.Local != local || a.Usable() != want {
			t.Errorf("source %v: got %+v, want one that is usable: %v", local, a, want)
		}
	}
	if a := s.Source(netip.MustParseAddr("203.0.113.9")); a != nil {
		t.Errorf("source of nobody: got %+v, want none", a)
	}
}
