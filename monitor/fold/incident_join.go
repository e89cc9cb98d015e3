package fold

import (
	"slices"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// Continues reports whether next, which another process found, is incident i
// that went on: its root is the same. What a machine that starts without a
// path wants can be known less exactly than what was lost.
func (i *Incident) Continues(next *Incident) bool {
	a, b := &i.Root, &next.Root
	return i.Open() && i.Note() == next.Note() && a.Leg == b.Leg && a.Interface == b.Interface &&
		(a.Family == b.Family || a.Family == 0 || b.Family == 0)
}

// Joined returns the incident that i and next are together, where next goes on
// from i after a stretch in which nobody watched.
func (i *Incident) Joined(next *Incident) *Incident {
	out := *i
	out.Phase, out.To, out.EndEarliest, out.Recovery = next.Phase, next.To, next.EndEarliest, next.Recovery
	out.Duration, out.Down = i.Duration+next.Duration, i.Down+next.Down
	if i.Severity == SeverityDegraded {
		out.Severity = next.Severity
	}
	out.Works = slices.DeleteFunc(slices.Clone(i.Works), func(w string) bool { return !slices.Contains(next.Works, w) })
	out.Pattern = nil
	out.Cells = addCells(i.Cells, next.Cells)
	// The last time of the one and the first of the other are one.
	out.Count = max(1, i.Count+next.Count-1)
	out.Shortest, out.Longest = min(i.Shortest, next.Shortest), max(i.Longest, next.Longest)
	if out.Count == 1 {
		out.Shortest, out.Longest = out.Down, out.Down
	}
	out.Text = next.reword(&out)
	return &out
}

// reword returns the sentence of i with the figures of another form of it.
func (i *Incident) reword(as *Incident) fact.Untrusted {
	for _, nothing := range []bool{true, false} {
		if head, ok := strings.CutSuffix(string(i.Text), i.figures(nothing)); ok {
			return fact.Untrusted(head + as.figures(nothing))
		}
	}
	return i.Text
}

// Lasts returns an open incident as of later by d, in which nothing was said of
// it.
func (i *Incident) Lasts(d time.Duration) *Incident {
	if !i.Open() || d <= 0 {
		return i
	}
	out := *i
	out.Duration, out.Down = i.Duration+d, i.Down+d
	if i.Count <= 1 {
		out.Shortest, out.Longest = out.Down, out.Down
	}
	out.Text = i.reword(&out)
	return &out
}
