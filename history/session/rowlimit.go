package session

import (
	"fmt"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// CheckEvery is after how many observations of a stranger's CheckRows is worth
// its time.
const CheckEvery = 1024

// CheckRows returns ErrLimit if a state has more rows than any machine.
func CheckRows(s *state.State) error {
	for _, rows := range s.Rows() {
		most := maxTable
		switch rows.Kind() {
		case fact.KindRoute:
			most = maxRows
		case fact.KindLink:
			most = maxLinks
		}
		if rows.Len() > most {
			return fmt.Errorf("%w: more than %d rows of kind %s", ErrLimit, most, rows.Kind())
		}
	}
	if rowsIn(s) > maxRows {
		return fmt.Errorf("%w: tables of more than %d rows", ErrLimit, maxRows)
	}
	return nil
}

// rowsIn counts the rows of all tables.
func rowsIn(s *state.State) int {
	n := len(s.Synced)
	for _, rows := range s.Rows() {
		n += rows.Len()
	}
	return n
}

// A rowLimit bounds the rows of a state in bytes: a row takes what its line does,
// and a few times as much at most.
type rowLimit struct {
	// put is how many bytes of lines were put since the rows were counted, and next
	// how many it may be before they are counted again.
	put, next int
}

// check takes in that a line of so many bytes was put into the tables, and counts the
// rows when these may have grown by half: it takes as long as reading them did.
func (l *rowLimit) check(s *state.State, line int) error {
	if l.put += line; l.put < max(l.next, maxRowBytes/4) {
		return nil
	}
	all, buf := 0, []byte(nil)
	for _, rows := range s.Rows() {
		for f := range rows.All() {
			buf = fact.AppendObservation(buf[:0], &fact.Observation{Op: fact.Put, Fact: f})
			if all += len(buf); all > maxRowBytes {
				return fmt.Errorf("%w: tables of more than %d bytes", ErrLimit, maxRowBytes)
			}
		}
	}
	l.put, l.next = 0, all/2
	return nil
}

// apply follows the tables, within a bound.
func (d *decoder) apply(o fact.Observation) {
	d.state.Apply(o)
	if d.applied++; d.applied%CheckEvery == 0 {
		if err := CheckRows(d.state); err != nil {
			d.fail(err)
		}
	}
}
