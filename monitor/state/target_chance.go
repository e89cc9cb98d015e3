package state

import (
	"time"

	"flapscope/monitor/fact"
)

const (
	// chanceBefore is how long before a silence began its companions are looked
	// at, and chanceLate how long a loss takes to be known: what was sent later
	// has answers and no losses yet.
	chanceBefore = 2 * time.Second
	chanceLate   = 2 * time.Second
	// chanceLosses of at least chanceTargets are loss on the link; fewer may be
	// strays, and are worth one more loss.
	chanceLosses  = 2
	chanceTargets = 2
	// chanceDoubt: a share of few packets says little, and is taken for smaller.
	chanceDoubt = 3
	// chanceMost is the largest share that is believed: silence must be told at
	// some time.
	chanceMost = 0.6
)

// endurance returns how many losses in a row of a target are silence and not
// chance: by what it loses itself, and by what the others lose that go out by the
// same interface. On a link that loses packets each target soon has two losses in
// a row, before its own losses are enough to say so.
func (s *State) endurance(t *TargetState, now time.Duration) int {
	own := 0
	if t.Lossy != nil {
		own = t.endure
	}
	index := s.wayIndex(t)
	if index == 0 {
		return own
	}
	var lost, all, targets int
	for _, x := range s.targets {
		if x.ID == t.ID || s.wayIndex(x) != index {
			continue
		}
		k, n := x.Passing(t.LostSince-chanceBefore, now-chanceLate)
		lost, all = lost+k, all+n
		if k > 0 {
			targets++
		}
	}
	switch {
	case lost == 0:
		return own
	case lost < chanceLosses || targets < chanceTargets:
		return max(own, DownLosses+1)
	}
	return max(own, runLength(min(float64(lost)/float64(all+chanceDoubt), chanceMost)))
}

// Passing counts the probes sent between two instants, and those of them that
// were lost and followed by an answer: what was lost since the newest answer may
// be silence.
func (t *TargetState) Passing(from, to time.Duration) (lost, all int) {
	for i := range t.Recent {
		switch s := &t.Recent[i]; {
		case s.Sent < from || s.Sent > to || s.Lost && s.Sent > t.Asked:
		case s.Lost:
			lost++
			all++
		default:
			all++
		}
	}
	return lost, all
}

// wayIndex is the interface by which the probes of a target go out, or 0 where
// that is none of the network, or not known.
func (s *State) wayIndex(t *TargetState) int {
	switch {
	case !t.Health() || t.Role == fact.RoleMTU || t.Addr.IsLoopback():
		return 0
	case t.Index != 0:
		return t.Index
	}
	for i, f := range fact.Families {
		if f == t.Family {
			return s.ways[i].index
		}
	}
	return 0
}
