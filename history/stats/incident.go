package stats

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// IncidentStatistics count incidents, without notes.
type IncidentStatistics struct {
	// N is how many there were: Outage of them let nothing through in at least
	// one family, Degraded the others, and Open go on.
	N        int `json:"n"`
	Outage   int `json:"outage"`
	Degraded int `json:"degraded"`
	Open     int `json:"open"`
	// Kinds are by what their root is; the longest time in total comes first.
	Kinds []IncidentKind `json:"kinds"`
}

// An IncidentKind is the incidents of one root.
type IncidentKind struct {
	What path.What    `json:"what"`
	Leg  path.LegName `json:"leg"`
	N    int          `json:"n"`
	Open int          `json:"open"`
	// Times is how often they came, one that comes and goes each time, and Total
	// how long they lasted, Longest the longest time.
	Times   int           `json:"times"`
	Total   time.Duration `json:"total_ns"`
	Longest time.Duration `json:"longest_ns"`
}

func summarizeIncidents(list []*fold.Incident) IncidentStatistics {
	st := IncidentStatistics{Kinds: []IncidentKind{}}
	list = slices.DeleteFunc(slices.Clone(list), (*fold.Incident).Note)
	for _, group := range Grouped(list, func(a, b *fold.Incident) int {
		return cmp.Or(cmp.Compare(a.Root.What, b.Root.What), cmp.Compare(a.Root.Leg, b.Root.Leg))
	}) {
		k := IncidentKind{What: group[0].Root.What, Leg: group[0].Root.Leg, N: len(group)}
		for _, i := range group {
			if i.Severity == fold.SeverityOutage {
				st.Outage++
			} else {
				st.Degraded++
			}
			if i.Open() {
				k.Open++
			}
			k.Times, k.Total, k.Longest = k.Times+i.Count, k.Total+i.Down, max(k.Longest, i.Longest)
		}
		st.N, st.Open = st.N+k.N, st.Open+k.Open
		st.Kinds = append(st.Kinds, k)
	}
	slices.SortStableFunc(st.Kinds, func(a, b IncidentKind) int { return cmp.Compare(b.Total, a.Total) })
	return st
}
