package timeline

import (
	"maps"
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// moments keeps snapshots by change, so that the panes beside the timeline can
// show any instant. What did not change from one to the next is shared, and
// what probes said is left out: it is in the samples.
type moments struct {
	kept []*fold.Snapshot
	// weights are estimates of what each of kept holds alone, in bytes.
	weights []int
	weight  int
}

// neighbourPause is how long neighbours alone must not make a moment: their
// states change all the time by themselves.
const neighbourPause = 10 * time.Second

// add keeps snap if it says anything new.
func (m *moments) add(snap *fold.Snapshot, budget int) {
	if n := len(m.kept); n > 0 && snap.Mono < m.kept[n-1].Mono {
		return
	}
	next := *snap
	weight := m.share(&next)
	if weight == 0 {
		return
	}
	m.kept = append(m.kept, &next)
	m.weights = append(m.weights, weight)
	m.weight += weight
	for m.weight > budget && len(m.kept) > 16 {
		m.thin()
	}
}

// share replaces what equals the newest moment's by that, and returns the
// weight of the rest, or 0 when nothing is left that matters.
func (m *moments) share(s *fold.Snapshot) int {
	old := &fold.Snapshot{}
	first := len(m.kept) == 0
	if !first {
		old = m.kept[len(m.kept)-1]
	}
	weight := shareMap(&s.Links, old.Links) + shareMap(&s.Addresses, old.Addresses) +
		shareMap(&s.Resolvers, old.Resolvers) + shareMap(&s.Notices, old.Notices) +
		shareMap(&s.Wifi, old.Wifi) + shareTargets(&s.Targets, old.Targets)
	neighbours := shareMap(&s.Neighbours, old.Neighbours)
	if neighbours > 0 && s.Mono-old.Mono >= neighbourPause {
		weight += neighbours
	}
	if s.Raw != old.Raw {
		weight += 512
		if s.Raw != nil {
			weight += 256 * len(s.Raw.Interfaces)
		}
	}
	if first || s.Settled != old.Settled || s.SettledPath != old.SettledPath || s.Flapping != old.Flapping ||
		s.Health != old.Health || s.Quality != old.Quality || s.Synced != old.Synced {
		weight += 256
	}
	if weight == 0 {
		return 0
	}
	return weight + 512
}

// shareMap makes *m the old map if both hold the same facts, and returns an
// estimate of its weight if not.
func shareMap[K, V comparable](m *map[K]V, old map[K]V) int {
	if maps.Equal(*m, old) {
		*m = old
		return 0
	}
	return 64 * (1 + len(*m))
}

// shareTargets is shareMap for targets without their results.
func shareTargets(m *map[string]*state.TargetState, old map[string]*state.TargetState) int {
	if maps.EqualFunc(*m, old, func(a, b *state.TargetState) bool { return a.Target == b.Target }) {
		*m = old
		return 0
	}
	bare := make(map[string]*state.TargetState, len(*m))
	for id, t := range *m {
		bare[id] = &state.TargetState{Target: t.Target}
	}
	*m = bare
	return 160 * (1 + len(bare))
}

// thin drops every second moment of the older three quarters: far back, an
// instant close by will do. Readers keep the slices that they have.
func (m *moments) thin() {
	old := len(m.kept) * 3 / 4
	var kept []*fold.Snapshot
	var weights []int
	m.weight = 0
	for i, s := range m.kept {
		if i < old && i%2 == 1 {
			continue
		}
		kept, weights = append(kept, s), append(weights, m.weights[i])
		m.weight += m.weights[i]
	}
	m.kept, m.weights = kept, weights
}

// trim drops the moments that were over before limit.
func (m *moments) trim(limit time.Duration) {
	n := sort.Search(len(m.kept), func(i int) bool { return m.kept[i].Mono > limit }) - 1
	if n <= 64 || n < len(m.kept)/4 {
		return
	}
	for _, w := range m.weights[:n] {
		m.weight -= w
	}
	m.kept, m.weights = slices.Clone(m.kept[n:]), slices.Clone(m.weights[n:])
}

// momentAt returns the newest of kept that is not after mono, or nil.
func momentAt(kept []*fold.Snapshot, mono time.Duration) *fold.Snapshot {
	i := sort.Search(len(kept), func(i int) bool { return kept[i].Mono > mono })
	if i == 0 {
		return nil
	}
	return kept[i-1]
}

// lastBefore returns the newest result that was known at an instant, or the
// newest answer, as far as samples say, and since when it was known; or nil.
func (s *series) lastBefore(mono time.Duration, answered bool) (r *fact.ProbeResult, known time.Duration) {
	for i := min(s.seek(mono+disorder), s.blocks()-1); i >= 0; i-- {
		b := s.block(i)
		if answered && b.answered == 0 {
			continue
		}
		for k := int(b.n) - 1; k >= 0; k-- {
			r, known := s.result(i, k)
			if known <= mono && (!answered || !r.Outcome.Lost() && r.Outcome != fact.OutcomeNoData) {
				return r, known
			}
		}
		if b.n == 0 && b.to() <= mono {
			return nil, 0
		}
	}
	return nil, 0
}
