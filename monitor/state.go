package monitor

import "time"

// A State is the fold of all observations so far.
type State struct {
	*Tables
	Lookups   map[Question]*Lookup
	Resolvers map[string]*Resolvers
	Wifi      map[int]*Wifi
	Targets   map[string]*TargetState
	Notices   map[string]*Notice
	// Usage is what the probes cost, or nil.
	Usage *ProbeUsage
	// Synced holds the sources that have told all they knew at their start.
	Synced map[string]bool
	// Bare is when each link last gained carrier while being watched, for the
	// families in which it has had no usable address since.
	Bare map[LinkFamily]time.Duration
	// BlockChanges counts changes of refusing routes, by family: two supports
	// with different counts differ.
	BlockChanges map[Family]int
	// ways are what the packets of each family went out by last.
	ways [len(Families)]way
	// targets are those of Targets, by ID.
	targets []*TargetState
	// rows are all rows, byKind by their kind.
	rows   []Rows
	byKind map[Kind]Rows
	// Time and Mono are those of the newest observation.
	Time time.Time
	Mono time.Duration
}

// A LinkFamily is one family of one link.
type LinkFamily struct {
	Index  int
	Family Family
}

// NewState returns a state that knows nothing.
func NewState() *State {
	s := &State{
		Tables:    NewTables(),
		Lookups:   map[Question]*Lookup{},
		Resolvers: map[string]*Resolvers{},
		Wifi:      map[int]*Wifi{},
		Targets:   map[string]*TargetState{},
		Notices:   map[string]*Notice{},
		Synced:    map[string]bool{},

		Bare:         map[LinkFamily]time.Duration{},
		BlockChanges: map[Family]int{},
	}
	s.rows = newRows(s)
	s.byKind = make(map[Kind]Rows, len(s.rows))
	for _, rows := range s.rows {
		s.byKind[rows.Kind()] = rows
	}
	return s
}

// newRows lists the rows of a state: each kind of row once, in the order of
// the kinds.
func newRows(s *State) []Rows {
	return []Rows{
		mapOf(s.Links, func(l *Link) int { return l.Index }),
		mapOf(s.Netconfs, (*Netconf).Key),
		mapOf(s.Addresses, (*Address).Key),
		mapOf(s.Nexthops, func(n *Nexthop) uint32 { return n.ID }),
		routeRows{&s.Routes},
		mapOf(s.Rules, (*Rule).Key),
		mapOf(s.Neighbours, (*Neighbour).Key),
		mapOf(s.Resolvers, func(r *Resolvers) string { return r.Source }),
		mapOf(s.Wifi, func(w *Wifi) int { return w.Index }),
		mapOf(s.Lookups, func(l *Lookup) Question { return l.Question }),
		mapOf(s.Notices, func(n *Notice) string { return n.Key }),
		targetRows{s},
	}
}

// Rows returns all rows, in the order of the kinds.
func (s *State) Rows() []Rows { return s.rows }

// Has reports whether there is a row with the identity of f.
func (s *State) Has(f Fact) bool {
	rows := s.byKind[f.Kind()]
	return rows != nil && rows.Has(f)
}

// Apply folds one observation in.
func (s *State) Apply(o Observation) {
	s.Time, s.Mono = o.Time, max(s.Mono, o.Mono)
	s.derive(o)
	switch f := o.Fact.(type) {
	case *ProbeResult:
		s.applyResult(o.Mono, f)
	case *ProbeUsage:
		s.Usage = f
	case *Sync:
		s.Synced[f.Source] = true
	default:
		if rows := s.byKind[f.Kind()]; rows != nil {
			rows.Apply(o.Op, f)
		}
	}
}

// derive keeps what follows from the change itself rather than from the row,
// before the row is replaced.
func (s *State) derive(o Observation) {
	switch f := o.Fact.(type) {
	case *Link:
		s.deriveCarrier(o, f)
	case *Address:
		if o.Op == Put && f.Usable() {
			delete(s.Bare, LinkFamily{f.Index, f.Family()})
		}
	case *Route:
		if f.Blocks() && Covers(f) {
			s.BlockChanges[f.Family]++
		}
	}
}

func (s *State) deriveCarrier(o Observation, l *Link) {
	old := s.Links[l.Index]
	gained := (old == nil || !old.Carrier()) && s.Synced["kernel"]
	for _, f := range Families {
		k := LinkFamily{l.Index, f}
		switch {
		case o.Op == Delete || !l.Carrier():
			delete(s.Bare, k)
		case gained && !s.addressed(k):
			s.Bare[k] = o.Mono
		}
	}
}

// addressed reports whether a link has a usable address of a family.
func (s *State) addressed(k LinkFamily) bool {
	for _, a := range s.Addresses {
		if a.Index == k.Index && a.Family() == k.Family && a.Usable() {
			return true
		}
	}
	return false
}

// applyResult replaces the target's state rather than changing it: snapshots
// share it.
func (s *State) applyResult(at time.Duration, r *ProbeResult) {
	if old := s.Targets[r.Target]; old != nil {
		s.putTarget(old.after(at, r))
	}
}
