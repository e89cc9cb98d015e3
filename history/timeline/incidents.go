package timeline

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// incidents are what was said of incidents, in order: at an instant of the past
// an incident is what was known of it then.
type incidents struct {
	reports []report
	onsets  []onset
}

// A report is an incident as it was reported at an instant.
type report struct {
	at time.Duration
	*fold.Incident
}

// An onset is how the machine was when an incident opened, or what was found out
// about it just after.
type onset struct {
	at       time.Duration
	incident int
	opened   bool
	lines    []string
}

// add takes in what is said of an incident, and how the machine was if it opened.
func (k *incidents) add(at time.Duration, i *fold.Incident, evidence []string) {
	if len(evidence) > 0 {
		k.onsets = append(k.onsets, onset{at, i.ID, i.Phase == fold.PhaseOpen, evidence})
	}
	if n := len(k.reports); n > 0 {
		at = max(at, k.reports[n-1].at)
	}
	k.reports = append(k.reports, report{at, i})
}

// trim drops what was said before limit, and the oldest beyond most; but not
// the last word on what goes on.
func (k *incidents) trim(limit time.Duration, most int) {
	n := sort.Search(len(k.reports), func(i int) bool { return k.reports[i].at >= limit })
	n = max(n, len(k.reports)-most)
	if n > 64 && n > len(k.reports)/4 {
		last := map[int]int{}
		for i, r := range k.reports {
			last[r.ID] = i
		}
		var kept []report
		for i, r := range k.reports {
			if i >= n || last[r.ID] == i && r.Phase != fold.PhaseClosed {
				kept = append(kept, r)
			}
		}
		k.reports = kept
	}
	n = sort.Search(len(k.onsets), func(i int) bool { return k.onsets[i].at >= limit })
	n = max(n, len(k.onsets)-most)
	if n > 64 && n > len(k.onsets)/4 {
		k.onsets = slices.Clone(k.onsets[n:])
	}
}

// asOf returns what is to be shown of every incident at an instant: what was
// known of it by then; of one that was on its way, the first that was said;
// and of one that was still to come, the last. The second result is when each
// was said.
func (k *incidents) asOf(at time.Duration) []report {
	if len(k.reports) == 0 {
		return nil
	}
	byID := func(a, b report) int { return cmp.Compare(a.ID, b.ID) }
	// The fold counts them, so their numbers lie close together.
	first := slices.MinFunc(k.reports, byID).ID
	seen := make([]int, slices.MaxFunc(k.reports, byID).ID-first+1)
	out := make([]report, 0, len(seen))
	for _, r := range slices.Backward(k.reports) {
		switch n := seen[r.ID-first]; {
		case n == 0:
			out = append(out, r)
			seen[r.ID-first] = len(out)
		case out[n-1].at > at && r.From.Mono <= at:
			out[n-1] = r
		}
	}
	slices.Reverse(out)
	return out
}

// Incidents returns the incidents that overlap span, the notes among them,
// oldest first, as they are to be shown at an instant: what was known by then of
// those that had begun, and how long those had lasted that went on; all that is
// known of those still to come.
func (v *View) Incidents(span Span, at time.Duration) []*fold.Incident {
	var out []*fold.Incident
	snap := v.newest
	if snap == nil || at < snap.Mono {
		snap = momentAt(v.moments, at)
	}
	for _, r := range v.incidents.asOf(at) {
		if r.Open() && r.From.Mono <= at {
			r = r.newer(snap).until(at)
		}
		if r.From.Mono < span.To && (r.Open() || max(r.To.Mono, r.From.Mono+1) > span.From) {
			out = append(out, r.Incident)
		}
	}
	slices.SortStableFunc(out, func(a, b *fold.Incident) int {
		return cmp.Or(cmp.Compare(a.From.Mono, b.From.Mono), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// newer returns what a state says of an open incident where that is newer: it
// says it at every instant, and reports are made when something about it
// changes.
func (r report) newer(s *fold.Snapshot) report {
	if s == nil || s.Mono <= r.at {
		return r
	}
	for _, i := range s.Incidents {
		if i.ID == r.ID {
			return report{s.Mono, i}
		}
	}
	return r
}

// until returns what an open incident had come to at an instant, which may be
// before the first report of it.
func (r report) until(at time.Duration) report {
	if r.Open() && at != r.at {
		i, more := *r.Incident, at-r.at
		i.Duration, i.Down = max(0, i.Duration+more), max(0, i.Down+more)
		if i.Count <= 1 {
			i.Longest = i.Down
		}
		r.Incident = &i
	}
	return r
}

// Evidence returns how the machine was at the onset of an incident, a line for
// each link, gateway, route and resolver, after what was found out then.
func (v *View) Evidence(i *fold.Incident) []string {
	var was, found []string
	for _, o := range v.incidents.onsets {
		switch {
		case o.incident != i.ID:
		case !o.opened && found == nil:
			found = o.lines
		case o.opened && was == nil:
			was = o.lines
		}
	}
	return slices.Concat(found, was)
}

// Incidents returns the incidents that overlap span, oldest first, as they are
// to be shown at an instant. Nothing is known of one after the recording that it
// was open at the end of.
func (j *Joined) Incidents(span Span, at time.Duration) []*fold.Incident {
	var out []*fold.Incident
	newest := j.parts[len(j.parts)-1].View
	for n := range j.parts[:j.index(span.To)+1] {
		p := &j.parts[n]
		if p.View == nil {
			continue
		}
		moved, until := Span{span.From - p.Shift, span.To - p.Shift}, at-p.Shift
		if p.View != newest {
			until = min(until, p.View.bounds.To)
		}
		for _, i := range p.View.Incidents(moved, until) {
			if j.index(i.From.Mono+p.Shift) != n {
				continue
			}
			i = j.moveIncident(n, i)
			if end := p.View.bounds.To + p.Shift; i.Open() && p.View != newest && at > end {
				i.To = fact.Instant{Time: j.Clock(end), Mono: end}
			}
			if i.Open() || max(i.To.Mono, i.From.Mono+1) > span.From {
				out = append(out, i)
			}
		}
	}
	return out
}

// partShift is where the number of the part is in the number of an incident.
const partShift = 24

// moveIncident places an incident of part n on the joined axis and makes its
// number unique.
func (j *Joined) moveIncident(n int, i *fold.Incident) *fold.Incident {
	moved, shift := *i, j.parts[n].Shift
	moved.ID += n << partShift
	for _, at := range []*fact.Instant{&moved.From, &moved.To, &moved.Earliest, &moved.EndEarliest} {
		if *at != (fact.Instant{}) {
			at.Mono += shift
		}
	}
	return &moved
}

// Evidence returns how the machine was at the onset of an incident.
func (j *Joined) Evidence(i *fold.Incident) []string {
	if v := j.part(i.From.Mono).View; v != nil {
		own := *i
		own.ID %= 1 << partShift
		return v.Evidence(&own)
	}
	return nil
}
