package monitor

import (
	"testing"
	"time"
)

// TestTrackerAlone: a tracker needs no fold: it is given evaluations and holds,
// and returns what changed.
func TestTrackerAlone(t *testing.T) {
	facts := NewLastChanges()
	track := tracker{scope: ScopeIPv4}
	seen := func(at time.Duration, s Status) []change {
		return track.step(&evaluated{
			now: Instant{Mono: at}, path: &Path{IPv4: FamilyPath{Status: s}}, facts: &facts,
			since: at, damping: DefaultDamping(),
		}, nil)
	}
	h := holds{down: time.Second, up: time.Second / 2, unrest: 5 * time.Second}
	if got := seen(0, Satisfied); len(got) != 2 || !got[0].transition.Initial {
		t.Fatalf("first evaluation: got %v, want an initial raw and a settled transition", got)
	}
	got := seen(10*time.Second, Unsatisfied)
	if len(got) != 1 || got[0].transition.Phase != PhaseRaw || got[0].transition.To != Unsatisfied {
		t.Fatalf("loss: got %v, want one raw transition", got)
	}
	at, ok := track.deadline(h)
	if want := 11 * time.Second; !ok || at != want {
		t.Fatalf("deadline after the loss: got %v, want %v", at, want)
	}
	if got := track.expire(h, &facts, Instant{Mono: at - 1}); len(got) != 0 {
		t.Errorf("before the deadline: got %v, want nothing", got)
	}
	got = track.expire(h, &facts, Instant{Mono: at})
	if len(got) != 1 || got[0].transition.Phase != PhaseSettled || got[0].at.Mono != 10*time.Second {
		t.Errorf("at the deadline: got %v, want a settled transition dated back to the loss", got)
	}
}

// TestEpisodesAlone: an outage takes the families with it, and what its end did
// not bring back goes on as an episode of its own.
func TestEpisodesAlone(t *testing.T) {
	var e episodes
	half := &Path{Status: Satisfied, IPv4: FamilyPath{Status: Satisfied}, IPv6: FamilyPath{Status: Unsatisfied, Reason: ReasonNoRoute}}
	m := moment{state: NewState(), path: half, standing: standing{families: [2]bool{true, true}}}
	machine := func(to Status) *Transition {
		return &Transition{Phase: PhaseSettled, Scope: ScopeMachine, To: to, Path: half}
	}
	got := e.transition(m, Instant{Mono: time.Second}, machine(Unsatisfied))
	if len(got) != 1 || got[0].Episode.What != EpisodeOutage || !got[0].Episode.Open {
		t.Fatalf("loss of the machine: got %v, want an open outage", got)
	}
	got = e.transition(m, Instant{Mono: 4 * time.Second}, machine(Satisfied))
	if len(got) != 2 || got[0].Episode.Duration != 3*time.Second || got[1].Episode.What != EpisodeIPv6Lost {
		t.Fatalf("its end: got %v, want an outage of 3 s that ended, and the loss of IPv6", got)
	}
}
