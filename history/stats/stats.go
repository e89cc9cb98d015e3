package stats

import (
	"cmp"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// Statistics sum up a recording or a part of it. Every figure comes with the
// number of cases behind it, and with a 95 % interval where there is one that
// assumes little: availability has none, because outages are not independent
// from one second to the next.
type Statistics struct {
	// Scopes are as asked for, in that order.
	Scopes []ScopeStatistics `json:"scopes"`
	// Incidents count the troubles as a person would, those that go on
	// included.
	Incidents IncidentStatistics `json:"incidents"`
	// Episodes are by kind, scope and reason, and Interfaces by kind and
	// interface; the longest time in total comes first. An episode that
	// concerns two interfaces is in two rows of the latter.
	Episodes   []EpisodeStatistics `json:"episodes"`
	Interfaces []EpisodeStatistics `json:"interfaces"`
}

// A ScopeTimeline is what one scope did, in order: as it happened, and as the
// fold settled it.
type ScopeTimeline struct {
	Scope    path.ScopeName
	Segments []timeline.Segment
	Settled  []timeline.Segment
	// Offline are the stretches in which probes found that nothing gets through,
	// and Probed is whether there were probes that could say.
	Offline []timeline.Span
	Probed  bool
}

// ScopeStatistics sum up one scope: the machine, a family or an interface.
type ScopeStatistics struct {
	Scope path.ScopeName `json:"scope"`
	// Observed is Up and Down. Blind is the rest: gaps, no data, and
	// interfaces that nobody expects to work.
	Observed time.Duration `json:"observed_ns"`
	Up       time.Duration `json:"up_ns"`
	Down     time.Duration `json:"down_ns"`
	Blind    time.Duration `json:"blind_ns"`
	// Unused is what of Blind is an interface that nobody expects to work: all
	// about it was seen.
	Unused time.Duration `json:"unused_ns,omitzero"`
	// Availability is the share of observed time with a path, 0 to 1, nil when
	// nothing was observed.
	Availability *float64 `json:"availability,omitempty"`
	// Online is the share of observed time with a path by which something gets
	// through, by what probes found; nil where none could say.
	Online *float64 `json:"online,omitempty"`
	// Losses are the raw losses that were seen happening, by observed time.
	Losses *Rate `json:"losses,omitempty"`
	// Outages is the number of stretches in which the settled path was not
	// satisfied, one that goes on included, and Failures that of the ones whose
	// beginning was seen: only these count for MTBF.
	Outages  int `json:"outages"`
	Failures int `json:"failures"`
	// MTBF is the observed up time between failures, nil when there was none.
	MTBF *MTBF `json:"mtbf,omitempty"`
	// Recovery is how long outages took that were seen from start to end.
	Recovery Distribution `json:"recovery"`
	// Reasons are the outages by reason, the longest time in total first.
	Reasons []ReasonStatistics `json:"reasons"`
}

// MTBF is a mean time between failures.
type MTBF struct {
	// N is the number of failures.
	N int `json:"n"`
	// Mean is up time by failures, absent for none. Low and High bound it with
	// 95 % confidence; without failures there is only a lower bound.
	Mean time.Duration `json:"mean_ns,omitempty"`
	Low  time.Duration `json:"low_ns"`
	High time.Duration `json:"high_ns,omitempty"`
}

// ReasonStatistics sum up the outages of one scope that began with one reason.
type ReasonStatistics struct {
	Reason   string        `json:"reason"`
	Outages  int           `json:"outages"`
	Total    time.Duration `json:"total_ns"`
	Recovery Distribution  `json:"recovery"`
}

// EpisodeStatistics sum up episodes of one kind.
type EpisodeStatistics struct {
	// What is the kind: "outage", "portal", "flapping"…
	What      string         `json:"what"`
	Scope     path.ScopeName `json:"scope,omitempty"`
	Reason    path.Reason    `json:"reason,omitempty"`
	Interface string         `json:"interface,omitempty"`
	// N counts episodes, and Open those that go on.
	N    int `json:"n"`
	Open int `json:"open"`
	// RawFlaps and Total sum up all of them, Recovery the closed ones.
	RawFlaps int           `json:"raw_flaps"`
	Total    time.Duration `json:"total_ns"`
	Recovery Distribution  `json:"recovery"`
}

// Summarize returns the statistics of timelines, and of episodes and incidents,
// those that go on included.
func Summarize(timelines []ScopeTimeline, episodes []fold.Episode, incidents []*fold.Incident) Statistics {
	st := Statistics{Scopes: make([]ScopeStatistics, 0, len(timelines)), Incidents: summarizeIncidents(incidents)}
	for _, t := range timelines {
		st.Scopes = append(st.Scopes, summarizeScope(t))
	}
	st.Episodes, st.Interfaces = summarizeEpisodes(episodes)
	return st
}

func summarizeScope(t ScopeTimeline) ScopeStatistics {
	st := ScopeStatistics{Scope: t.Scope, Reasons: []ReasonStatistics{}}
	losses, last, end := 0, timeline.ConditionBlind, time.Duration(0)
	for i, seg := range t.Segments {
		c := timeline.ConditionOf(seg.Level)
		if i > 0 && seg.From > end {
			st.Blind += seg.From - end
			last = timeline.ConditionBlind
		}
		switch c {
		case timeline.ConditionUp:
			st.Up += seg.To - seg.From
		case timeline.ConditionDown:
			st.Down += seg.To - seg.From
			if last == timeline.ConditionUp {
				losses++
			}
		default:
			st.Blind += seg.To - seg.From
			if seg.Level == timeline.LevelIdle {
				st.Unused += seg.To - seg.From
			}
		}
		last, end = c, seg.To
	}
	st.Observed = st.Up + st.Down
	if st.Observed > 0 {
		a := float64(st.Up) / float64(st.Observed)
		st.Availability = &a
	}
	st.Losses = newRate(losses, st.Observed)
	if t.Probed && st.Observed > 0 {
		on := float64(st.Up-offline(t.Segments, t.Offline)) / float64(st.Observed)
		st.Online = &on
	}
	if n := len(t.Segments); n > 0 {
		st.addOutages(outages(t.Settled, t.Segments, timeline.Span{From: t.Segments[0].From, To: t.Segments[n-1].To}))
	}
	return st
}

func (st *ScopeStatistics) addOutages(outages []Outage) {
	st.Outages = len(outages)
	for _, o := range outages {
		if !o.StartUnknown {
			st.Failures++
		}
	}
	st.MTBF = newMTBF(st.Failures, st.Up)
	st.Recovery = recovery(outages)
	for _, group := range Grouped(outages, func(a, b Outage) int { return cmp.Compare(a.Reason, b.Reason) }) {
		r := ReasonStatistics{
			Reason: group[0].Reason.Display(), Outages: len(group), Recovery: recovery(group),
		}
		for _, o := range group {
			r.Total += o.Duration
		}
		st.Reasons = append(st.Reasons, r)
	}
	slices.SortStableFunc(st.Reasons, func(a, b ReasonStatistics) int { return cmp.Compare(b.Total, a.Total) })
}

func newMTBF(failures int, up time.Duration) *MTBF {
	if up <= 0 {
		return nil
	}
	low, high := PoissonInterval(float64(failures), confidence)
	m := &MTBF{N: failures, Low: time.Duration(float64(up) / high)}
	if failures > 0 {
		m.Mean = up / time.Duration(failures)
		m.High = time.Duration(float64(up) / low)
	}
	return m
}

// recovery leaves out what was cut at either end: its length is not known.
func recovery(outages []Outage) Distribution {
	var durations []time.Duration
	for _, o := range outages {
		if !o.StartUnknown && !o.EndUnknown {
			durations = append(durations, o.Duration)
		}
	}
	return NewDistribution(durations)
}

func summarizeEpisodes(episodes []fold.Episode) (byReason, byInterface []EpisodeStatistics) {
	var reasons, interfaces []episodeCase
	for i := range episodes {
		e := &episodes[i]
		reasons = append(reasons, episodeCase{
			key: EpisodeStatistics{What: e.What, Scope: e.Scope, Reason: e.Reason}, episode: e,
		})
		for _, name := range e.Interfaces {
			interfaces = append(interfaces, episodeCase{
				key: EpisodeStatistics{What: e.What, Interface: name.Display()}, episode: e,
			})
		}
	}
	return tally(reasons), tally(interfaces)
}

// An episodeCase is an episode and the row that it belongs to.
type episodeCase struct {
	key     EpisodeStatistics
	episode *fold.Episode
}

func (a episodeCase) compare(b episodeCase) int {
	return cmp.Or(
		cmp.Compare(a.key.What, b.key.What),
		cmp.Compare(a.key.Scope, b.key.Scope),
		cmp.Compare(a.key.Reason, b.key.Reason),
		cmp.Compare(a.key.Interface, b.key.Interface),
	)
}

func tally(cases []episodeCase) []EpisodeStatistics {
	rows := []EpisodeStatistics{}
	for _, group := range Grouped(cases, episodeCase.compare) {
		row := group[0].key
		var closed []time.Duration
		for _, c := range group {
			row.N++
			row.RawFlaps += c.episode.RawFlaps
			row.Total += c.episode.Duration
			if c.episode.Open {
				row.Open++
				continue
			}
			closed = append(closed, c.episode.Duration)
		}
		row.Recovery = NewDistribution(closed)
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b EpisodeStatistics) int { return cmp.Compare(b.Total, a.Total) })
	return rows
}

// Grouped returns runs of equal elements, in order, without a map and its
// random order.
func Grouped[T any](all []T, compare func(a, b T) int) [][]T {
	sorted := slices.SortedStableFunc(slices.Values(all), compare)
	var groups [][]T
	for i := 0; i < len(sorted); {
		n := 1
		for i+n < len(sorted) && compare(sorted[i], sorted[i+n]) == 0 {
			n++
		}
		groups = append(groups, sorted[i:i+n])
		i += n
	}
	return groups
}
