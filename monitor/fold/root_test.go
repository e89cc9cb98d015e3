package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestRootsOfPaths: each reason why there is no path is the root of an incident.
func TestRootsOfPaths(t *testing.T) {
	source6 := facttest.LabSource6
	wifi := func(radioOff, up bool) *fact.Link {
		return facttest.With(facttest.LabLink(2, "wlan0", up, false), func(l *fact.Link) { l.Type, l.RadioOff = fact.TypeWifi, radioOff })
	}
	failed := facttest.With(facttest.LabAddress(2, source6, 64), func(a *fact.Address) { a.Flags |= fact.AddrDADFailed | fact.AddrTentative })
	refused := facttest.Flat(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2), facttest.LabRefused(fact.IPv6, "ENETUNREACH", 2))
	wired := facttest.LabLink(2, "eth0", true, true)
	for _, tt := range []struct {
		what  path.What
		facts []fact.Fact
		text  string
	}{
		{path.InterfaceGone, nil, "this machine has no interface; nothing works"},
		{path.RadioOff, []fact.Fact{wifi(true, false)}, "the radio of wlan0 is switched off; nothing works"},
		{path.AdminDown, []fact.Fact{facttest.LabLink(2, "eth0", false, false)}, "eth0 is set down; nothing works"},
		{path.CarrierLost, []fact.Fact{facttest.LabLink(2, "eth0", true, false)}, "eth0 has no carrier; nothing works"},
		{path.NotAssociated, []fact.Fact{wifi(false, true)}, "wlan0 is not associated; nothing works"},
		{path.NoAddress, []fact.Fact{wired}, "eth0 has no address; nothing works"},
		{path.DADFailed, []fact.Fact{wired, failed}, "an address on eth0 is in use by another host; nothing works"},
		{path.NoRoute, []fact.Fact{wired, facttest.LabAddress(2, facttest.LabSource, 24)}, "the default route on eth0 is missing; nothing works"},
		{path.TunnelDown, facttest.LabWireGuard(facttest.LabMarked("ENETUNREACH")...), "tunnel wg0 has no way to its far end; nothing works"},
	} {
		t.Run(string(tt.what), func(t *testing.T) {
			l := newLab(t, path.DefaultSettings())
			l.put(tt.facts...)
			if tt.what != path.TunnelDown {
				l.put(refused...)
			}
			l.put(&fact.Sync{Source: "kernel"})
			l.wait(time.Minute)
			var got *Incident
			for _, e := range l.events {
				if i := e.Incident; i != nil && !i.Note() {
					got = i
				}
			}
			if got == nil {
				t.Fatal("no incident")
			}
			if text := got.Text.Display(); got.Root.What != tt.what || text != tt.text {
				t.Errorf("%s: %s, want %s: %s", got.Root.What, text, tt.what, tt.text)
			}
		})
	}
}
