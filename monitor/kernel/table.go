//go:build linux

package kernel

import (
	"math/bits"
	"time"

	"flapscope/monitor/fact"
)

// A table names what one dump returns.
type table uint8

// The tables, in the order in which they are dumped: a link before what hangs
// on it.
const (
	links table = iota
	addresses4
	addresses6
	nexthops
	rules4
	rules6
	routes4
	routes6
	neighbours4
	neighbours6
	netconfs4
	netconfs6
	numTables
)

func (t table) String() string { return tables[t].name }

// A tableSet is a set of tables.
type tableSet uint16

// The sets that one event can change silently together.
const (
	allTables   tableSet = 1<<numTables - 1
	setLinks    tableSet = 1 << links
	setRoutes   tableSet = 1<<routes4 | 1<<routes6
	setRules    tableSet = 1<<rules4 | 1<<rules6
	setAddrs    tableSet = 1<<addresses4 | 1<<addresses6
	setNeighs   tableSet = 1<<neighbours4 | 1<<neighbours6
	setNexthops tableSet = 1 << nexthops
)

// first returns the first table of a set that is not empty.
func (s tableSet) first() table { return table(bits.TrailingZeros16(uint16(s))) }

// of returns the table of family f, of a pair whose IPv4 table is t.
func (t table) of(f fact.Family) table {
	if f == fact.IPv6 {
		return t + 1
	}
	return t
}

// An agenda says when a table is to be dumped next.
type agenda struct {
	// wanted is whether a dump is due; first and last are when it was asked
	// for since the last dump began.
	wanted      bool
	first, last time.Duration
	// urgent is whether not to wait for quiet.
	urgent bool
	// audit is whether nothing but an audit asked.
	audit bool
	// notBefore bounds the cost of dumping a large table again and again.
	notBefore time.Duration
	// synced is whether the table was ever dumped completely.
	synced bool
}

// How long to wait for quiet before a dump, and at most: one operation's
// notifications arrive within a millisecond, a deleted link's within a hundred.
const (
	dumpQuiet = 4 * time.Millisecond
	dumpDelay = 20 * time.Millisecond
)

func (a *agenda) due() time.Duration {
	at := min(a.last+dumpQuiet, a.first+dumpDelay)
	if a.urgent {
		at = a.first
	}
	return max(at, a.notBefore)
}
