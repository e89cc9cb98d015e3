package fold

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Listener hears everything that a Driver folds, in order.
type Listener interface {
	// Observed is called just before o is folded into s, so that a row that o
	// removes still has its name. s may be read during the call only.
	Observed(o fact.Observation, s *state.State)
	// Happened is called for each event that the fold finds; snapshot returns
	// the state just after it.
	Happened(e Event, snapshot func() *Snapshot)
}

// A Flusher is a Listener that holds back what it hears. Flush is called when
// nothing more comes of the same moment.
type Flusher interface{ Flush() }

// An Attentive listener hears of each change of health, which no event says: of its
// verdicts, not of how long they have lasted.
type Attentive interface {
	// Assessed is called after the change; snapshot returns the state then.
	Assessed(snapshot func() *Snapshot)
}

// A Briefed listener may do without the tables in a snapshot: those of thousands
// of interfaces cost more to copy than everything else of an event.
type Briefed interface{ Brief() bool }

// A Driver owns a fold and passes what goes in and what comes out on to its
// listeners: live, on replay, and wherever a recording is read. Like the fold
// it is not safe for concurrent use.
type Driver struct {
	fold      *Fold
	listeners []Listener
	flushers  []Flusher
	// snapshots are what each listener gets its snapshots from.
	snapshots []func() *Snapshot
	// attentive are those that hear of health, and health is what they heard last.
	attentive []Attentive
	health    path.Health
}

// NewDriver returns a driver of a fold that knows nothing, with listeners.
func NewDriver(set path.Settings, listeners ...Listener) *Driver {
	d := &Driver{}
	d.fold = NewFold(set, d.happened)
	for _, l := range listeners {
		d.Listen(l)
	}
	return d
}

// Listen adds a listener. It hears what comes after.
func (d *Driver) Listen(l Listener) {
	d.listeners = append(d.listeners, l)
	snapshot := d.fold.Snapshot
	if b, ok := l.(Briefed); ok && b.Brief() {
		snapshot = d.fold.brief
	}
	d.snapshots = append(d.snapshots, snapshot)
	if f, ok := l.(Flusher); ok {
		d.flushers = append(d.flushers, f)
	}
	if a, ok := l.(Attentive); ok {
		d.attentive = append(d.attentive, a)
	}
}

// assess tells who wants to know that health has changed.
func (d *Driver) assess() {
	if len(d.attentive) == 0 {
		return
	}
	now := d.fold.health.known
	if now.Text = ""; now == d.health {
		return
	}
	d.health = now
	for _, a := range d.attentive {
		a.Assessed(d.fold.Snapshot)
	}
}

func (d *Driver) happened(e Event) {
	for i, l := range d.listeners {
		l.Happened(e, d.snapshots[i])
	}
}

// Require lets the fold follow a connection with requirements, under a name.
func (d *Driver) Require(name fact.Untrusted, r *path.Request) { d.fold.Require(name, r) }

// Observe folds one observation in, after everything that was due before it.
// One from before the newest is taken to be of its instant, by the listeners
// too: what they record is what was folded.
func (d *Driver) Observe(o fact.Observation) {
	o.Mono = max(o.Mono, d.fold.state.Mono)
	d.Advance(o.Mono)
	for _, l := range d.listeners {
		l.Observed(o, d.fold.state)
	}
	d.fold.Observe(o)
	d.assess()
}

// Advance does everything that is due until mono (CLOCK_BOOTTIME).
func (d *Driver) Advance(mono time.Duration) {
	for len(d.attentive) > 0 {
		at, ok := d.fold.Deadline()
		if !ok || at > mono {
			break
		}
		// Health changes at the instant of a deadline, and not when all of them are over.
		d.fold.Advance(at)
		d.assess()
	}
	d.fold.Advance(mono)
}

// Finish does everything that is due until mono, when nothing is observed any
// more: see Fold.Finish.
func (d *Driver) Finish(mono time.Duration) {
	d.Advance(mono)
	d.fold.Finish(mono)
	d.assess()
}

// Flush lets the listeners pass on what they hold back.
func (d *Driver) Flush() {
	for _, f := range d.flushers {
		f.Flush()
	}
}

// Deadline returns the earliest instant at which time alone will change
// something, or false.
func (d *Driver) Deadline() (time.Duration, bool) { return d.fold.Deadline() }

// State returns the state. It must not be changed, and only read until the
// next call of Observe.
func (d *Driver) State() *state.State { return d.fold.state }

// Snapshot returns the present state as an immutable value.
func (d *Driver) Snapshot() *Snapshot { return d.fold.Snapshot() }
