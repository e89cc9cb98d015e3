package fold

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestIncidentIsBounded: what comes back for ever is one incident, and each of
// its reports holds no more than the one before.
func TestIncidentIsBounded(t *testing.T) {
	const times = 2 * max(keepExplained, keepLags)
	cable := &trouble{declared: true, state: troubleOver}
	c := incidents{troubles: []*trouble{cable}}
	for i := range times {
		at := time.Duration(i) * time.Minute
		cable.add(&trouble{began: fact.Instant{Mono: at}, Incident: Incident{To: fact.Instant{Mono: at + time.Second}}})
		// It is reported when it begins and when it ends.
		c.episode(&Episode{ID: i, StartMono: at, Open: true})
		c.episode(&Episode{ID: i, StartMono: at})
	}
	i := cable.form(fact.Instant{Mono: times * time.Minute}, PhaseUpdate)
	if n := len(i.Episodes); n != keepExplained || i.Episodes[n-1] != times-1 {
		t.Errorf("%d episodes are named, want %d, the newest last", n, keepExplained)
	}
	if i.Count != times || i.Pattern == nil || i.Pattern.Of != keepLags {
		t.Errorf("%d times, with the pattern %+v of %d", i.Count, i.Pattern, keepLags)
	}
}

// TestReportsShareEpisodes: an incident that lasts is reported and put into
// snapshots thousands of times, of which few know of another episode; and none
// hears of a later one.
func TestReportsShareEpisodes(t *testing.T) {
	cable := &trouble{declared: true, state: troubleOver}
	c := incidents{troubles: []*trouble{cable}}
	for id := range keepExplained {
		c.episode(&Episode{ID: id})
	}
	first, second := cable.form(fact.Instant{}, PhaseUpdate), cable.form(fact.Instant{}, PhaseUpdate)
	if &first.Episodes[0] != &second.Episodes[0] {
		t.Error("two reports with the same episodes have a list each")
	}
	c.episode(&Episode{ID: keepExplained})
	third := cable.form(fact.Instant{}, PhaseUpdate)
	if n := len(first.Episodes); n != keepExplained || first.Episodes[0] != 0 || first.Episodes[n-1] != keepExplained-1 {
		t.Errorf("an earlier report says %v now", first.Episodes)
	}
	if n := len(third.Episodes); n != keepExplained || third.Episodes[0] != 1 || third.Episodes[n-1] != keepExplained {
		t.Errorf("a later report says %v", third.Episodes)
	}
}

// TestGoneAddressesAreBounded: interfaces that come and go for ever leave nothing
// behind, and the address that went last is known.
func TestGoneAddressesAreBounded(t *testing.T) {
	var w pathWatch
	for i := range 5 * keepGone {
		a := &fact.Address{Index: i, Local: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})}
		w.removed(fact.Observation{Mono: time.Duration(i) * path.Precursor / 100, Op: fact.Delete, Fact: a}, a)
		if len(w.gone) > keepGone {
			t.Fatalf("%d addresses are remembered, want at most %d", len(w.gone), keepGone)
		}
		if _, ok := w.gone[state.LinkFamily{Index: i, Family: fact.IPv4}]; !ok {
			t.Fatalf("address %d is forgotten at once", i)
		}
	}
	a := &fact.Address{Local: netip.AddrFrom4([4]byte{10, 1, 1, 1})}
	for i := range 2 * keepGone {
		a.Index = i
		w.removed(fact.Observation{Mono: time.Hour, Op: fact.Delete, Fact: a}, a)
	}
	if len(w.gone) > keepGone {
		t.Errorf("%d addresses that went at once are remembered, want at most %d", len(w.gone), keepGone)
	}
}

// TestClosedAreBounded: a snapshot carries the newest of what is over.
func TestClosedAreBounded(t *testing.T) {
	var e episodes
	var c incidents
	for i := range 5 * keepIncidents {
		e.open = append(e.open, &openEpisode{Episode: Episode{ID: i, What: EpisodeIPv6Lost}})
		e.close(fact.Instant{}, EpisodeIPv6Lost, "", fact.Instant{}, nil)
		c.keep(fact.Instant{}, &Incident{ID: i})
	}
	if n := len(e.closed); n != keepEpisodes || e.closed[n-1].ID != 5*keepIncidents-1 {
		t.Errorf("%d episodes are kept, want %d, the newest last", n, keepEpisodes)
	}
	if n := len(c.closed); n != keepIncidents || c.closed[n-1].ID != 5*keepIncidents-1 {
		t.Errorf("%d incidents are kept, want %d, the newest last", n, keepIncidents)
	}
}

// TestChainIsBounded: of a thousand causes the first ones are reported.
func TestChainIsBounded(t *testing.T) {
	steps := func(*fault) (out []path.Step) {
		for i := range 1000 {
			out = append(out, path.Step{Mono: time.Duration(i), Text: fact.Untrusted(fmt.Sprint(i))})
		}
		return out
	}
	if got := chainOf([]*fault{{}}, steps); len(got) != maxSteps || got[0].Text != "0" {
		t.Errorf("%d steps are told, want %d, the first ones", len(got), maxSteps)
	}
}
