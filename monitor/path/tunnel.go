package path

import (
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TunnelMarks returns the marks of rules of the form "not fwmark M lookup T":
// the way in which wg-quick and others keep a tunnel's own packets out of it.
// Sorted, without repetition.
func TunnelMarks(t *state.Tables) []uint32 {
	var marks []uint32
	for _, r := range t.Rules {
		if r.Not && r.FwMark != 0 && r.Action == fact.RuleToTable {
			marks = append(marks, r.FwMark)
		}
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}
