package monitor

import (
	"maps"
	"time"
)

// A State is the fold of all observations so far.
type State struct {
	*Tables
	Lookups   map[Question]*Lookup
	Resolvers map[string]*Resolvers
	Wifi      map[int]*Wifi
	Targets   map[string]*TargetState
	Notices   map[string]*Notice
	// Synced holds the sources that have told all they knew at their start.
	Synced map[string]bool
	// Time and Mono are those of the newest observation.
	Time time.Time
	Mono time.Duration
}

// NewState returns a state that knows nothing.
func NewState() *State {
	return &State{
		Tables:    NewTables(),
		Lookups:   map[Question]*Lookup{},
		Resolvers: map[string]*Resolvers{},
		Wifi:      map[int]*Wifi{},
		Targets:   map[string]*TargetState{},
		Notices:   map[string]*Notice{},
		Synced:    map[string]bool{},
	}
}

// Apply folds one observation in.
func (s *State) Apply(o Observation) {
	s.Time, s.Mono = o.Time, max(s.Mono, o.Mono)
	if s.Tables.Apply(o.Op, o.Fact) {
		return
	}
	switch f := o.Fact.(type) {
	case *Lookup:
		apply(s.Lookups, o.Op, f.Question, f)
	case *Resolvers:
		apply(s.Resolvers, o.Op, f.Source, f)
	case *Wifi:
		apply(s.Wifi, o.Op, f.Index, f)
	case *Notice:
		apply(s.Notices, o.Op, f.Key, f)
	case *Sync:
		s.Synced[f.Source] = true
	case *Target:
		s.applyTarget(o.Op, f)
	case *ProbeResult:
		s.applyResult(o.Mono, f)
	}
}

// applyTarget keeps the results of a target whose definition changes.
func (s *State) applyTarget(op Op, t *Target) {
	if op == Delete {
		delete(s.Targets, t.ID)
		return
	}
	next := TargetState{Target: t}
	if old := s.Targets[t.ID]; old != nil {
		next = *old
		next.Target = t
	}
	s.Targets[t.ID] = &next
}

// applyResult replaces the target's state rather than changing it: snapshots
// share it.
func (s *State) applyResult(at time.Duration, r *ProbeResult) {
	old := s.Targets[r.Target]
	if old == nil {
		return
	}
	next := *old
	next.Last, next.LastAt = r, at
	if r.Outcome == OutcomeOK {
		next.Answered = at
	}
	s.Targets[r.Target] = &next
}

// A Snapshot is what the fold knows at one instant. It is immutable.
type Snapshot struct {
	Time time.Time
	Mono time.Duration
	// Synced is whether every table source has told all it knew.
	Synced bool
	// Raw is the path of the newest evaluation, or nil before the first.
	Raw *Path
	// Settled is the machine's settled status and reason, and Since when on
	// the CLOCK_BOOTTIME axis.
	Settled      Status
	SettledPath  *Path
	Since        time.Duration
	SinceTime    time.Time
	Flapping     bool
	Health       Health
	Links        map[int]*Link
	Addresses    map[AddressKey]*Address
	Resolvers    map[string]*Resolvers
	Targets      map[string]*TargetState
	Notices      map[string]*Notice
	Neighbours   map[NeighbourKey]*Neighbour
	Wifi         map[int]*Wifi
	Routes       int
	Rules        int
	Quality      Quality
	OpenEpisode  *Episode
	LastEpisodes []*Episode
}

// Quality counts what went wrong with the data since the start.
type Quality struct {
	Overruns    int `json:"overruns"`
	Resyncs     int `json:"resyncs"`
	Audits      int `json:"audits"`
	Repairs     int `json:"repairs"`
	Undecodable int `json:"undecodable"`
	Suspends    int `json:"suspends"`
	ClockSteps  int `json:"clock_steps"`
	// RouterMode is whether the route mirror is narrowed.
	RouterMode bool `json:"router_mode"`
}

// sharedMap returns a copy that a snapshot may keep.
func sharedMap[K comparable, V any](m map[K]V) map[K]V { return maps.Clone(m) }
