package probes

import (
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
)

// Somebody who asks need not wait for the turn of a target that is asked twice a
// minute, and who asks again and again gets no more than a probe a second.
func TestHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultConfig())
		w.host.put(fact.Put, ipv4Only()...)
		w.run(t)
		pass(20 * time.Second)
		const slow = "dns:192.0.2.53"
		last := w.host.target(slow).Asked
		if next := last + w.host.target(slow).Interval; next < w.now()+3*time.Second {
			pass(next - w.now() + time.Second)
			last = w.host.target(slow).Asked
		}
		pass(time.Second)
		since := w.now()
		w.Hurry()
		pass(200 * time.Millisecond)
		if got := w.host.target(slow).Asked; got < since {
			t.Errorf("asked %v ago, want now; the last time was %v ago", w.now()-got, w.now()-last)
		}
		before := w.probes()[slow]
		for range 20 {
			w.Hurry()
			pass(100 * time.Millisecond)
		}
		if n := w.probes()[slow] - before; n > 2 {
			t.Errorf("%d probes in 2 s, want at most one a second", n)
		}
	})
}
