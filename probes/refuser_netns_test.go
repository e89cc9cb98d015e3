package probes

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
)

// TestStrictReversePath: where the best route to a target goes by another
// interface, a strict filter drops the replies. That is no loss.
func TestStrictReversePath(t *testing.T) {
	here, there := pair(t)
	here.IP(t, "link add w0 type veth peer name w1 netns "+there.Name)
	there.IP(t, "addr add 198.51.100.2/24 dev w1")
	there.IP(t, "link set w1 up")
	here.IP(t, "addr add 198.51.100.1/24 dev w0")
	here.IP(t, "link set w0 up")
	here.Reaches(t, "198.51.100.2")
	// By w0 too, but rather by v0.
	here.IP(t, "route add 192.0.2.0/24 via 198.51.100.2 dev w0 metric 500")
	there.Sysctl(t, "ipv4/conf/all/rp_filter", "0")
	here.AllowPingSockets(t)
	there.Sysctl(t, "ipv4/icmp_ratelimit", "0")
	serverIn(t, there, "192.0.2.2:80")
	target := echoTarget("192.0.2.2", ModeUnprivileged, index(t, here, "w0"))
	target.Port = 80
	for mode, want := range map[string]fact.Outcome{"0": fact.OutcomeOK, "1": fact.OutcomeNoData} {
		here.Sysctl(t, "ipv4/conf/all/rp_filter", mode)
		here.Sysctl(t, "ipv4/conf/w0/rp_filter", mode)
		for name, p := range map[string]Prober{"ping": newPinger(), "tcp": ProberFunc(connect), "udp": ProberFunc(knock)} {
			got := probeIn(t, here, time.Second, p, target)
			if got.Outcome != want {
				t.Errorf("%s, rp_filter %s: %s %q, want %s", name, mode, got.Outcome, got.Detail, want)
			}
		}
	}
}

// TestRunnerNamesTheGateway: a router that is the next hop is the gateway.
func TestRunnerNamesTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.probers[fact.MethodPing] = ProberFunc(func(_ context.Context, p *fact.Target) fact.ProbeResult {
			r := fact.ProbeResult{Outcome: fact.OutcomeUnreachable, By: fact.RefuserRouter, From: addr("192.0.2.1")}
			if p.ID == "ping:8.8.8.8" {
				r.From = addr("203.0.113.9")
			}
			return r
		})
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(2 * time.Second)
		for id, want := range map[string]fact.Refuser{"ping:1.1.1.1": fact.RefuserGateway, "ping:8.8.8.8": fact.RefuserRouter} {
			if r := w.host.target(id).Last; r == nil || r.By != want {
				t.Errorf("%s: %+v, want %s", id, r, want)
			}
		}
	})
}
