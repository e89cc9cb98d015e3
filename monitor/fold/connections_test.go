package fold

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// connections prints the events of connections, one line each.
func (l *lab) connections() (out []string) {
	for _, e := range l.events {
		if e.Connection != nil {
			out = append(out, fmt.Sprintf("%v %s %s", e.Mono-time.Hour, e.Kind(), e.Connection.Words()))
		}
	}
	return out
}

// A connection stays where it began until that can't carry it, and hears of a better
// path; a required one knows only what it may use.
func TestConnectionsAreViableAndHearOfBetterPaths(t *testing.T) {
	l := newLab(t, path.DefaultSettings())
	l.fold.Require("by wifi", &path.Request{Require: []fact.LinkType{fact.TypeWifi}})
	radio := facttest.With(facttest.LabLink(3, "wlan0", true, true), func(l *fact.Link) { l.Type = fact.TypeWifi })
	air, access := netip.MustParseAddr("198.51.100.9"), netip.MustParseAddr("198.51.100.1")
	byAir := facttest.LabAnswers(3, access, air, 600)
	byCable := facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)
	cable := facttest.LabLink(2, "eth0", true, true)

	l.put(radio, facttest.LabAddress(3, air, 24), facttest.LabDefault(3, access, 600), mainRule4)
	l.put(byAir...)
	l.put(&fact.Target{ID: "ping:203.0.113.7", Name: "203.0.113.7", Method: fact.MethodPing, Role: fact.RoleCustom, Family: fact.IPv4, Addr: netip.MustParseAddr("203.0.113.7")})
	l.put(&fact.Sync{Source: "kernel"})
	l.wait(time.Second)
	l.put(cable, facttest.LabAddress(2, facttest.LabSource, 24), facttest.LabDefault(2, facttest.LabRouter, 100))
	l.put(byCable...)
	l.put(byAir[2:]...) // Bound to it only.
	l.wait(time.Second)
	l.put(facttest.With(radio, func(l *fact.Link) { l.Flags &^= fact.FlagLowerUp }))
	l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 3)[len(fact.Destinations(fact.IPv4)):]...)
	l.wait(time.Second)

	want := []string{
		"0s viability internet: viable on wlan0",
		"0s viability by wifi: viable on wlan0",
		"0s viability 203.0.113.7: viable on wlan0",
		"1s better_path internet: eth0 would be a better path than wlan0",
		"1s better_path 203.0.113.7: eth0 would be a better path than wlan0",
		"2s viability internet: not viable any more on wlan0, not_associated",
		"2s viability internet: viable on eth0",
		"2s viability by wifi: not viable any more on wlan0, not_associated",
		"2s viability 203.0.113.7: not viable any more on wlan0, not_associated",
		"2s viability 203.0.113.7: viable on eth0",
	}
	if got := l.connections(); !slices.Equal(got, want) {
		t.Errorf("got:\n%q\nwant:\n%q", got, want)
	}
}

var mainRule4 = &fact.Rule{Family: fact.IPv4, Priority: 32766, Action: fact.RuleToTable, Table: 254, SuppressPrefixLen: -1, SuppressIfGroup: -1}
