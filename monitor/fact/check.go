package fact

import (
	"net/netip"
	"time"
)

// A Check is what one diagnosis found out: the questions that "flapscope check"
// asks, which are too many to be asked all the time. Of several the newest holds.
type Check struct {
	// Trigger is why it was made.
	Trigger CheckTrigger `json:"trigger"`
	// Begun is when it was (CLOCK_BOOTTIME), and Took how long it lasted.
	Begun time.Duration `json:"begun_ns"`
	Took  time.Duration `json:"took_ns"`
	// Bytes is about how much was sent and received.
	Bytes int `json:"bytes"`
	// Index is the interface of the path that was asked by.
	Index int `json:"ifindex,omitempty"`
	// State is the verdict, and Text says it in one sentence.
	State string    `json:"state"`
	Text  Untrusted `json:"text"`
	// Findings are what is wrong, and what is worth a note.
	Findings []CheckFinding `json:"findings,omitempty"`
	// Evidence is what was found out, a line for each leg, router and group of
	// connections.
	Evidence []Untrusted `json:"evidence,omitempty"`
}

// A CheckTrigger is why a check was made.
type CheckTrigger string

// The triggers.
const (
	// CheckAttached: a path to another network is settled.
	CheckAttached CheckTrigger = "attached"
	// CheckTrouble: an incident has begun.
	CheckTrouble CheckTrigger = "trouble"
	// CheckAgain: the check before found something.
	CheckAgain CheckTrigger = "again"
)

// A CheckFinding is one thing that a check found.
type CheckFinding struct {
	// What and Leg are the words of a root.
	What   string     `json:"what"`
	Leg    string     `json:"leg"`
	Family Family     `json:"family,omitempty"`
	Index  int        `json:"ifindex,omitempty"`
	Addr   netip.Addr `json:"addr,omitzero"`
	// Note is whether it is no trouble.
	Note bool `json:"note,omitempty"`
	// Detail says what exactly, for a sentence that names the rest.
	Detail Untrusted `json:"detail,omitempty"`
	// Since is when the first of the checks in a row began that found it, and
	// Before when the last one before those began, or 0.
	Since  time.Duration `json:"since_ns"`
	Before time.Duration `json:"before_ns,omitempty"`
}

// KindCheck is the kind of Check.
const KindCheck Kind = "check"

// Kind implements Fact.
func (*Check) Kind() Kind { return KindCheck }

// Row implements Fact.
func (*Check) Row() bool { return true }

// Interface implements Fact.
func (c *Check) Interface() int { return c.Index }

// Words implements Fact.
func (c *Check) Words() Untrusted { return Untrusted(c.State) + ": " + c.Text }
