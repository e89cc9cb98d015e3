package vmlab

import (
	"strings"
	"testing"
)

// TestVRF puts the only uplink into a VRF: a program that binds to it has a
// path, the machine has none.
func TestVRF(t *testing.T) {
	m := lab(t, Options{Modules: []string{"vrf"}})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")

	w.part("port", func() {
		w.step(`ip -n a link add red type vrf table 10; ip -n a link set red up
			ip -n a link set eth0 master red
			ip -n a route add default via 192.0.2.1 vrf red`)
		w.await("no path for the machine", func(e event) bool {
			return e.Phase == "settled" && e.Scope == "machine" && strings.HasPrefix(e.Path.String(), "unsatisfied no_route")
		})
		p := status(w.T, m, "a")
		for _, i := range p.Interfaces {
			if i.Name == "eth0" && (i.IPv4.Status != "satisfied" || i.IPv4.Gateway != "192.0.2.1") {
				w.Errorf("eth0 in the VRF: got %+v, want its own path satisfied", i)
			}
			if i.Name == "red" && i.Candidate {
				w.Errorf("the VRF itself is a candidate")
			}
		}
		if got := m.Run(w.T, "ip -n a route get 1.1.1.1 oif eth0"); !strings.Contains(got, "via 192.0.2.1 dev eth0 table 10") {
			w.Errorf("the kernel does not agree: %s", got)
		}
	})
	w.part("port-without-carrier", func() {
		w.m.Run(w.T, "until [ -z \"$(ip -n a -6 addr show tentative)\" ]; do sleep 0.1; done")
		w.pause()
		w.step("ip -n a-r link set p0 down")
		if got := w.becomes("interface:eth0", "unsatisfied no_carrier").chain(); got != "eth0 carrier lost" {
			w.Errorf("cause: got %q", got)
		}
		w.step("ip -n a-r link set p0 up")
		w.becomes("interface:eth0", "satisfied")
		w.pause()
	})
	w.part("rule-to-its-table", func() {
		w.step("ip -n a rule add priority 5000 lookup 10")
		e := w.becomes("machine", "satisfied")
		if got := e.chain(); got != "rule 5000: from all lookup 10 added" || e.Path.Interface != "eth0" {
			w.Errorf("recovery: got %q over %s", got, e.Path.Interface)
		}
	})
	w.part("own-route-of-another-table", func() {
		w.step("ip -n a rule add priority 4000 lookup 20; ip -n a route add prohibit default table 20")
		e := w.becomes("machine", "unsatisfied route_blocked")
		if got := e.chain(); !strings.Contains(got, "prohibit default") {
			w.Errorf("cause: got %q, want the prohibit route", got)
		}
		w.step("ip -n a rule del priority 4000")
		if got := w.becomes("machine", "satisfied").chain(); got != "rule 4000: from all lookup 20 removed" {
			w.Errorf("recovery: got %q", got)
		}
	})
}
