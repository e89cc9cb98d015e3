package state

import (
	"context"

	"flapscope/monitor/fact"
)

// A Source turns a part of the outside world into observations.
type Source interface {
	// Run observes until ctx ends, then returns nil. An error means that the
	// source could not start or can't go on.
	Run(ctx context.Context, h Host) error
}

// A Host takes what sources observe. Its methods are safe for concurrent use.
type Host interface {
	// Update calls fn while no other source can change the state. fn may read
	// s, must neither keep nor change it, and must not block; emit folds an
	// observation in at once, so that fn sees its effect in s. An observation
	// whose Mono is 0 is stamped with the time of the call.
	Update(fn func(s *State, emit fact.Emit))
}

// A Follower is a Source that acts upon what others observe.
type Follower interface {
	Source
	// Follow is told of every fact just after it was folded in, its own too. It
	// is called while nothing can change the state, before and after Run too, and
	// must not block.
	Follow(f fact.Fact)
}
