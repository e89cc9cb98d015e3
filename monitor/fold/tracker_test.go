package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestTrackerAlone: a tracker needs no fold: it is given evaluations and holds,
// and returns what changed.
func TestTrackerAlone(t *testing.T) {
	facts := path.NewLastChanges()
	track := tracker{scope: path.ScopeIPv4}
	seen := func(at time.Duration, s path.Status) []change {
		return track.step(&evaluated{
			now: fact.Instant{Mono: at}, path: &path.Path{IPv4: path.FamilyPath{Status: s}}, facts: &facts,
			since: at, damping: path.DefaultDamping(),
		}, nil, nil)
	}
	h := holds{down: time.Second, up: time.Second / 2, maxPending: 5 * time.Second}
	if got := seen(0, path.Satisfied); len(got) != 2 || !got[0].transition.Initial {
		t.Fatalf("first evaluation: got %v, want an initial raw and a settled transition", got)
	}
	got := seen(10*time.Second, path.Unsatisfied)
	if len(got) != 1 || got[0].transition.Phase != PhaseRaw || got[0].transition.To != path.Unsatisfied {
		t.Fatalf("loss: got %v, want one raw transition", got)
	}
	at, ok := track.deadline(h)
	if want := 11 * time.Second; !ok || at != want {
		t.Fatalf("deadline after the loss: got %v, want %v", at, want)
	}
	if got := track.expire(h, &facts, fact.Instant{Mono: at - 1}, nil); len(got) != 0 {
		t.Errorf("before the deadline: got %v, want nothing", got)
	}
	got = track.expire(h, &facts, fact.Instant{Mono: at}, nil)
	if len(got) != 1 || got[0].transition.Phase != PhaseSettled || got[0].at.Mono != 10*time.Second {
		t.Errorf("at the deadline: got %v, want a settled transition dated back to the loss", got)
	}
}

// TestEpisodesAlone: an outage takes the families with it, and what its end did
// not bring back goes on as an episode of its own.
func TestEpisodesAlone(t *testing.T) {
	var e episodes
	half := &path.Path{Status: path.Satisfied, IPv4: path.FamilyPath{Status: path.Satisfied}, IPv6: path.FamilyPath{Status: path.Unsatisfied, Reason: path.ReasonNoRoute}}
	m := moment{state: state.NewState(), path: half, standing: standing{families: [2]bool{true, true}}}
	machine := func(to path.Status) *Transition {
		return &Transition{Phase: PhaseSettled, Scope: path.ScopeMachine, To: to, Path: half}
	}
	got := e.transition(m, fact.Instant{Mono: time.Second}, machine(path.Unsatisfied))
	if len(got) != 1 || got[0].Episode.What != EpisodeOutage || !got[0].Episode.Open {
		t.Fatalf("loss of the machine: got %v, want an open outage", got)
	}
	got = e.transition(m, fact.Instant{Mono: 4 * time.Second}, machine(path.Satisfied))
	if len(got) != 2 || got[0].Episode.Duration != 3*time.Second || got[1].Episode.What != EpisodeIPv6Lost {
		t.Fatalf("its end: got %v, want an outage of 3 s that ended, and the loss of IPv6", got)
	}
}
