package compare

import (
	"cmp"
	"slices"
	"time"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Collector keeps what of a recording is compared, beside the timeline. It is a
// listener of the fold's driver.
type Collector struct {
	span    timeline.Span
	legs    map[Key]*series
	targets map[string]*series
	signals map[Key]*series
	rates   map[Key]*series
	// since is when the association of each interface began.
	since      map[int]time.Duration
	associated []timeline.Span
	roams      []time.Duration
	marked     []timeline.Span
}

// keepSeries and keepRoams bound what a stranger's recording can make a comparison
// keep.
const (
	keepSeries = 256
	keepRoams  = 100_000
)

// NewCollector returns a collector for a recording.
func NewCollector(span timeline.Span) *Collector {
	return &Collector{
		span: span, legs: map[Key]*series{}, targets: map[string]*series{}, signals: map[Key]*series{}, rates: map[Key]*series{},
		since: map[int]time.Duration{},
	}
}

// Observed implements fold.Listener.
func (c *Collector) Observed(o fact.Observation, s *state.State) {
	if o.Mono < c.span.From || o.Mono > c.span.To {
		return
	}
	at := int((o.Mono - c.span.From) / blockFor)
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		c.result(at, f, s)
	case *fact.Target:
		// It may be something else now.
		delete(c.targets, f.ID)
	case *fact.Station:
		c.station(at, f, s)
	case *fact.Wifi:
		c.wifi(&o, f)
	case *fact.Mark:
		if f.From > 0 && f.From < o.Mono && len(c.marked) < keepRoams {
			c.marked = append(c.marked, timeline.Span{From: f.From, To: o.Mono})
		}
	}
}

// Happened implements fold.Listener.
func (*Collector) Happened(fold.Event, func() *fold.Snapshot) {}

func (c *Collector) result(at int, f *fact.ProbeResult, s *state.State) {
	k := c.targets[f.Target]
	if k == nil {
		t := s.Targets[f.Target]
		if t == nil {
			return
		}
		if k = seriesOf(c.legs, keyOf(t.Target)); k == nil {
			return
		}
		c.targets[f.Target] = k
	}
	switch {
	case f.Outcome == fact.OutcomeOK:
		k.add(at, f.RTT.Seconds())
	case f.Outcome == fact.OutcomeLate:
		k.find(at)
	case f.Outcome.Lost():
		k.lose(at)
	}
}

// seriesOf returns the series of a place, or nil if there are too many.
func seriesOf(of map[Key]*series, k Key) *series {
	s := of[k]
	if s == nil && len(of) < keepSeries {
		s = &series{key: k}
		of[k] = s
	}
	return s
}

func (c *Collector) station(at int, f *fact.Station, s *state.State) {
	link := s.Links[f.Index]
	if link == nil {
		return
	}
	k := Key{Name: link.Name}
	if of := seriesOf(c.signals, k); of != nil && f.Signal != 0 {
		of.add(at, float64(f.Signal))
	}
	if of := seriesOf(c.rates, k); of != nil && f.TxRate != 0 {
		of.add(at, float64(f.TxRate)*1e5)
	}
}

// wifi follows when a radio has an access point.
func (c *Collector) wifi(o *fact.Observation, f *fact.Wifi) {
	since, had := c.since[f.Index]
	has := f.Gain() && o.Op != fact.Delete
	switch {
	case has && !had:
		c.since[f.Index] = o.Mono
	case !has && had:
		c.leave(f.Index, since, o.Mono)
	}
	// Of a roam from nowhere nothing is known: it is a row of a snapshot.
	if has && had && f.Event == fact.WifiRoamed && len(c.roams) < keepRoams {
		c.roams = append(c.roams, o.Mono)
	}
}

func (c *Collector) leave(index int, since, until time.Duration) {
	delete(c.since, index)
	if len(c.associated) < keepRoams {
		c.associated = append(c.associated, timeline.Span{From: since, To: until})
	}
}

// Side returns what was collected, and what a timeline knows.
func (c *Collector) Side(v *timeline.View, online *stats.OnlineFinder) *Side {
	for index, since := range c.since {
		c.leave(index, since, c.span.To)
	}
	s := &Side{Span: c.span, Marked: timeline.Union(c.marked), Associated: timeline.Union(c.associated), Roams: c.roams, legs: sorted(c.legs), signals: sorted(c.signals), rates: sorted(c.rates)}
	last := timeline.ConditionBlind
	segments := v.Segments(path.ScopeMachine, c.span, 0)
	for i, k := range segments {
		if i > 0 && k.From > segments[i-1].To {
			last = timeline.ConditionBlind
		}
		now := timeline.ConditionOf(k.Level)
		if now != timeline.ConditionBlind {
			s.Observed = append(s.Observed, k.Span)
		}
		if now == timeline.ConditionDown {
			s.Down = append(s.Down, k.Span)
			if last == timeline.ConditionUp {
				s.Losses = append(s.Losses, k.From)
			}
		}
		last = now
	}
	s.Observed, s.Down = timeline.Union(s.Observed), timeline.Union(s.Down)
	s.Offline, s.Probed = online.Of(v, path.ScopeMachine, c.span)
	for _, o := range stats.Outages(v, path.ScopeMachine, c.span) {
		if !o.StartUnknown && !o.EndUnknown {
			s.Outages = append(s.Outages, timeline.Span{From: o.Start, To: o.Start + o.Duration})
		}
	}
	return s
}

// sorted returns series from this machine outwards, by name.
func sorted(of map[Key]*series) (out []*series) {
	rank := map[fact.Role]int{"": 0, fact.RoleGateway: 1, fact.RoleResolver: 2, fact.RoleInternet: 3, fact.RolePortal: 4, fact.RoleMTU: 5, fact.RoleStandby: 6}
	for _, s := range of {
		s.finish()
		out = append(out, s)
	}
	place := func(r fact.Role) int {
		if n, ok := rank[r]; ok {
			return n
		}
		return len(rank)
	}
	slices.SortFunc(out, func(a, b *series) int {
		return cmp.Or(cmp.Compare(place(a.key.Role), place(b.key.Role)), cmp.Compare(a.key.Family, b.key.Family), cmp.Compare(a.key.Method, b.key.Method), cmp.Compare(a.key.Name, b.key.Name))
	})
	return out
}
