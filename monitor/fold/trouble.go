package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A troubleState is how far a trouble has come.
type troubleState int

// The states of a trouble: it goes on; it is over but not closed; it is closed
// and may come back; another has taken it in.
const (
	troubleOn troubleState = iota
	troubleOver
	troubleQuiet
	troubleGone
)

const (
	// flapsAreTrouble is how many losses that are each too short to be settled
	// are one.
	flapsAreTrouble = 3
	// noteHold is how long something must last to be worth a note.
	noteHold = 10 * time.Second
	// persistLoss is how long after its root loss or slowness must go on to be a
	// trouble of its own.
	persistLoss = 10 * time.Second
	// maxSteps bounds the chains of an incident.
	maxSteps = 16
	// never is a deadline that does not come.
	never = time.Duration(1<<63 - 1)
)

// A trouble is an incident while it is found: its faults, the root first.
type trouble struct {
	Incident
	state  troubleState
	faults []*fault
	// declared is whether it was reported, changed whether there is something
	// new to report.
	declared bool
	changed  bool
	// began is when the present occurrence began, known when that was known, and
	// finished when it was known to be over.
	began, known, finished fact.Instant
	// lags are the times from an end to the next begin, and rhythm is what was found
	// in them unless there was another since.
	lags    []time.Duration
	rhythm  *Recurrence
	relearn bool
	// blind is the time in which nothing was observed of the present occurrence,
	// blindAll that of all.
	blind, blindAll time.Duration
	// worked are when each part of the way was first seen to work meanwhile, and
	// failed whether it was seen not to.
	worked [parts]time.Duration
	failed [parts]bool
	// again are the parts that answer since a family is back while another is not.
	again [parts]bool
	// tried are the targets that were asked in vain since it began, and untried those
	// that were not.
	tried, untried map[string]bool
	// roam is whether it was a change of the access point that is over, and asked how
	// long after it the gateway was not known on the link.
	roam  bool
	asked time.Duration
	// heard is the last word of a radio that was counted.
	heard *fact.Wifi
	// looked is whether all targets were looked at since the trouble was last
	// dated.
	looked bool
	// spares are the interfaces that stand by of which is known how they do, and
	// deadRoute why none of them was taken.
	spares    []Standby
	deadRoute string
}

func newTrouble(f *fault) *trouble {
	t := &trouble{began: f.since, known: f.known}
	t.From = f.since
	t.join(f)
	return t
}

// takes reports whether a fault is part of a trouble that goes on: it happens
// because of it, it is the same in another family, or it is what it happens
// because of.
func (t *trouble) takes(f *fault) bool {
	return slices.ContainsFunc(t.faults, func(x *fault) bool {
		return (x.Leg == t.Root.Leg || t.carried(x)) && (x.sibling(f) || x.explains(f) || f.explains(x))
	})
}

// join puts a fault into the trouble.
func (t *trouble) join(f *fault) {
	t.faults = append(t.faults, f)
	t.changed = true
	t.deadRoute = cmp.Or(t.deadRoute, f.deadRoute)
	for i, family := range fact.Families {
		if f.down && !f.weak && (f.Leg.Rank() <= path.LegInternet.Rank()) && (f.key.family == 0 || f.key.family == family) {
			t.failed[partIPv4+i] = true
		}
	}
	t.settleRoot()
}

// settleRoot names the trouble by its lowest fault, and dates it by the first.
func (t *trouble) settleRoot() {
	slices.SortStableFunc(t.faults, func(a, b *fault) int {
		if a.weak != b.weak {
			return map[bool]int{true: 1, false: -1}[a.weak]
		}
		return cmp.Or(cmp.Compare(t.rank(a), t.rank(b)), cmp.Compare(a.since.Mono, b.since.Mono))
	})
	root := t.faults[0]
	t.looked = false
	r := root.Root
	for _, f := range t.faults {
		if f.since.Mono < t.began.Mono {
			t.began = f.since
		}
		if f.Leg == r.Leg && !f.weak && f.Family != r.Family {
			if r.Family = 0; f.Family == fact.IPv4 && f.Entity != "" {
				r.Entity = f.Entity // One name for both: the shorter.
			}
		}
		if r.What == path.LocalFirewall && r.Leg == path.LegLocal && f.down && f.Family != r.Family {
			r.Family = 0
		}
		if root.carries(f) && f.Family != r.Family {
			r.Family = 0
		}
		if f.Leg == r.Leg && sharpens(f.What, r.What) {
			r.What = f.What
		}
	}
	t.Root = r
	if t.Count == 0 {
		t.From, t.Earliest = t.began, fact.Instant{}
		if root.before != 0 && root.before < t.began.Mono {
			t.Earliest = t.began.Back(root.before)
		}
	}
	t.severity()
}

// carried reports whether a fault is a tunnel whose packets go by what fails too.
func (t *trouble) carried(f *fault) bool {
	return slices.ContainsFunc(t.faults, func(x *fault) bool { return x.carries(f) })
}

// rank orders the faults of the trouble from this machine outwards. A tunnel lies behind
// what its packets go by.
func (t *trouble) rank(f *fault) int {
	if t.carried(f) {
		return path.LegInternet.Rank() + 1
	}
	return f.Leg.Rank()
}

// severity is the worst that was seen.
func (t *trouble) severity() {
	s := SeverityDegraded
	for _, f := range t.faults {
		switch {
		case f.note:
			s = SeverityNote
		case f.down && f.Leg != path.LegDNS && f.Leg != path.LegPortal:
			s = SeverityOutage
		}
	}
	if t.Severity != SeverityOutage {
		t.Severity = s
	}
}

// declareAt is when the trouble has held for long enough to be one.
func (t *trouble) declareAt(hold holds) time.Duration {
	root := t.faults[0]
	switch {
	case root.weak:
		return never
	case root.note:
		return t.known.Mono + root.hold
	}
	return max(t.known.Mono+hold.down, hold.grace)
}

// ended reports whether everything that failed works again. A family that does
// not come back with the others for long is not there any more.
func (t *trouble) ended() bool {
	root := t.faults[0]
	for _, f := range t.faults {
		if !f.over && (!f.weak || root.weak) {
			return false
		}
	}
	return true
}

// rootOver returns when the root was well again, or false while it is not.
func (t *trouble) rootOver() (at fact.Instant, ok bool) {
	for _, f := range t.faults {
		if f.Leg != t.Root.Leg || f.weak && !t.faults[0].weak {
			continue
		}
		if !f.over {
			return fact.Instant{}, false
		}
		if f.until.Mono > at.Mono {
			at = f.until
		}
	}
	return at, true
}

// absentAt is when a family that has not come back with the other counts as not
// there, or never.
func (t *trouble) absentAt() time.Duration {
	var back time.Duration
	missing := false
	for _, f := range t.faults {
		switch {
		case !f.key.path || f.weak || f.note:
		case f.over:
			back = max(back, f.until.Mono)
		default:
			missing = true
		}
	}
	if !missing || back == 0 || t.Root.Leg.Rank() > path.LegLink.Rank() {
		return never
	}
	return back + familyGrace
}

// dropAbsent takes a family that has not come back with the other as not there
// any more: the trouble ended when the other came back. It returns the faults of
// those that are missing.
func (t *trouble) dropAbsent(now fact.Instant) (missing []*fault) {
	at := t.absentAt()
	if at > now.Mono {
		return nil
	}
	for _, f := range t.faults {
		if f.key.path && !f.over {
			f.end(now.Back(at-familyGrace), 0, nil)
			missing = append(missing, f)
		}
	}
	return missing
}

// persists reports whether a fault goes on by itself though its root was well
// from an instant on: what was sent since then fails too.
func (f *fault) persists(over time.Duration, now fact.Instant, s *state.State) bool {
	if f.finding == nil {
		return false
	}
	if f.finding.Checked != 0 {
		return f.finding.Checked > over
	}
	if len(f.finding.Targets) == 0 {
		return true
	}
	for _, old := range f.finding.Targets {
		x := s.Targets[old.ID]
		if x == nil {
			continue
		}
		if !f.down {
			if f.continues(x) && x.Bad > over+persistLoss {
				return true
			}
			continue
		}
		if n, first := x.LostFrom(over); n >= state.DownLosses && now.Mono-first >= state.DownAfter {
			return true
		}
	}
	return false
}

// finish ends the present occurrence: with the root, or with what failed on
// after it.
func (t *trouble) finish(now fact.Instant) {
	to, _ := t.rootOver()
	last := time.Duration(0)
	for _, f := range t.faults {
		// What was not checked since the root was well failed because of it.
		if f.over && f.until.Mono >= to.Mono && (f.Leg == t.Root.Leg || f.last >= to.Mono) {
			to, last = f.until, f.last
		}
	}
	t.To, t.EndEarliest = to, fact.Instant{}
	if last != 0 && last < to.Mono {
		t.EndEarliest = to.Back(last)
	}
	t.count(to.Mono - t.began.Mono - t.blind)
	t.blind = 0
	t.chains()
	t.state, t.finished, t.changed = troubleOver, now, true
}

// count counts one occurrence.
func (t *trouble) count(d time.Duration) {
	d = max(0, d)
	if t.Count++; t.Count == 1 {
		t.Shortest = d
	}
	t.Down += d
	t.Shortest, t.Longest = min(t.Shortest, d), max(t.Longest, d)
}

// chains takes the facts of the faults together, in the order of time.
func (t *trouble) chains() {
	if len(t.Cause) == 0 {
		t.Cause = chainOf(t.faults, func(f *fault) []path.Step { return f.cause })
	}
	t.Recovery = chainOf(t.faults, func(f *fault) []path.Step { return f.recovery })
}

func chainOf(faults []*fault, steps func(*fault) []path.Step) (out []path.Step) {
	for _, f := range faults {
		out = append(out, steps(f)...)
	}
	slices.SortStableFunc(out, func(a, b path.Step) int { return cmp.Compare(a.Mono, b.Mono) })
	var seen []path.Step
	out = slices.DeleteFunc(out, func(a path.Step) bool {
		// Two families have the same facts, and the interface too.
		again := slices.ContainsFunc(seen, func(b path.Step) bool { return a.Mono == b.Mono && a.Text == b.Text })
		seen = append(seen, a)
		return again
	})
	out = out[:min(len(out), maxSteps)]
	for i := range out {
		out[i].After = out[i].Mono - out[0].Mono
	}
	return out
}

// closeAt is when the incident is closed: when the end has held, and for one that
// comes and goes, when it is calm for twice as long as it last was.
func (t *trouble) closeAt(hold holds) time.Duration {
	calm := hold.up
	if t.roam {
		return t.To.Mono + roamAsks
	}
	if t.Count >= flapsAreTrouble {
		calm = max(calm, min(quietTime, 2*slices.Max(t.lags[max(0, len(t.lags)-3):])))
	}
	return t.finished.Mono + calm
}

// rested is when the end of an occurrence has held, of an incident that is kept open
// because it comes and goes, or never once that was reported: until it is closed, or
// comes again, it must not look like one that goes on.
func (t *trouble) rested(hold holds) time.Duration {
	if t.state != troubleOver || !t.declared || !t.changed || t.roam {
		return never
	}
	return t.finished.Mono + hold.up
}

// returns reports whether next is the same trouble come back: the same root within
// the quiet time, and as silence before the kernel has found out once more. Soon
// after its end it may be seen in one family first where it was in both, or the
// other way round. Loss does not ask for families, and is seen to begin again before
// it was seen to end; of a name server, which is asked seldom, it looks like silence
// now and then.
func (t *trouble) returns(next *trouble) bool {
	a, b := &t.Root, &next.Root
	after := next.began.Mono - t.To.Mono
	soon := after <= quietTime/2
	what := a.What == b.What || sharpens(a.What, b.What) || a.Leg == path.LegDNS && chancy(a.What) && chancy(b.What)
	if !what || a.Leg != b.Leg || a.Interface != b.Interface || t.Note() != next.Note() {
		return false
	}
	lossy := a.What == path.Loss && (a.Leg == path.LegGateway || a.Leg == path.LegInternet)
	family := a.Family == b.Family && (a.Entity == b.Entity || a.Family == 0) || soon && (a.Family == 0 || b.Family == 0)
	return (family || lossy) && after <= quietTime && (after >= 0 || a.What == path.Loss)
}

// chancy reports whether a word of a name server may be that of loss.
func chancy(what path.What) bool { return what == path.Loss || what == path.ResolverSilent }

// resume takes in a trouble that is this one come back, and goes on. It returns
// what its incident has come to.
func (t *trouble) resume(next *trouble) Phase {
	phase := PhaseOpen
	if t.state == troubleOver {
		phase = PhaseUpdate
	}
	t.lag(next)
	t.state, t.faults, t.began, t.known = troubleOn, next.faults, next.began, next.known
	if next.Root.Family == 0 || sharpens(next.Root.What, t.Root.What) {
		t.Root = next.Root
	}
	t.meet(next)
	t.Cells = addCells(t.Cells, next.Cells)
	t.To, t.EndEarliest = fact.Instant{}, fact.Instant{}
	t.severity()
	next.state, t.changed = troubleGone, false
	return phase
}

// lag notes the time until the next trouble.
func (t *trouble) lag(next *trouble) {
	t.lags = newest(append(t.lags, next.began.Mono-t.To.Mono), keepLags)
	t.relearn = true
}

// pattern returns the rhythm in which the trouble came back. Every picture of an open
// incident asks for it, mostly without another return.
func (t *trouble) pattern() *Recurrence {
	after := returned(t.Root.Leg)
	if t.relearn || t.rhythm != nil && t.rhythm.After != after {
		t.rhythm, t.relearn = recurrence(t.lags, after), false
	}
	return t.rhythm
}

// add counts an occurrence that is over already.
func (t *trouble) add(next *trouble) {
	t.lag(next)
	t.count(next.To.Mono - next.began.Mono)
	t.Cells = addCells(t.Cells, next.Cells)
	t.To, t.EndEarliest, t.Recovery = next.To, next.EndEarliest, next.Recovery
}

// event returns the event that the trouble has come to a phase.
func (t *trouble) event(now fact.Instant, phase Phase) Event {
	i := t.form(now, phase)
	return Event{Time: now.Time, Mono: now.Mono, Incident: &i}
}

// form returns the incident as of now.
func (t *trouble) form(now fact.Instant, phase Phase) Incident {
	i := t.Incident
	i.Phase = phase
	to := t.To.Mono
	if t.state == troubleOn {
		t.chains()
		so := max(0, now.Mono-t.began.Mono-t.blind)
		i.Cause, i.Recovery, to = t.Cause, nil, now.Mono
		i.Count, i.Down, i.Longest = t.Count+1, t.Down+so, max(t.Longest, so)
		if t.Count == 0 {
			i.Shortest = so
		}
	}
	i.Duration = max(0, to-t.From.Mono-t.blindAll)
	seen, nothing := t.seen(to), len(t.untried) == 0
	for part, worked := range seen {
		nothing = nothing && !worked
		if worked && besides(&i.Root, part) && !slices.Contains(i.Works, partWords[part]) {
			i.Works = append(i.Works, partWords[part])
		}
	}
	i.Standby = t.standbys()
	for _, family := range fact.Families {
		_, back := t.back(family)
		nothing = nothing && !back
	}
	nothing = nothing && !slices.ContainsFunc(i.Standby, func(x Standby) bool { return x.Answered })
	i.Pattern = t.pattern()
	i.Text = i.sentence(t.faults, nothing, t.mends())
	return i
}

// meet leaves as worked what worked both times.
func (t *trouble) meet(next *trouble) {
	t.looked = false
	for i := range t.worked {
		t.failed[i] = t.failed[i] || next.failed[i]
		if t.worked[i] == 0 || next.worked[i] == 0 {
			t.worked[i] = 0
		}
	}
}
