package path

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
)

// uplinks are a machine with a cable, a radio that is not associated, and a modem;
// its routes go out of the cable, or without one by the modem.
func uplinks(cable bool) []fact.Fact {
	radio := facttest.With(facttest.LabLink(3, "wlan0", true, false), func(l *fact.Link) { l.Type = fact.TypeWifi })
	modem := facttest.With(facttest.LabLink(4, "wwan0", true, true), func(l *fact.Link) { l.Type = fact.TypeCellular })
	mobile, far := netip.MustParseAddr("100.64.0.9"), netip.MustParseAddr("100.64.0.1")
	byModem := facttest.LabAnswers(4, far, mobile, 700)
	if cable {
		byModem = byModem[2:] // Bound to it only.
		return facttest.Flat(eth0, addr4, []fact.Fact{radio, modem, facttest.LabAddress(4, mobile, 30), facttest.LabDefault(2, facttest.LabRouter, 100), facttest.LabDefault(4, far, 700), mainRule}, good4, byModem, none6)
	}
	return facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false), radio, modem, facttest.LabAddress(4, mobile, 30), facttest.LabDefault(4, far, 700), mainRule}, byModem, none6)
}

var mainRule = &fact.Rule{Family: fact.IPv4, Priority: 32766, Action: fact.RuleToTable, Table: 254, SuppressPrefixLen: -1, SuppressIfGroup: -1}

func TestAsk(t *testing.T) {
	host := []netip.Addr{netip.MustParseAddr("198.51.100.80")}
	tests := []struct {
		name  string
		cable bool
		ask   Request
		by    fact.Untrusted
		text  fact.Untrusted
	}{
		{"anything", true, Request{}, "eth0", "eth0 (wired) carries it via 192.0.2.1 from 192.0.2.7"},
		{"wired", true, Request{Require: []fact.LinkType{fact.TypeWired}}, "eth0", "eth0 (wired) carries it via 192.0.2.1 from 192.0.2.7"},
		{"not-wired", true, Request{Prohibit: []Condition{"wired"}}, "wwan0", "wwan0 (cellular) carries it via 100.64.0.1 from 100.64.0.9; without conditions it would be eth0"},
		{"cheap", true, Request{Prohibit: []Condition{Expensive}}, "eth0", "eth0 (wired) carries it via 192.0.2.1 from 192.0.2.7"},
		{"wifi-that-is-not-associated", true, Request{Require: []fact.LinkType{fact.TypeWifi}}, "", "no path: eth0 (wired) is not of the required type; wwan0 (cellular) is not of the required type; wlan0 (wifi) is not associated"},
		{"cheap-without-cable", false, Request{Prohibit: []Condition{Expensive}}, "", "no path: wwan0 (cellular) is expensive, which is prohibited; wlan0 (wifi) is not associated; eth0 (wired) has no carrier"},
		{"tunnel", true, Request{Require: []fact.LinkType{fact.TypeTunnel}}, "", "no path: there is no tunnel interface; eth0 (wired) is not of the required type; wwan0 (cellular) is not of the required type; wlan0 (wifi) is not of the required type"},
		{"host", true, Request{To: host}, "eth0", "eth0 (wired) carries it via 192.0.2.1 from 192.0.2.7"},
		{"host-by-modem", true, Request{To: host, Require: []fact.LinkType{fact.TypeCellular}}, "wwan0", "wwan0 (cellular) carries it via 100.64.0.1 from 100.64.0.9; without conditions it would be eth0"},
		{"host-cheap-without-cable", false, Request{To: host, Prohibit: []Condition{Expensive}}, "", "no path to 198.51.100.80: wwan0 (cellular) is expensive, which is prohibited; wlan0 (wifi) is not associated; eth0 (wired) has no carrier"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Ask(stateOf(uplinks(tt.cable)...), DefaultSettings(), time.Hour, &tt.ask)
			want := Unsatisfied
			if tt.by != "" {
				want = Satisfied
			}
			if o.Status != want || want == Satisfied && o.Interface != tt.by {
				t.Errorf("got %s %s by %q, want %s by %q", o.Status, o.Reason, o.Interface, want, tt.by)
			}
			if o.Text != tt.text {
				t.Errorf("got  %s\nwant %s", o.Text, tt.text)
			}
			if o.Status == Satisfied && o.Expensive != (o.Interface == "wwan0") {
				t.Errorf("expensive by %s: got %v", o.Interface, o.Expensive)
			}
		})
	}
}

// What goes through a tunnel is paid for below it.
func TestTunnelCostsWhatCarriesIt(t *testing.T) {
	facts := facttest.LabWireGuard(facttest.LabMarked("")...)
	for _, f := range facts {
		if l, ok := f.(*fact.Link); ok && l.Name == "eth0" {
			l.Type = fact.TypeCellular
		}
	}
	p := Evaluate(stateOf(facts...), DefaultSettings(), time.Hour).Path
	if p.Interface != "wg0" || !p.Expensive {
		t.Errorf("got %s, expensive %v; want wg0, over a modem", p.Interface, p.Expensive)
	}
}

// What NetworkManager takes for metered is expensive, and constrained where the user
// chose it.
func TestMetered(t *testing.T) {
	for _, guessed := range []bool{false, true} {
		facts := append(uplinks(true), &fact.Metering{Name: "eth0", Guessed: guessed})
		s := stateOf(facts...)
		p := Evaluate(s, DefaultSettings(), time.Hour).Path
		if !p.Expensive || p.Constrained == guessed {
			t.Errorf("guessed %v: expensive %v, constrained %v", guessed, p.Expensive, p.Constrained)
		}
		o := Ask(s, DefaultSettings(), time.Hour, &Request{Prohibit: []Condition{Constrained}})
		if want := map[bool]fact.Untrusted{false: "wwan0", true: "eth0"}[guessed]; o.Interface != want {
			t.Errorf("guessed %v: %s; want %s", guessed, o.Text, want)
		}
	}
}
