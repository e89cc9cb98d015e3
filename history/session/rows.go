package session

import (
	"bytes"
	"cmp"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// Rows returns a state as the observations that lead to it from nothing, in an
// order that depends on the state alone, all stamped with the state's instant.
// What probes said is not among them.
func Rows(s *state.State) []fact.Observation {
	var l rowList
	rows := l.of(s)
	out := make([]fact.Observation, len(rows))
	for i, r := range rows {
		out[i] = r.o
	}
	return out
}

// of returns the rows of s. They are good until the next call.
func (l *rowList) of(s *state.State) []row {
	l.state, l.rows, l.lines = s, l.rows[:0], l.lines[:0]
	for _, rows := range s.Rows() {
		for f := range rows.All() {
			l.add(f)
		}
	}
	// Last, because a path is evaluated from then on.
	for source := range s.Synced {
		l.add(&fact.Sync{Source: source})
	}
	slices.SortFunc(l.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.line, b.line))
	})
	return l.rows
}

// A row is an observation with its line, to sort and compare by.
type row struct {
	rank int
	line []byte
	o    fact.Observation
}

// A rowList lists rows, and keeps its memory for the next time.
type rowList struct {
	state *state.State
	rows  []row
	// lines holds the lines of rows. Where it grew, the first ones are in the
	// memory that it had before.
	lines []byte
}

func (l *rowList) add(f fact.Fact) {
	o := fact.Observation{Time: l.state.Time, Mono: l.state.Mono, Op: fact.Put, Fact: f}
	start := len(l.lines)
	l.lines = fact.AppendObservation(l.lines, &o)
	l.rows = append(l.rows, row{f.Kind().Rank(), l.lines[start:len(l.lines):len(l.lines)], o})
}

// Difference returns the observations that lead from one state to another,
// stamped with the instant of the latter: rows that are gone, then rows that
// are new or differ. A replacement deletes nothing first.
func Difference(from, to *state.State) []fact.Observation {
	had := map[string]fact.Fact{}
	for _, o := range Rows(from) {
		had[content(o.Fact)] = o.Fact
	}
	var puts []fact.Observation
	next := state.NewState()
	for _, o := range Rows(to) {
		next.Apply(o)
		if k := content(o.Fact); had[k] != nil {
			delete(had, k)
			continue
		}
		o.Via = fact.ViaDump
		puts = append(puts, o)
	}
	var dels []fact.Observation
	for _, f := range had {
		if !f.Row() || next.Has(f) {
			continue
		}
		dels = append(dels, fact.Observation{Time: to.Time, Mono: to.Mono, Op: fact.Delete, Via: fact.ViaDump, Fact: f})
	}
	// Dependants before what they depend on.
	slices.SortFunc(dels, func(a, b fact.Observation) int {
		return cmp.Or(cmp.Compare(b.Fact.Kind().Rank(), a.Fact.Kind().Rank()), cmp.Compare(content(a.Fact), content(b.Fact)))
	})
	return append(dels, puts...)
}

// content returns what a fact says, as a key.
func content(f fact.Fact) string {
	o := fact.Observation{Op: fact.Put, Fact: f}
	return string(fact.AppendObservation(nil, &o))
}
