package vmlab

import "testing"

// TestSuspend sends the machine to sleep, once lightly and once to memory. A
// sleep is a gap in what is known, not an outage.
func TestSuspend(t *testing.T) {
	m := lab(t, Options{Programs: []string{"rtcwake"}})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")
	for _, mode := range []string{"freeze", "mem"} {
		w.part(mode, func() {
			w.step("echo N >/sys/module/printk/parameters/console_suspend; rtcwake -u -m " + mode + " -s 5")
			e := w.await("the gap", func(e event) bool { return e.Kind == "gap" && e.Reason == "suspend" })
			if e.ToNS-e.FromNS < 2e9 {
				w.Errorf("got a gap from %d to %d, want some seconds", e.FromNS, e.ToNS)
			}
			// What comes after the resume is seen by the next change.
			w.m.Run(w.T, "ip -n a route add 198.51.100.0/24 via 192.0.2.1 metric 1; sleep 2")
			w.take()
			for _, e := range w.seen[w.from:] {
				if e.Kind != "gap" {
					w.Errorf("after a sleep: %s", e)
				}
			}
			w.m.Run(w.T, "ip -n a route del 198.51.100.0/24 metric 1")
		})
	}
}
