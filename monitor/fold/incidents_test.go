package fold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// incidentsOf returns the last form of every incident that observations give,
// in the order of their IDs.
func incidentsOf(obs []fact.Observation, until time.Duration) []*Incident {
	var out []*Incident
	f := NewFold(path.DefaultSettings(), func(e Event) {
		if e.Incident == nil {
			return
		}
		for i := range out {
			if out[i].ID == e.Incident.ID {
				out[i] = e.Incident
				return
			}
		}
		out = append(out, e.Incident)
	})
	for _, o := range obs {
		f.Observe(o)
	}
	f.Advance(time.Hour + until)
	return out
}

// line is an incident in one line: severity, root, begin and end to a second,
// count, sentence.
func (i *Incident) line() string {
	to := "still"
	if !i.Open() {
		to = (i.To.Mono - time.Hour).Round(time.Second).String()
	}
	return fmt.Sprintf("%v-%s %s %d× %s", (i.From.Mono - time.Hour).Round(time.Second), to, i.Severity, i.Count, i.Text)
}

func lines(all []*Incident) []string {
	var out []string
	for _, i := range all {
		out = append(out, i.line())
	}
	return out
}

func TestIncidents(t *testing.T) {
	s := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	var flaps []damage
	for i := range 20 {
		flaps = append(flaps, damage{what: path.CarrierLost, from: s(60 + 2.5*float64(i)), to: s(61.5 + 2.5*float64(i))})
	}
	for _, tt := range []struct {
		name   string
		damage []damage
		want   []string
	}{
		{"none", nil, nil},
		{"carrier", []damage{{what: path.CarrierLost, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× eth0 lost its carrier; nothing worked",
		}},
		{"removed", []damage{{what: path.InterfaceGone, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× eth0 was gone; nothing worked",
		}},
		{"flap", flaps, []string{
			"1m0s-1m49s outage 20× eth0 lost its carrier 20 ×, 1.5 s each, 30.0 s in all, 1.0 s after the carrier was back, 19 of 19; nothing worked",
		}},
		{"address", []damage{{what: path.AddressLost, family: fact.IPv4, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× eth0 lost its IPv4 address 192.0.2.7; IPv6 worked",
		}},
		{"route", []damage{{what: path.RouteWithdrawn, family: fact.IPv4, from: s(60), to: s(85)}, {what: path.RouteWithdrawn, family: fact.IPv6, from: s(66), to: s(86)}}, []string{
			"1m0s-1m26s outage 1× the default routes via 192.0.2.1 and fe80::1 on eth0 were withdrawn; the gateway worked",
		}},
		{"gateway", []damage{{what: path.GatewaySilent, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was silent; nothing worked",
		}},
		{"gateway4", []damage{{what: path.GatewaySilent, family: fact.IPv4, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× gateway 192.0.2.1 on eth0 was silent; IPv6 worked",
		}},
		{"unresolved", []damage{{what: path.GatewayUnresolved, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was not found: no answer to ARP and ND; nothing worked",
		}},
		{"unresolved-later", []damage{{what: path.GatewayUnresolved, from: s(60), to: s(130), delay: 50 * time.Second}}, []string{
			"1m0s-2m10s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was not found: no answer to ARP and ND; nothing worked",
		}},
		{"silent-then-not-found", []damage{
			{what: path.GatewaySilent, from: s(60), to: s(80)}, {what: path.GatewayUnresolved, from: s(90), to: s(108)},
		}, []string{
			"1m0s-1m20s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was silent; nothing worked",
			"1m30s-1m48s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was not found: no answer to ARP and ND",
		}},
		{"both-then-one", []damage{
			{what: path.UpstreamSilent, from: s(60), to: s(79)}, {what: path.UpstreamSilent, family: fact.IPv6, from: s(122), to: s(141)},
		}, []string{
			"1m0s-1m19s outage 1× the internet beyond gateway 192.0.2.1 and fe80::1 on eth0 was silent; the gateway and DNS worked",
			"2m2s-2m21s outage 1× the IPv6 internet beyond gateway fe80::1 on eth0 was silent; the gateway, DNS and IPv4 worked",
		}},
		{"ipv4-stays-away", []damage{
			{what: path.CarrierLost, from: s(60), to: s(70)}, {what: path.AddressLost, family: fact.IPv4, from: s(62), to: s(130)},
		}, []string{
			"1m0s-1m10s outage 1× eth0 lost its carrier; nothing worked",
			"1m10s-2m10s outage 1× eth0 got no IPv4 address; IPv6 worked",
		}},
		{"no-lease", []damage{
			{what: path.CarrierLost, from: s(60), to: s(70)}, {what: path.AddressLost, from: s(62), to: s(110)},
		}, []string{
			"1m0s-1m10s outage 1× eth0 lost its carrier; nothing worked",
			"1m10s-1m50s outage 1× eth0 got no address; nothing worked",
		}},
		{"lease-in-time", []damage{
			{what: path.CarrierLost, from: s(60), to: s(70)}, {what: path.AddressLost, from: s(62), to: s(78)},
		}, []string{
			"1m0s-1m18s outage 1× eth0 lost its carrier; nothing worked",
		}},
		{"no-route", []damage{
			{what: path.CarrierLost, from: s(60), to: s(70)}, {what: path.RouteWithdrawn, from: s(62), to: s(110)},
		}, []string{
			"1m0s-1m10s outage 1× eth0 lost its carrier; nothing worked",
			"1m10s-1m50s outage 1× the default route on eth0 was missing; nothing worked",
		}},
		{"upstream", []damage{{what: path.UpstreamSilent, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× the internet beyond gateway 192.0.2.1 and fe80::1 on eth0 was silent; the gateway and DNS worked",
		}},
		{"prohibited", []damage{{what: path.UpstreamUnreachable, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× the internet beyond gateway 192.0.2.1 and fe80::1 on eth0 was unreachable, said the gateway (administratively prohibited); the gateway and DNS worked",
		}},
		{"upstream6", []damage{{what: path.UpstreamSilent, family: fact.IPv6, from: s(60), to: s(85)}}, []string{
			"1m0s-1m25s outage 1× the IPv6 internet beyond gateway fe80::1 on eth0 was silent; the gateway, DNS and IPv4 worked",
		}},
		{"dns", []damage{{what: path.ResolverSilent, from: s(60), to: s(85)}}, []string{
			"1m1s-1m26s degraded 1× resolver 192.0.2.53 was silent; the gateway, IPv4 and IPv6 worked",
		}},
		{"servfail", []damage{{what: path.ResolverFailed, from: s(60), to: s(85)}}, []string{
			"1m1s-1m27s degraded 1× resolver 192.0.2.53 answered SERVFAIL; the gateway, IPv4 and IPv6 worked",
		}},
		{"refused", []damage{{what: path.ResolverRefused, from: s(60), to: s(85)}}, []string{
			"1m1s-1m27s degraded 1× resolver 192.0.2.53 refused: nothing listened on its port; the gateway, IPv4 and IPv6 worked",
		}},
		{"portal", []damage{{what: path.CaptivePortal, from: s(60), to: s(125)}}, []string{
			"1m1s-2m31s degraded 1× a captive portal on eth0 answered for the web; the gateway, DNS, IPv4 and IPv6 worked",
		}},
		{"loss", []damage{{what: path.Loss, share: .4, from: s(60), to: s(95)}}, []string{
			"1m0s-1m35s degraded 1× gateway 192.0.2.1 and fe80::1 on eth0 lost 20 of 32 packets",
		}},
		{"slow", []damage{{what: path.Latency, leg: path.LegGateway, delay: 400 * time.Millisecond, from: s(60), to: s(95)}}, []string{
			"1m0s-1m36s degraded 1× gateway 192.0.2.1 and fe80::1 on eth0 was slow: 402 ms instead of 2.0 ms",
		}},
		{"slowdns", []damage{{what: path.Latency, leg: path.LegDNS, delay: 1500 * time.Millisecond, from: s(60), to: s(95)}}, []string{
			"1m1s-1m36s degraded 1× resolver 192.0.2.53 was slow: 1.5 s instead of 2.0 ms; the gateway, IPv4 and IPv6 worked",
		}},
		{"two", []damage{{what: path.UpstreamSilent, family: fact.IPv6, from: s(60), to: s(85)}, {what: path.ResolverFailed, from: s(70), to: s(100)}}, []string{
			"1m0s-1m25s outage 1× the IPv6 internet beyond gateway fe80::1 on eth0 was silent; the gateway and IPv4 worked",
			"1m11s-1m41s degraded 1× resolver 192.0.2.53 answered SERVFAIL; the gateway, IPv4 and IPv6 worked",
		}},
		{"inside", []damage{{what: path.GatewaySilent, from: s(60), to: s(100)}, {what: path.UpstreamSilent, from: s(70), to: s(90)}}, []string{
			"1m0s-1m40s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was silent; nothing worked",
		}},
		{"after", []damage{{what: path.GatewaySilent, from: s(60), to: s(90)}, {what: path.UpstreamSilent, from: s(70), to: s(120)}}, []string{
			"1m0s-1m31s outage 1× gateway 192.0.2.1 and fe80::1 on eth0 was silent; nothing worked",
			"1m31s-2m0s outage 1× the internet beyond gateway 192.0.2.1 and fe80::1 on eth0 was silent; the gateway and DNS worked",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lines(incidentsOf(newWorld(3, tt.damage...).observations(4*time.Minute), 4*time.Minute))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestServerBehindSilence: after a cable is back, a name server behind a silent
// provider is no trouble of its own, whatever is known first.
func TestServerBehindSilence(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for seed := range uint64(100) {
		w := newWorld(seed,
			damage{what: path.UpstreamSilent, from: at(60), to: at(120)}, damage{what: path.ResolverSilent, from: at(60), to: at(120)},
			damage{what: path.CarrierLost, from: at(80), to: at(100)})
		if seed%2 == 0 {
			// What is asked is planned anew with the way to it.
			w.anew = at(100)
			for _, target := range worldTargets() {
				w.put(at(90), fact.Delete, target)
				w.put(at(100), fact.Put, target)
			}
		}
		got := incidentsOf(w.observations(4*time.Minute), 4*time.Minute)
		if len(got) != 2 {
			t.Errorf("seed %d: %q", seed, lines(got))
		}
	}
}

// TestPortalByTheOtherFamily: that a page came by IPv4 says nothing of IPv6 when
// IPv4 has no path any more.
func TestPortalByTheOtherFamily(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for seed := range uint64(50) {
		got := incidentsOf(newWorld(seed, damage{what: path.UpstreamSilent, family: fact.IPv6, from: at(60), to: at(120)},
			damage{what: path.RouteWithdrawn, family: fact.IPv4, from: at(85), to: at(140)}).observations(4*time.Minute), 4*time.Minute)
		if len(got) != 2 || got[0].To.Mono < time.Hour+at(120) {
			t.Errorf("seed %d: %q", seed, lines(got))
		}
	}
}

// TestIncidentRests: one that comes and goes is kept open for a while, and says
// meanwhile that it is over.
func TestIncidentRests(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	const up, down = 8 * time.Second, 2 * time.Second
	for range 3 {
		l.wait(up)
		l.put(facttest.LabLink(2, "eth0", true, false))
		l.wait(down)
		l.put(facttest.LabLink(2, "eth0", true, true))
	}
	l.wait(3 * time.Second)
	var last *Incident
	for _, e := range l.events {
		if e.Incident != nil {
			last = e.Incident
		}
	}
	if last == nil || last.Phase != PhaseUpdate || last.Open() || last.Count != 3 || last.Down != 3*down || !strings.Contains(last.Text.Display(), "nothing worked") {
		t.Errorf("got %+v, want an update that says that it is over", last)
	}
}
