package fold

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// incidents finds the troubles that a person would count in what the path, the
// probes and the facts say. It takes values in, and returns events.
type incidents struct {
	count int
	watch pathWatch
	// troubles are those that go on, that are over and not yet closed, and that
	// were closed within the quiet time; in the order in which they began.
	troubles []*trouble
	// gateways are those whose hardware address has changed of late.
	gateways map[fact.NeighbourKey]*claims
	// closed are the newest closed incidents, oldest first.
	closed []*Incident
}

// keepIncidents is how many closed incidents a snapshot carries.
const keepIncidents = 64

// A cable that fails for a week is one incident: keepExplained is how many of the
// episodes that it explains it names, and keepLags how many of the times between
// its occurrences say whether they have a pattern.
const (
	keepExplained = 256
	keepLags      = 256
)

// newest returns the end of a list, in its own memory.
func newest[T any](list []T, n int) []T {
	return slices.Delete(list, 0, max(0, len(list)-n))
}

// familyGrace is how long a family may take to come back after the others, and
// absentHold how long one must be missing from the start to be worth a note.
const (
	familyGrace = 30 * time.Second
	absentHold  = 30 * time.Second
)

// transition takes in a change of the path of a scope, dated at.
func (c *incidents) transition(at fact.Instant, t *Transition) {
	if t.Phase != PhaseRaw {
		return
	}
	if f, i, ok := scopeFamily(t.Scope); ok {
		c.watch.path = t.Path
		c.family(f, i, at, t)
		return
	}
	switch {
	case t.Scope == path.ScopeMachine && t.Initial && t.To != path.Satisfied:
		c.add(c.watch.initialFault(at, t))
	case t.Scope == path.ScopeMachine && t.To == path.Satisfied:
		c.endPath(faultKey{path: true}, at, t.Cause)
	case t.Scope != path.ScopeMachine:
		c.standby(at, t)
	}
}

// family takes in a change of the path of a family.
func (c *incidents) family(f fact.Family, i int, at fact.Instant, t *Transition) {
	key := faultKey{path: true, family: f}
	absent := faultKey{path: true, family: f, note: true}
	switch w := &c.watch; {
	case t.To == path.Satisfied:
		if t.From == path.Satisfied {
			w.moved[i] = move{at, w.last[i]}
		}
		w.last[i] = *t.Path.Family(f)
		c.endPath(key, at, t.Cause)
		c.endPath(absent, at, t.Cause)
	case t.Initial && t.Path.Status == path.Satisfied:
		c.add(&fault{
			key: absent, known: at, since: at, note: true, hold: absentHold, detail: absence(t.Path.Family(f).Reason),
			Root: path.Root{What: path.FamilyAbsent, Leg: path.LegAddress, Interface: t.Path.Interface, Index: t.Path.Index, Family: f},
		})
	case t.From == path.Satisfied:
		c.add(w.lostFault(f, i, at, t))
	default:
		r := w.root(f, w.last[i], t.Path, at.Mono, t.Cause)
		c.deepen(key, r, at, t.Cause)
		c.pass(key, r, at, t)
	}
}

// deepen corrects the root of a path that is still being lost: a link that is
// taken down loses its routes and addresses one after the other, and one that is
// removed is taken down first.
func (c *incidents) deepen(key faultKey, r path.Root, at fact.Instant, cause []path.Step) {
	t, f := c.find(key)
	if f == nil || at.Mono-f.since.Mono > path.Precursor {
		return
	}
	if r.Leg.Rank() < f.Leg.Rank() || r.What == path.InterfaceGone && f.What == path.AdminDown {
		f.Root, f.cause = r, cause
		t.settleRoot()
	}
}

// standby takes in what happens to one interface, which matters by itself when
// it comes again and again.
func (c *incidents) standby(at fact.Instant, t *Transition) {
	i := slices.IndexFunc(t.Path.Interfaces, func(p *path.InterfacePath) bool { return path.InterfaceScope(p.Name) == t.Scope })
	if i < 0 {
		return
	}
	p := t.Path.Interfaces[i]
	key := faultKey{path: true, index: p.Index}
	switch {
	case t.To == path.Satisfied:
		c.endPath(key, at, t.Cause)
	case t.From == path.Satisfied:
		r := rootOf(t.Reason, path.FamilyPath{Interface: p.Name, Index: p.Index, Source: p.IPv4.Source, Gateway: p.IPv4.Gateway})
		since := at
		if len(t.Cause) > 0 {
			since = fact.Instant{Time: t.Cause[0].Time, Mono: t.Cause[0].Mono}
		}
		c.add(&fault{key: key, Root: r, weak: true, known: at, since: since, cause: t.Cause})
	}
}

// endPath ends the fault of a path.
func (c *incidents) endPath(key faultKey, at fact.Instant, cause []path.Step) {
	if _, f := c.find(key); f != nil {
		f.end(at, 0, cause)
	}
}

// found takes in what the probes find now, in state s and on path p.
func (c *incidents) found(now fact.Instant, h *healthTracker, s *state.State, p *path.Path) {
	if len(h.findings) == 0 && len(h.notes) == 0 && len(c.troubles) == 0 {
		return
	}
	for i := range h.findings {
		c.see(now, &h.findings[i], s, p)
	}
	for i := range h.notes {
		c.see(now, &h.notes[i], s, p)
	}
	for _, t := range c.troubles {
		for _, f := range t.faults {
			if t.state == troubleOn && f.finding != nil && !f.over && !h.finds(f.key) {
				f.recover(now, s)
				c.hide(f)
			}
		}
	}
}

// see takes in one finding, in state s and of path p. Most are found again and
// again.
func (c *incidents) see(now fact.Instant, x *path.Finding, s *state.State, p *path.Path) {
	root := x.Root
	m, stolen := c.watch.stolen(x, p)
	if stolen {
		root = path.Root{What: path.RouteStolen, Leg: path.LegRoute, Interface: x.Interface, Index: x.Index, Family: x.Family, Entity: m.from.Interface}
	}
	t, old := c.find(keyOf(x))
	if old != nil && old.turned(x, s) {
		old.recover(now, s)
		old = nil
	}
	if old != nil {
		if old.What == root.What && old.finding.Degree <= x.Degree {
			// The sentence has the worst half minute.
			old.finding = x
		}
		old.down = old.down || x.Down
		if old.What != root.What && old.What != path.RouteStolen && (!t.declared || sharpens(root.What, old.What)) {
			old.Root, old.finding, t.changed = root, x, true
			old.cause = append(old.cause, path.Step{Time: now.Time, Mono: now.Mono, Layer: fact.LayerProbe, Interface: x.Interface, Text: x.Began()})
			t.settleRoot()
		}
		return
	}
	if x.Index != 0 && x.Interface == "" {
		// Its link was removed while the kernel was not yet asked where the way
		// goes now.
		return
	}
	f := fromFinding(x, p, now)
	c.redate(f)
	if f.Root = root; stolen {
		f.since, f.before, f.detail = m.at, 0, string(x.Entity)
	}
	c.add(f)
}

// recover ends a fault that the probes do not find any more.
func (a *fault) recover(now fact.Instant, s *state.State) {
	until, last := a.finding.Recovered(s)
	at := now.Back(until)
	if at.Mono < a.since.Mono {
		at = a.since
	}
	a.end(at, last, []path.Step{{Time: at.Time, Mono: at.Mono, Layer: fact.LayerProbe, Interface: a.Interface, Text: a.finding.Ended()}})
}

// turned reports whether finding x, of the same key, is another trouble: what lost
// packets does not any more, but is slow, or the other way round.
func (a *fault) turned(x *path.Finding, s *state.State) bool {
	if a.down || x.Down || a.finding == nil || a.What == x.What || a.What != path.Loss && a.What != path.Latency {
		return false
	}
	return !slices.ContainsFunc(a.finding.Targets, func(old *state.TargetState) bool {
		t := s.Targets[old.ID]
		return t != nil && a.continues(t)
	})
}

// continues reports whether target t is still lossy, or slow, as it was found to be.
func (a *fault) continues(t *state.TargetState) bool {
	return a.What == path.Loss && t.Lossy != nil || a.What == path.Latency && t.Slow != nil
}

// hide makes the end of a fault uncertain where it was hidden by another one,
// nearer to this machine: nothing could be seen of it meanwhile.
func (c *incidents) hide(f *fault) {
	for _, t := range c.troubles {
		for _, x := range t.faults {
			if x.Leg.Rank() < f.Leg.Rank() && x.down && !x.note && x.covers(f) && (!x.over || x.until.Mono+state.DownAfter >= f.last) {
				f.last = min(f.last, x.since.Mono)
			}
		}
	}
}

// find returns the fault of a key that goes on, and the trouble that it belongs
// to, or nil.
func (c *incidents) find(key faultKey) (*trouble, *fault) {
	for _, t := range c.troubles {
		for _, f := range t.faults {
			if t.state == troubleOn && f.key == key && !f.over {
				return t, f
			}
		}
	}
	return nil, nil
}

// add puts a fault into the trouble that it belongs to, or makes one of it.
func (c *incidents) add(f *fault) {
	said := c.watch.heard(f)
	for _, t := range c.troubles {
		if t.state == troubleOn && t.takes(f) {
			t.join(f)
			t.met(said)
			c.merge(t)
			return
		}
	}
	t := newTrouble(f)
	t.met(said)
	c.troubles = append(c.troubles, t)
}

// merge takes into a trouble those which turn out to have the same root: it may
// be found after what fails because of it.
func (c *incidents) merge(t *trouble) {
	for _, x := range c.troubles {
		if x == t || x.state != troubleOn || x.declared && t.declared || !t.takes(x.faults[0]) {
			continue
		}
		if x.declared {
			t.ID, t.declared, t.known = x.ID, true, x.known
		}
		t.faults, x.state = append(t.faults, x.faults...), troubleGone
		t.changed = true
		t.Cells = addCells(t.Cells, x.Cells)
		t.meet(x)
		t.settleRoot()
	}
}

// step does what is due, and returns what there is to report. Target is the one
// of which something was observed, or nil.
func (c *incidents) step(now fact.Instant, hold holds, s *state.State, target *state.TargetState) (out []Event) {
	if len(c.gateways) > 0 {
		c.unclaim(now)
	}
	if len(c.troubles) == 0 {
		return nil
	}
	// What is added on the way has its turn next time.
	for _, t := range c.troubles {
		if t.state == troubleOn {
			t.observeWorks(s, target)
			for _, f := range t.dropAbsent(now) {
				c.missing(now, f)
			}
			c.succeed(now, t)
			c.split(now, t, s)
		}
		out = append(out, c.advance(now, hold, t)...)
	}
	c.troubles = slices.DeleteFunc(c.troubles, func(t *trouble) bool {
		return t.state == troubleGone || t.state == troubleQuiet && now.Mono-t.To.Mono > quietTime
	})
	return out
}

// advance takes one trouble as far as it goes now.
func (c *incidents) advance(now fact.Instant, hold holds, t *trouble) (out []Event) {
	if t.state == troubleOn && !t.declared && t.declareAt(hold) <= now.Mono && !t.ended() {
		switch old := c.before(t); {
		case old == nil:
			out = append(out, c.declare(now, t))
		case old.declared:
			phase := old.resume(t)
			out = append(out, old.event(now, phase))
			t = old
		default:
			old.resume(t)
			out = append(out, c.declare(now, old))
			t = old
		}
	}
	if t.state == troubleOn && t.ended() {
		t.finish(now)
		if !t.declared && t.Root.What == path.Roam {
			t.roam = true
			return out
		}
		if old := c.before(t); !t.declared && old != nil {
			return append(out, c.relapse(now, old, t)...)
		}
		if !t.declared {
			t.state = troubleQuiet
			return out
		}
	}
	if t.state == troubleOver && t.closeAt(hold) <= now.Mono {
		return append(out, c.close(now, t))
	}
	if t.rested(hold) <= now.Mono || t.state == troubleOn && t.declared && t.changed {
		t.changed = false
		out = append(out, t.event(now, PhaseUpdate))
	}
	return out
}

// before returns the trouble of the same root that was over less than the quiet
// time ago, or nil.
func (c *incidents) before(t *trouble) *trouble {
	for _, old := range c.troubles {
		if old != t && !old.roam && (old.state == troubleQuiet || old.state == troubleOver) && old.returns(t) {
			return old
		}
	}
	return nil
}

// declare opens the incident of a trouble.
func (c *incidents) declare(now fact.Instant, t *trouble) Event {
	c.count++
	t.ID, t.declared, t.changed = c.count, true, false
	return t.event(now, PhaseOpen)
}

// relapse counts a trouble that came back for too short a time to be one by
// itself. Often enough, that is a trouble too.
func (c *incidents) relapse(now fact.Instant, old, t *trouble) []Event {
	old.add(t)
	t.state = troubleGone
	old.state, old.finished, old.changed = troubleOver, now, false
	switch {
	case !old.declared && old.Count < flapsAreTrouble:
		old.state = troubleQuiet
		return nil
	case !old.declared:
		return []Event{c.declare(now, old)}
	}
	return []Event{old.event(now, PhaseUpdate)}
}

// close closes the incident of a trouble, and keeps it for the quiet time.
func (c *incidents) close(now fact.Instant, t *trouble) Event {
	if t.roam {
		return c.roamed(now, t)
	}
	t.state, t.changed = troubleQuiet, false
	i := t.form(now, PhaseClosed)
	return c.keep(now, &i)
}

// split makes a trouble of its own of what goes on by itself after the root of
// t is well again.
func (c *incidents) split(now fact.Instant, t *trouble, s *state.State) {
	over, ok := t.rootOver()
	if !ok || t.ended() {
		return
	}
	for _, f := range slices.Clone(t.faults) {
		if f.over || f.Leg == t.Root.Leg {
			continue
		}
		if !f.persists(over.Mono, now, s) {
			continue
		}
		t.faults = slices.DeleteFunc(t.faults, func(x *fault) bool { return x == f })
		own := *f
		if own.known = now; own.since.Mono < over.Mono {
			own.since, own.before = over, t.From.Mono
		}
		c.add(&own)
	}
}

// deadline returns the next instant at which time alone changes something, or 0.
func (c *incidents) deadline(hold holds) (at time.Duration) {
	if len(c.gateways) > 0 {
		at = c.unclaimAt()
	}
	for _, t := range c.troubles {
		var d time.Duration
		switch {
		case t.state == troubleOn && !t.declared:
			d = t.declareAt(hold)
		case t.state == troubleOver:
			d = min(t.closeAt(hold), t.rested(hold))
		case t.state == troubleOn:
			d = min(t.absentAt(), t.succeedAt())
		}
		if d != never && d != 0 && (at == 0 || d < at) {
			at = d
		}
	}
	return at
}

// gap takes blind time out of the durations of what is open, and notes it.
func (c *incidents) gap(now fact.Instant, g *fact.Gap) []Event {
	what := path.NotWatched
	if g.Reason == fact.GapClockStep {
		what = path.ClockStepped
	} else if !g.Blind() {
		return nil
	}
	for _, t := range c.troubles {
		if t.state == troubleOn {
			d := max(0, g.To-max(g.From, t.began.Mono))
			t.blind, t.blindAll = t.blind+d, t.blindAll+d
		}
	}
	c.count++
	d := g.To - g.From
	return []Event{c.keep(now, &Incident{
		ID: c.count, Phase: PhaseClosed, From: now.Add(g.From - now.Mono), To: now.Add(g.To - now.Mono),
		Severity: SeverityNote, Root: path.Root{What: what, Entity: fact.Untrusted(g.Reason)},
		Count: 1, Down: d, Shortest: d, Longest: d, Duration: d, Text: g.Text,
	})}
}

// keep keeps a closed incident, and returns its event.
func (c *incidents) keep(now fact.Instant, i *Incident) Event {
	c.closed = slices.DeleteFunc(c.closed, func(x *Incident) bool { return x.ID == i.ID })
	c.closed = append(c.closed, i)
	if n := len(c.closed); n > keepIncidents {
		c.closed = slices.Delete(c.closed, 0, n-keepIncidents)
	}
	return Event{Time: now.Time, Mono: now.Mono, Incident: i}
}

// episode notes an episode that a trouble explains.
func (c *incidents) episode(e *Episode) {
	for _, t := range c.troubles {
		if t.declared && t.state != troubleQuiet && !t.Note() && !slices.Contains(t.Episodes, e.ID) && e.StartMono >= t.From.Mono-sameCause {
			// A copy: what was reported keeps the list that it has, and shares it.
			t.Episodes = newest(slices.Concat(t.Episodes, []int{e.ID}), keepExplained)
		}
	}
}

// current returns the open incidents, oldest first, as of now.
func (c *incidents) current(now fact.Instant) (out []*Incident) {
	for _, t := range c.troubles {
		if t.declared && (t.state == troubleOn || t.state == troubleOver) {
			i := t.form(now, PhaseOpen)
			out = append(out, &i)
		}
	}
	return out
}
