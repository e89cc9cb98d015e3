package fold

import (
	"maps"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Snapshot is what the fold knows at one instant. It is immutable.
type Snapshot struct {
	Time time.Time
	Mono time.Duration
	// Synced is whether the kernel's tables are complete.
	Synced bool
	// Raw is the path of the newest evaluation, or nil before the first.
	Raw *path.Path
	// SettledPath is the path that is settled, or nil; Settled is its status,
	// and Since when it began.
	SettledPath *path.Path
	Settled     path.Status
	Since       time.Duration
	SinceTime   time.Time
	// Flapping is whether the machine's path is flapping.
	Flapping  bool
	Health    path.Health
	Links     map[int]*fact.Link
	Addresses map[fact.AddressKey]*fact.Address
	Resolvers map[string]*fact.Resolvers
	Targets   map[string]*state.TargetState
	Notices   map[string]*fact.Notice
	// Usage is what the probes of the last minute cost, or nil.
	Usage      *fact.ProbeUsage
	Neighbours map[fact.NeighbourKey]*fact.Neighbour
	Wifi       map[int]*fact.Wifi
	// Routes and Rules count the rows of those tables.
	Routes  int
	Rules   int
	Quality Quality
	// Current is the open episode that matters most, or nil, with its duration
	// until Mono; Last are the newest closed ones, oldest first.
	Current *Episode
	Last    []*Episode
	// Incidents are the open incidents, oldest first, with their durations until
	// Mono, and Past the newest closed ones, oldest first.
	Incidents []*Incident
	Past      []*Incident
	// Connections are how what there is to connect to does.
	Connections []Connection
}

// Snapshot returns the present state as an immutable value, the same one while
// nothing was observed.
func (f *Fold) Snapshot() *Snapshot {
	if f.snapshot != nil && f.shown == f.changes {
		return f.snapshot
	}
	s, next := f.state, f.brief()
	next.Links, next.Addresses = maps.Clone(s.Links), maps.Clone(s.Addresses)
	next.Resolvers, next.Targets = maps.Clone(s.Resolvers), maps.Clone(s.Targets)
	next.Notices, next.Wifi = maps.Clone(s.Notices), maps.Clone(s.Wifi)
	next.Usage = s.Usage
	// Only gateways are of interest; a busy LAN has thousands of others.
	next.Neighbours = f.gateways()
	next.Routes, next.Rules = s.Routes.Len(), len(s.Rules)
	next.Current = f.episodes.current(s.Mono)
	next.Last = append([]*Episode(nil), f.episodes.closed...)
	next.Incidents = f.troubles.current(fact.Instant{Time: s.Time, Mono: s.Mono})
	next.Past = append([]*Incident(nil), f.troubles.closed...)
	next.Connections = f.connections.all()
	f.snapshot, f.shown = next, f.changes
	return next
}

// brief returns a snapshot without tables, episodes and incidents.
func (f *Fold) brief() *Snapshot {
	s := f.state
	next := &Snapshot{
		Time: s.Time, Mono: s.Mono, Synced: s.Synced["kernel"],
		Health: f.troubles.lead(f.health.known, f.eval), Quality: f.quality,
	}
	if f.eval != nil {
		next.Raw = f.eval.Path
	}
	if t := f.scopes.named(path.ScopeMachine); t != nil && t.known {
		next.SettledPath, next.Settled = t.settledPath, t.settled.status
		next.Since, next.SinceTime = t.settledAt.Mono, t.settledAt.Time
		next.Flapping = t.flap.Flapping()
	}
	return next
}

// gateways returns the neighbour entries of the next hops in use.
func (f *Fold) gateways() map[fact.NeighbourKey]*fact.Neighbour {
	m := map[fact.NeighbourKey]*fact.Neighbour{}
	for _, l := range f.state.Lookups {
		k := fact.NeighbourKey{Index: l.Index, Dst: l.Gateway}
		if n := f.state.Neighbours[k]; n != nil && l.Gateway.IsValid() {
			m[k] = n
		}
	}
	return m
}
