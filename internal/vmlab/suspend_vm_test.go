package vmlab

import (
	"slices"
	"testing"
	"time"
)

// TestSuspend sends the machine to sleep. A sleep is a gap in what is known,
// never an outage.
func TestSuspend(t *testing.T) {
	m := lab(t, Options{NICs: 1, Modules: []string{"virtio_net"}})
	m.Run(t, `sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1; ip link set eth0 up; ip addr add 192.0.2.7/24 dev eth0; ip route add default via 192.0.2.1
		echo enabled >/sys/devices/platform/i8042/serio0/power/wakeup`)
	w := follow(t, m, "", "--no-probes")
	gap := func(reasons ...string) {
		w.Helper()
		e := w.await("the gap", func(e event) bool { return e.Kind == "gap" && slices.Contains(reasons, e.Gap.Reason) })
		if e.Gap.ToNS-e.Gap.FromNS < 1e9 {
			w.Errorf("got a gap of %v, want a second at least", time.Duration(e.Gap.ToNS-e.Gap.FromNS))
		}
	}
	// sleep sends the machine to sleep and does something while it sleeps.
	sleep := func(state string, meanwhile func()) {
		w.Helper()
		w.step("(sleep 1; echo " + state + " >/sys/power/state) &")
		time.Sleep(6 * time.Second)
		meanwhile()
	}
	w.part("idle", func() {
		// Suspend-to-idle, from which a key wakes. A processor without idle
		// states leaves CLOCK_MONOTONIC running, so that all processes were
		// stopped is what can be told.
		sleep("freeze", func() { m.Monitor(w.T, "sendkey ret") })
		gap("suspend", "stopped")
		w.quiet()
	})
	// All of suspend-to-memory but the firmware, which this emulator lacks: the
	// clocks and devices stop and come back after some seconds.
	m.Run(t, "echo core >/sys/power/pm_test; echo 8 >/sys/module/suspend/parameters/pm_test_delay")
	w.part("memory", func() {
		sleep("mem", func() {})
		gap("suspend")
		w.quiet()
	})
	w.part("cable-pulled-in-sleep", func() {
		sleep("mem", func() { m.Monitor(w.T, "set_link nic0 off") })
		gap("suspend")
		if got := w.becomes("machine", "unsatisfied no_carrier").chain(); got != "eth0 carrier lost" {
			w.Errorf("cause: got %q", got)
		}
		m.Monitor(w.T, "set_link nic0 on")
		if got := w.becomes("machine", "satisfied").chain(); got != "eth0 carrier back" {
			w.Errorf("recovery: got %q", got)
		}
		m.Run(w.T, "sleep 2")
		w.take()
		for _, e := range w.seen[w.from:] {
			if e.Phase == "settled" && e.To != "satisfied" || e.Kind == "episode" {
				w.Errorf("settled within the grace that follows a sleep: %s", e)
			}
		}
	})
}

// quiet checks that the newest step made nothing but gaps, in two seconds.
func (w *watch) quiet() {
	w.Helper()
	w.m.Run(w.T, "sleep 2")
	w.take()
	for _, e := range w.seen[w.from:] {
		if e.Kind != "gap" {
			w.Errorf("got %s, want nothing but gaps", e)
		}
	}
}
