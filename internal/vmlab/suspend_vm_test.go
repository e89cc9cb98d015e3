package vmlab

import (
	"slices"
	"testing"
	"time"
)

// sleep sends the machine to sleep and does something while it sleeps.
func (w *watch) sleep(state string, meanwhile func()) {
	w.Helper()
	w.step("(sleep 1; echo " + state + " >/sys/power/state) &")
	time.Sleep(4 * time.Second)
	meanwhile()
}

// gap waits for a gap of one of the reasons.
func (w *watch) gap(reasons ...string) {
	w.Helper()
	e := w.await("a gap", func(e event) bool { return e.Kind == "gap" && slices.Contains(reasons, e.Gap.Reason) })
	if d := time.Duration(e.Gap.ToNS - e.Gap.FromNS); d < time.Second {
		w.Errorf("got a gap of %v, want a second at least", d)
	}
}

// noLoss checks that the newest step made no settled loss in two
// seconds more, and no raw transition either if rawToo.
func (w *watch) noLoss(rawToo bool) {
	w.Helper()
	w.m.Run(w.T, "sleep 2")
	w.take()
	for _, e := range w.seen[w.from:] {
		settled := e.Phase == "settled" && e.To != "satisfied" || e.Kind == "episode"
		if settled || rawToo && e.Kind == "path" && !e.Initial {
			w.Errorf("after a sleep: %s", e)
		}
	}
}

// coreTest makes a suspend to memory go all the way but into the firmware,
// which the emulator's does not come back from: the clocks and the devices stop
// and come back after some seconds (Documentation/power/basic-pm-debugging.rst).
const coreTest = "echo core >/sys/power/pm_test; echo 5 >/sys/module/suspend/parameters/pm_test_delay"

// TestSuspend sends the machine to sleep. A sleep is a gap in what is known,
// never an outage.
func TestSuspend(t *testing.T) {
	m := lab(t, Options{})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")
	m.Run(t, coreTest)
	w.sleep("mem", func() {})
	w.gap("suspend")
	w.noLoss(true)
}

// TestSleeps sends a machine with a network card to sleep in other ways.
func TestSleeps(t *testing.T) {
	nightly(t)
	m := lab(t, Options{NICs: 1, Modules: []string{"e1000"}})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")
	w.part("idle", func() {
		// Suspend-to-idle, from which a key wakes. A processor without idle
		// states leaves CLOCK_MONOTONIC running, so that all processes were
		// stopped is what can be reported.
		m.Run(w.T, "echo enabled >/sys/devices/platform/i8042/serio0/power/wakeup")
		w.sleep("freeze", func() { m.Monitor(w.T, "sendkey ret") })
		w.gap("suspend", "stopped")
		w.noLoss(true)
	})
	m.Run(t, coreTest)

	// Real network cards lose the carrier in a sleep.
	m.Run(t, `sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1; ip link set eth0 up
		ip addr add 192.0.2.7/24 dev eth0; ip route add default via 192.0.2.1
		until [ $(cat /sys/class/net/eth0/operstate) = up ]; do sleep 0.1; done`)
	w = follow(t, m, "", "--no-probes")
	w.part("network-card", func() {
		w.sleep("mem", func() {})
		w.gap("suspend")
		w.noLoss(false)
	})
	w.part("cable-pulled-meanwhile", func() {
		w.sleep("mem", func() { m.Monitor(w.T, "set_link nic0 off") })
		w.gap("suspend")
		if got := w.becomes("machine", "unsatisfied no_carrier").chain(); got != "eth0 carrier lost" {
			w.Errorf("cause: got %q", got)
		}
		m.Run(w.T, "sleep 2")
		m.Monitor(w.T, "set_link nic0 on")
		if got := w.becomes("machine", "satisfied").chain(); got != "eth0 carrier back" {
			w.Errorf("recovery: got %q", got)
		}
		w.noLoss(false)
	})
}
