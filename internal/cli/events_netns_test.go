package cli_test

import (
	"syscall"
	"testing"
	"time"
)

func TestFlappingIsSeenWhole(t *testing.T) {
	m := wire(t).quiesce(t)
	s := follow(t, m.left)
	const flaps = 20
	// Administrative flaps at the near end: the kernel folds carrier flaps of
	// the far end, but never these.
	// What the program does not run for is one change to it: each is waited for.
	raw := func(satisfied bool) {
		t.Helper()
		s.await("raw transition", func(e event) bool {
			return e.Kind == "path" && e.Phase == "raw" && e.Scope == "machine" && !e.Initial && (e.To == "satisfied") == satisfied
		})
		time.Sleep(250 * time.Millisecond)
	}
	for range flaps {
		m.left.IP(t, "link set eth0 down")
		raw(false)
		m.left.IP(t, "link set eth0 up")
		m.left.Try("route add default via 192.0.2.1")
		raw(true)
	}
	s.await("end of flapping", func(e event) bool {
		return e.Kind == "path" && e.Phase == "settled" && e.Scope == "machine" && e.To == "satisfied"
	})
	var losses, gains, lost, raised int
	for _, e := range s.seen {
		switch {
		case e.Kind == "episode" && e.Episode.What == "flapping" && e.Episode.Open:
			raised++
		case e.Kind != "path" || e.Scope != "machine" || e.Initial:
		case e.Phase == "settled" && e.To != "satisfied" && e.From == "satisfied":
			lost++
		case e.Phase == "raw" && e.From == "satisfied" && e.To != "satisfied":
			losses++
		case e.Phase == "raw" && e.To == "satisfied" && e.From != "satisfied":
			gains++
		}
	}
	if losses != flaps || gains != flaps {
		t.Errorf("raw: got %d losses and %d gains, want %d each", losses, gains, flaps)
	}
	if lost != 1 {
		t.Errorf("settled losses: got %d, want 1 that lasts as long as the flapping", lost)
	}
	if raised == 0 {
		t.Error("no flapping episode was raised")
	}
}

func TestStoppedProcessIsAGap(t *testing.T) {
	m := wire(t).quiesce(t)
	s, process := followProcess(t, m.left)
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second)
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.await("gap", func(e event) bool {
		if e.Kind == "path" && !e.Initial {
			t.Errorf("%s %s of %s: %s→%s, want no transition: nothing happened but a stop", e.Phase, e.Kind, e.Scope, e.From, e.To)
		}
		return e.Kind == "gap"
	})
	// What comes after shows that the program goes on.
	m.left.IP(t, "route del default")
	if e := s.settled("machine"); e.Reason != "no_route" {
		t.Errorf("after the stop: got %q, want no_route", e.Reason)
	}
}
