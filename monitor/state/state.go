package state

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// A State is the fold of all observations so far.
type State struct {
	*Tables
	Lookups   map[fact.Question]*fact.Lookup
	Resolvers map[string]*fact.Resolvers
	Wifi      map[int]*fact.Wifi
	Targets   map[string]*TargetState
	Notices   map[string]*fact.Notice
	// Metered are the interfaces that are, by their names.
	Metered map[fact.Untrusted]*fact.Metering
	// Managers are the daemons that configure interfaces, by their names.
	Managers map[fact.Untrusted]*fact.Manager
	// Capports are the portals that networks name, by link.
	Capports map[int]*fact.Capport
	// Translators are the prefixes by which networks reach IPv4, by link. They may have ended.
	Translators map[int]*fact.Translator
	// Checks has the newest check, if there was one.
	Checks map[fact.Kind]*fact.Check
	// Usage is what the probes cost, or nil.
	Usage *fact.ProbeUsage
	// Synced holds the sources that have reported all they knew at their start.
	Synced map[string]bool
	// Bare is when each link last gained carrier while being watched, for the
	// families in which it has had no usable address since.
	UnaddressedSince map[LinkFamily]time.Duration
	// BlockChanges counts changes of refusing routes, by family: two supports
	// with different counts differ.
	BlockChanges map[fact.Family]int
	// ways are what the packets of each family went out by last.
	ways [len(fact.Families)]way
	// replied are the IDs of those targets that are gone which answered once, the
	// newest last.
	replied []string
	// byLink and byLocal are the addresses of each link and family, and of each
	// value.
	byLink  map[LinkFamily][]*fact.Address
	byLocal map[netip.Addr][]*fact.Address
	// wide counts the addresses of each link and family that are wider than the
	// link.
	wide map[LinkFamily]int
	// targets are those of Targets, by ID, and observed is the one that the newest
	// observation is about, or nil.
	targets  []*TargetState
	observed *TargetState
	// rows are all rows, byKind by their kind.
	rows   []Rows
	byKind map[fact.Kind]Rows
	// Time and Mono are those of the newest observation.
	Time time.Time
	Mono time.Duration
}

// Costs returns what traffic by a link is: expensive, by its hardware or as
// NetworkManager has it, and constrained, where the user chose that.
func (s *State) Costs(l *fact.Link) (expensive, constrained bool) {
	m := s.Metered[l.Name]
	return m != nil || l.Expensive || l.Type == fact.TypeCellular, m != nil && !m.Guessed
}

// Check returns the newest check, or nil.
func (s *State) Check() *fact.Check { return s.Checks[fact.KindCheck] }

// A LinkFamily is one family of one link.
type LinkFamily struct {
	Index  int
	Family fact.Family
}

// NewState returns a state that knows nothing.
func NewState() *State {
	s := &State{
		Tables:      NewTables(),
		Lookups:     map[fact.Question]*fact.Lookup{},
		Resolvers:   map[string]*fact.Resolvers{},
		Wifi:        map[int]*fact.Wifi{},
		Targets:     map[string]*TargetState{},
		Notices:     map[string]*fact.Notice{},
		Capports:    map[int]*fact.Capport{},
		Translators: map[int]*fact.Translator{},
		Checks:      map[fact.Kind]*fact.Check{},
		Metered:     map[fact.Untrusted]*fact.Metering{},
		Managers:    map[fact.Untrusted]*fact.Manager{},
		Synced:      map[string]bool{},

		UnaddressedSince: map[LinkFamily]time.Duration{},
		BlockChanges:     map[fact.Family]int{},

		byLink:  map[LinkFamily][]*fact.Address{},
		byLocal: map[netip.Addr][]*fact.Address{},
		wide:    map[LinkFamily]int{},
	}
	s.rows = newRows(s)
	s.byKind = make(map[fact.Kind]Rows, len(s.rows))
	for _, rows := range s.rows {
		s.byKind[rows.Kind()] = rows
	}
	return s
}

// newRows lists the rows of a state: each kind of row once, in the order of
// the kinds.
func newRows(s *State) []Rows {
	return []Rows{
		mapOf(s.Links, func(l *fact.Link) int { return l.Index }),
		mapOf(s.Netconfs, (*fact.Netconf).Key),
		addressRows{mapOf(s.Addresses, (*fact.Address).Key), s},
		mapOf(s.Nexthops, func(n *fact.Nexthop) uint32 { return n.ID }),
		routeRows{&s.Routes},
		mapOf(s.Rules, (*fact.Rule).Key),
		mapOf(s.Neighbours, (*fact.Neighbour).Key),
		mapOf(s.Resolvers, func(r *fact.Resolvers) string { return r.Source }),
		mapOf(s.Wifi, func(w *fact.Wifi) int { return w.Index }),
		mapOf(s.Metered, func(m *fact.Metering) fact.Untrusted { return m.Name }),
		mapOf(s.Managers, func(m *fact.Manager) fact.Untrusted { return m.Name }),
		mapOf(s.Capports, func(c *fact.Capport) int { return c.Index }),
		mapOf(s.Translators, func(p *fact.Translator) int { return p.Index }),
		mapOf(s.Lookups, func(l *fact.Lookup) fact.Question { return l.Question }),
		mapOf(s.Notices, func(n *fact.Notice) string { return n.Key }),
		targetRows{s},
		mapOf(s.Checks, (*fact.Check).Kind),
	}
}

// Rows returns all rows, in the order of the kinds.
func (s *State) Rows() []Rows { return s.rows }

// Has reports whether there is a row with the identity of f.
func (s *State) Has(f fact.Fact) bool {
	rows := s.byKind[f.Kind()]
	return rows != nil && rows.Has(f)
}

// Apply folds one observation in.
func (s *State) Apply(o fact.Observation) {
	s.Time, s.Mono, s.observed = o.Time, max(s.Mono, o.Mono), nil
	s.derive(o)
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		s.applyResult(o.Mono, f)
	case *fact.ProbeUsage:
		s.Usage = f
	case *fact.Sync:
		s.Synced[f.Source] = true
	default:
		if rows := s.byKind[f.Kind()]; rows != nil {
			rows.Apply(o.Op, f)
		}
	}
}

// derive keeps what follows from the change itself rather than from the row,
// before the row is replaced.
func (s *State) derive(o fact.Observation) {
	switch f := o.Fact.(type) {
	case *fact.Link:
		s.deriveCarrier(o, f)
	case *fact.Address:
		if o.Op == fact.Put && f.Usable() {
			delete(s.UnaddressedSince, LinkFamily{f.Index, f.Family()})
		}
	case *fact.Route:
		if f.Blocks() && fact.Covers(f) {
			s.BlockChanges[f.Family]++
		}
	}
}

func (s *State) deriveCarrier(o fact.Observation, l *fact.Link) {
	old := s.Links[l.Index]
	gained := (old == nil || !old.Carrier()) && s.Synced["kernel"]
	for _, f := range fact.Families {
		k := LinkFamily{l.Index, f}
		switch {
		case o.Op == fact.Delete || !l.Carrier():
			delete(s.UnaddressedSince, k)
		case gained && !s.addressed(k):
			s.UnaddressedSince[k] = o.Mono
		}
	}
}

// applyResult replaces the target's state rather than changing it: snapshots
// share it.
func (s *State) applyResult(at time.Duration, r *fact.ProbeResult) {
	i, ok := s.findTarget(r.Target)
	if !ok {
		return
	}
	next := s.targets[i].after(at, r)
	switch {
	case next.Lost < DownLosses:
	case next.Said == nil:
		next.endure = s.endurance(next, at)
	default:
		next.endure = 0 // Nobody says no by chance.
	}
	s.targets[i], s.Targets[next.ID] = next, next
	s.observed = next
}

// Observed returns the state of the target that the newest observation is about, or
// nil.
func (s *State) Observed() *TargetState { return s.observed }
