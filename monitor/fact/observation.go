package fact

import "time"

// A Kind names what an observation, or an event made of one, is about. Its
// value is the "kind" key of the JSON form.
type Kind string

// The kinds of observation.
const (
	KindLink      Kind = "link"
	KindAddress   Kind = "address"
	KindRoute     Kind = "route"
	KindRule      Kind = "rule"
	KindNeighbour Kind = "neighbour"
	KindNexthop   Kind = "nexthop"
	KindNetconf   Kind = "netconf"
	KindLookup    Kind = "lookup"
	KindResolver  Kind = "resolver"
	KindWifi      Kind = "wifi"
	KindProbe     Kind = "probe"
	KindGap       Kind = "gap"
	KindMark      Kind = "mark"
	KindClock     Kind = "clock"
)

// An Op says what an observation does to the row that its fact names.
type Op string

// The operations. Put inserts or replaces; Delete removes.
const (
	Put    Op = "put"
	Delete Op = "del"
)

// Via says how a source came to know a fact.
type Via string

// The ways to know.
const (
	// ViaEvent is a notification by the kernel or a daemon.
	ViaEvent Via = ""
	// ViaDump is a difference found by the first or a later dump.
	ViaDump Via = "dump"
	// ViaInferred follows by a kernel rule from another fact, before any dump
	// confirms it (a link went down, so its IPv4 routes are gone).
	ViaInferred Via = "inferred"
	// ViaExpired is a lifetime that ended by the source's own timer.
	ViaExpired Via = "expired"
	// ViaAudit is a difference that a periodic audit found: a silent change.
	ViaAudit Via = "audit"
)

// vias are all ways to know, the usual one first.
var vias = []Via{ViaEvent, ViaDump, ViaInferred, ViaExpired, ViaAudit}

// A Fact is what an observation says. Facts are immutable once observed: they
// are shared by pointer between the source's mirror, the state and snapshots.
type Fact interface {
	// Kind returns the kind of the fact.
	Kind() Kind
	// Row reports whether the fact holds until it is replaced or deleted; all
	// others are of one instant. The state has Rows for each kind of row.
	Row() bool
	// Interface returns the index of the interface that the fact is about, or 0.
	Interface() int
	// Words returns what the fact says, without the name of its interface.
	Words() Untrusted
}

// An Observation is one fact, at one instant, from one source.
type Observation struct {
	// Time is the wall clock when the source learned the fact.
	Time time.Time
	// Mono is CLOCK_BOOTTIME at the same instant; it never steps and goes on
	// in suspend. All durations are differences of Mono.
	Mono time.Duration
	// Op says whether the fact now holds or no longer holds.
	Op Op
	// Via says how the source knows.
	Via Via
	// Fact is one of the types with a Kind method in this package.
	Fact Fact
}

// LifetimeEnded reports whether a row that is deleted had come to the end of its life:
// the kernel counts lifetimes in whole seconds.
func LifetimeEnded(o *Observation, until time.Duration) bool {
	return o.Via == ViaExpired || until != 0 && o.Mono >= until-time.Second
}

// An Emit takes the observations of a source, in order.
type Emit func(Observation)

// Sync is the fact that a source has reported everything it knows at its start (or
// after an overrun): until every table source has synced, state is incomplete
// and no path is evaluated.
type Sync struct {
	// Source is "kernel" or "resolver".
	Source string `json:"source"`
}

// KindSync is the kind of Sync.
const KindSync Kind = "sync"

// Kind implements Fact.
func (*Sync) Kind() Kind { return KindSync }

// Row implements Fact.
func (*Sync) Row() bool { return false }

// Interface implements Fact.
func (*Sync) Interface() int { return 0 }

// Words implements Fact.
func (s *Sync) Words() Untrusted { return Untrusted(s.Source) + " is complete" }
