package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestIncidentBrief: the few words name the same thing as the sentence.
func TestIncidentBrief(t *testing.T) {
	const minute = time.Minute
	for what, want := range map[path.What]string{
		path.CarrierLost:       "eth0 lost its carrier",
		path.GatewaySilent:     "gateway 192.0.2.1 on eth0 was silent",
		path.UpstreamSilent:    "the internet beyond gateway 192.0.2.1 on eth0 was silent",
		path.ResolverFailed:    "resolver 192.0.2.53 answered errors",
		path.GatewayUnresolved: "gateway 192.0.2.1 on eth0 was not found: no answer to ARP and ND",
	} {
		leg := map[path.What]path.LegName{
			path.CarrierLost: path.LegLink, path.GatewaySilent: path.LegGateway, path.GatewayUnresolved: path.LegGateway, path.UpstreamSilent: path.LegInternet, path.ResolverFailed: path.LegDNS,
		}[what]
		all := incidentsOf(newWorld(3, damage{what: what, leg: leg, from: minute, to: 2 * minute}).observations(4*minute), 4*minute)
		if len(all) != 1 || string(all[0].Brief()) != want {
			t.Errorf("%s: %d incidents, %q, want %q", what, len(all), all[0].Brief(), want)
		}
	}
}

// TestIncidentOfNoInterface: a machine without any interface is not gone.
func TestIncidentOfNoInterface(t *testing.T) {
	sync := fact.Observation{Time: time.Unix(1e9, 0), Mono: time.Hour, Op: fact.Put, Fact: &fact.Sync{Source: "kernel"}}
	all := incidentsOf([]fact.Observation{sync}, time.Minute)
	if len(all) != 1 || all[0].Text != "this machine has no interface; nothing works" {
		t.Errorf("%q", lines(all))
	}
}
