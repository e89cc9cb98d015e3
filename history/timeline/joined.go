package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Part is what one recording, or several that go on from each other, report
// a stretch of time.
type Part struct {
	// Span is the stretch, on the axis of the Joined. From its end to the next
	// part nothing was recorded.
	Span
	// Shift is what that axis is ahead of the View's: recordings of different
	// boots have different origins.
	Shift time.Duration
	// Wall is the wall time at the start of Span.
	Wall time.Time
	// View reports the stretch, or is nil while nothing is known of it.
	View *View
	// Exact is whether the View is the fold of every observation. Otherwise it
	// is a sum: it knows levels, latencies by the minute and the episodes that
	// ended, but no instant and no other item.
	Exact bool
}

// Joined is a timeline made of parts, in order and apart from each other. Like
// a View it is immutable, and its methods may be called from any goroutine.
type Joined struct {
	parts    []Part
	settings path.Settings
}

// Join joins parts, of which there is at least one. Set says what counts as an
// outage.
func Join(parts []Part, set path.Settings) *Joined { return &Joined{parts, set} }

// Bounds returns the stretch from the first part to the last, gaps included.
func (j *Joined) Bounds() Span { return Span{j.parts[0].From, j.parts[len(j.parts)-1].To} }

// Exact reports whether everything is known of a span; otherwise what At and
// Items report it is not all, though nothing of it is wrong.
func (j *Joined) Exact(span Span) bool {
	exact := true
	j.within(span, func(p *Part, _ Span) { exact = exact && p.Exact })
	return exact
}

// part returns the part that an instant belongs to: the last that begins at or
// before it.
func (j *Joined) part(mono time.Duration) *Part { return &j.parts[j.index(mono)] }

func (j *Joined) index(mono time.Duration) int {
	return max(sort.Search(len(j.parts), func(i int) bool { return j.parts[i].From > mono })-1, 0)
}

// within calls fn for each part, with what of span belongs to it, oldest
// first. The first part has all before it, the last all after.
func (j *Joined) within(span Span, fn func(p *Part, owned Span)) {
	for i := j.index(span.From); i < len(j.parts); i++ {
		owned := span
		if i > 0 {
			owned.From = max(owned.From, j.parts[i].From)
		}
		if i+1 < len(j.parts) {
			owned.To = min(owned.To, j.parts[i+1].From)
		}
		if owned.From >= owned.To {
			if j.parts[i].From >= span.To {
				return
			}
			continue
		}
		fn(&j.parts[i], owned)
	}
}

// Clock returns the wall time of an instant, with clock steps taken into
// account.
func (j *Joined) Clock(mono time.Duration) time.Time {
	p := j.part(mono)
	if p.View != nil && len(p.View.ticks) > 0 {
		return p.View.Clock(mono - p.Shift)
	}
	return p.Wall.Add(mono - p.From)
}

// At returns the state at an instant. Its snapshot is nil where that is not
// known, or not recorded.
func (j *Joined) At(mono time.Duration) Moment {
	m := Moment{Time: j.Clock(mono), Mono: mono}
	i := j.index(mono)
	p := &j.parts[i]
	if !p.Exact || p.View == nil || mono > p.To && i+1 < len(j.parts) {
		return m
	}
	if snap := p.View.At(mono - p.Shift).Snapshot; snap != nil {
		moved := *snap
		moved.Mono += p.Shift
		moved.Since += p.Shift
		moved.Targets = movedTargets(snap.Targets, p.Shift)
		m.Snapshot = &moved
	}
	return m
}

// movedTargets returns targets with what was heard of them last on another axis.
func movedTargets(all map[string]*state.TargetState, shift time.Duration) map[string]*state.TargetState {
	if shift == 0 {
		return all
	}
	out := make(map[string]*state.TargetState, len(all))
	for id, t := range all {
		moved := *t
		for _, at := range []*time.Duration{&moved.LastAt, &moved.Answered, &moved.Asked, &moved.Heard, &moved.LostSince} {
			if *at != 0 {
				*at += shift
			}
		}
		if t.Last != nil {
			last := *t.Last
			last.Sent += shift
			moved.Last = &last
		}
		out[id] = &moved
	}
	return out
}

// Strip returns the worst level of scope in each of n columns of equal width
// over span. After Bounds().To the newest level goes on.
func (j *Joined) Strip(scope path.ScopeName, span Span, n int) []Level {
	c := columns{span, n}
	out := make([]Level, max(n, 0))
	if !c.valid() {
		return out
	}
	j.segments(rawOf(scope), span, span.To, func(s Segment) {
		c.each(s.From, s.To, func(i int) { out[i] = max(out[i], s.Level) })
	})
	return out
}

// rawOf and settledOf choose the levels of a scope: as it was, or as it was
// settled.
func rawOf(scope path.ScopeName) func(*View) *levelSeries {
	return func(v *View) *levelSeries { return v.levels(scope) }
}

func settledOf(scope path.ScopeName) func(*View) *levelSeries {
	return func(v *View) *levelSeries { return v.settledLevels(scope) }
}

// segments calls fn for the segments of a series that overlap span, oldest
// first, gaps between the parts included; the newest one ends at end, if not
// later.
func (j *Joined) segments(of func(*View) *levelSeries, span Span, end time.Duration, fn func(s Segment)) {
	j.within(span, func(p *Part, owned Span) {
		var k *levelSeries
		if p.View != nil {
			k = of(p.View)
		}
		if k == nil || !k.known {
			return
		}
		// What a View knows beyond its part is reported by another one.
		own := p.Span
		if p == &j.parts[0] {
			own.From = min(own.From, owned.From)
		}
		if p == &j.parts[len(j.parts)-1] {
			own.To = max(own.To, end)
		}
		k.segments(Span{owned.From - p.Shift, owned.To - p.Shift}, own.To-p.Shift, func(s Segment) {
			s.From, s.To = max(s.From+p.Shift, own.From), min(s.To+p.Shift, own.To)
			if s.From <= s.To {
				fn(s)
			}
		})
		if next := p.end(j.parts); next > p.To && owned.To > p.To && k.last.level != LevelNone {
			fn(Segment{Span: Span{p.To, next}, Level: LevelGap, Label: notRecorded})
		}
	})
}

// notRecorded is the reason of the gaps between parts.
const notRecorded = "not_recorded"

// end returns where the next of parts begins; that of the last is its own.
func (p *Part) end(parts []Part) time.Duration {
	if last := &parts[len(parts)-1]; p == last {
		return p.To
	}
	i := sort.Search(len(parts), func(i int) bool { return parts[i].From > p.From })
	return parts[i].From
}

// Segments returns the stretches of scope that overlap span and are at least
// atLeast long, oldest first, not cut to span. Neighbours differ in level,
// label or note.
func (j *Joined) Segments(scope path.ScopeName, span Span, atLeast time.Duration) []Segment {
	return slices.DeleteFunc(j.merged(rawOf(scope), span), func(s Segment) bool { return s.To-s.From < atLeast })
}

// Settled returns the stretches of a scope that overlap span as the fold settled
// them, oldest first, not cut to span.
func (j *Joined) Settled(scope path.ScopeName, span Span) []Segment {
	return j.merged(settledOf(scope), span)
}

// merged returns the stretches of a series that overlap span.
func (j *Joined) merged(of func(*View) *levelSeries, span Span) []Segment {
	var out []Segment
	j.segments(of, j.around(span), j.Bounds().To, func(s Segment) {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if last.To == s.From && last.Level == s.Level && last.Label == s.Label && last.Note == s.Note {
				last.To = s.To
				return
			}
		}
		out = append(out, s)
	})
	return slices.DeleteFunc(out, func(s Segment) bool {
		return s.From >= span.To || max(s.To, s.From+1) <= span.From
	})
}

// around widens a span to whole parts and one more at each side, so that what
// goes on from one to the next is reported as long as it was.
func (j *Joined) around(span Span) Span {
	first, last := j.index(span.From)-1, j.index(span.To)+1
	if first >= 0 {
		span.From = min(span.From, j.parts[first].From)
	}
	if last < len(j.parts) {
		span.To = max(span.To, j.parts[last].To)
	}
	return span
}

// Lanes returns the interfaces that existed within span, in order of
// preference: in use first, then usable, then candidates, then the hidden.
func (j *Joined) Lanes(span Span) []Lane {
	var found []rankedLane
	j.within(span, func(p *Part, owned Span) {
		if p.View == nil {
			return
		}
		moved := Span{owned.From - p.Shift, min(owned.To, p.To+1) - p.Shift}
		for _, l := range rankedLanes(p.View.lanes, moved, p.View.bounds.To) {
			i := slices.IndexFunc(found, func(f rankedLane) bool { return f.Scope == l.Scope })
			if i < 0 {
				found = append(found, l)
			} else {
				// What it was at the end of the span counts.
				found[i] = l
			}
		}
	})
	return inOrder(found)
}

// Targets returns the targets probed within span, in the order of a View's.
func (j *Joined) Targets(span Span) []*fact.Target {
	var out []*fact.Target
	j.within(span, func(p *Part, owned Span) {
		if p.View == nil {
			return
		}
		for _, t := range p.View.Targets(Span{owned.From - p.Shift, owned.To - p.Shift}) {
			if i := slices.IndexFunc(out, func(o *fact.Target) bool { return o.ID == t.ID }); i < 0 {
				out = append(out, t)
			} else {
				out[i] = t
			}
		}
	})
	SortTargets(out)
	return out
}

// Latency returns what the probes of the target (by ID) did in each of n
// columns of equal width over span.
func (j *Joined) Latency(target string, span Span, n int) []Bucket {
	c := columns{span, n}
	if !c.valid() {
		return make([]Bucket, max(n, 0))
	}
	k := newBucketing(c)
	j.within(span, func(p *Part, owned Span) {
		if p.View == nil {
			return
		}
		if s := p.View.seriesOf(target); s != nil {
			k.move(Span{span.From - p.Shift, span.To - p.Shift}, Span{owned.From - p.Shift, owned.To - p.Shift})
			k.series(s)
		}
	})
	return k.finish()
}

// Stats sums up the probes of the target over span.
func (j *Joined) Stats(target string, span Span) Stats {
	k := newTally()
	j.within(span, func(p *Part, owned Span) {
		if p.View == nil {
			return
		}
		if s := p.View.seriesOf(target); s != nil {
			moved := Span{owned.From - p.Shift, owned.To - p.Shift}
			k.scans = p.View.scansOf(s.target, moved)
			k.series(s, moved)
		}
	})
	return k.stats()
}

// itemsOf returns the items of a part within what belongs to it.
func (p *Part) itemsOf(owned Span) []Item {
	if p.View == nil {
		return nil
	}
	first, past := itemsWithin(p.View.items, Span{owned.From - p.Shift, owned.To - p.Shift})
	return p.View.items[first:past]
}

// move places an item on the joined axis and makes its number unique.
func (j *Joined) move(p *Part, i Item) Item {
	i.Mono += p.Shift
	i.Seq += j.index(p.From) << 24
	return i
}

// Items returns the newest items within span, newest first, at most limit.
func (j *Joined) Items(span Span, limit int) []Item {
	var out []Item
	j.backward(span, func(p *Part, items []Item) bool {
		for _, i := range slices.Backward(items) {
			if len(out) >= limit {
				return false
			}
			out = append(out, j.move(p, i))
		}
		return true
	})
	return out
}

// backward calls fn for each part's items within span, newest part first,
// until it returns false.
func (j *Joined) backward(span Span, fn func(p *Part, items []Item) bool) {
	type piece struct {
		p     *Part
		items []Item
	}
	var pieces []piece
	j.within(span, func(p *Part, owned Span) { pieces = append(pieces, piece{p, p.itemsOf(owned)}) })
	for _, k := range slices.Backward(pieces) {
		if !fn(k.p, k.items) {
			return
		}
	}
}

// Count returns how many items lie within span.
func (j *Joined) Count(span Span) int {
	n := 0
	j.within(span, func(p *Part, owned Span) { n += len(p.itemsOf(owned)) })
	return n
}

// Nearest returns the item nearest to from that is strictly after it (forward)
// or strictly before it, of at least the given severity.
func (j *Joined) Nearest(from time.Duration, forward bool, atLeast Level) (found Item, ok bool) {
	if !forward {
		j.backward(Span{0, from}, func(p *Part, items []Item) bool {
			if found, ok = nearest(items, from-p.Shift, false, atLeast); ok {
				found = j.move(p, found)
			}
			return !ok
		})
		return found, ok
	}
	j.within(Span{from + 1, maxTime}, func(p *Part, owned Span) {
		if ok {
			return
		}
		if found, ok = nearest(p.itemsOf(owned), from-p.Shift, true, atLeast); ok {
			found = j.move(p, found)
		}
	})
	return found, ok
}

// maxTime is after everything, and leaves room for a shift.
const maxTime = 1 << 62

// Marks returns the items in each of n columns of equal width over span.
func (j *Joined) Marks(span Span, n int) []Marker {
	c := columns{span, n}
	out := make([]Marker, max(n, 0))
	if c.valid() {
		j.within(span, func(p *Part, owned Span) { mark(out, p.itemsOf(owned), c, p.Shift) })
	}
	return out
}

// Settings returns what the path of the newest part was settled by.
func (j *Joined) Settings() path.Settings { return j.settings }
