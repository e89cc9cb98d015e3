package fact

import "time"

// A Gap is a stretch in which nothing can be claimed, or a flaw in the data. A
// gap is never an outage.
type Gap struct {
	// Reason is one of the Gap constants.
	Reason GapReason `json:"reason"`
	// Source is who noticed: "kernel", "clock", "recorder"…
	Source Untrusted `json:"source"`
	// From and To bound the stretch on the CLOCK_BOOTTIME axis; equal for a
	// flaw at an instant.
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
	// Count is how many messages or rows are concerned, or 0.
	Count int `json:"count,omitempty"`
	// Text says it for people.
	Text Untrusted `json:"text"`
}

// A GapReason says what a gap is.
type GapReason string

// The reasons of gaps.
const (
	GapSuspend     GapReason = "suspend"
	GapStopped     GapReason = "stopped"
	GapOverrun     GapReason = "overrun"
	GapResync      GapReason = "resync"
	GapAudit       GapReason = "audit"
	GapUndecodable GapReason = "undecodable"
	GapClockStep   GapReason = "clock_step"
	GapRouterMode  GapReason = "router_mode"
	GapRecorder    GapReason = "recorder"
)

// Kind implements Fact.
func (*Gap) Kind() Kind { return KindGap }

// Row implements Fact.
func (*Gap) Row() bool { return false }

// Interface implements Fact.
func (*Gap) Interface() int { return 0 }

// Words implements Fact.
func (g *Gap) Words() Untrusted { return Untrusted(g.Reason) + ": " + g.Text }

// Blind reports whether nothing can be claimed between From and To, as opposed
// to a mere note on data quality.
func (g *Gap) Blind() bool {
	switch g.Reason {
	case GapSuspend, GapStopped, GapRecorder:
		return true
	}
	return false
}

// A Mark is a moment that the user marked, or the end of a stretch.
type Mark struct {
	Text Untrusted `json:"text,omitempty"`
	// From is the begin of a stretch, on the CLOCK_BOOTTIME axis, or 0 for a moment.
	From time.Duration `json:"from_ns,omitempty"`
}

// Kind implements Fact.
func (*Mark) Kind() Kind { return KindMark }

// Row implements Fact.
func (*Mark) Row() bool { return false }

// Interface implements Fact.
func (*Mark) Interface() int { return 0 }

// Words implements Fact.
func (m *Mark) Words() Untrusted { return m.Text }

// A Clock is a reading of all clocks, once a minute and at every step.
type Clock struct {
	// Monotonic is CLOCK_MONOTONIC: Mono less the time asleep.
	Monotonic time.Duration `json:"monotonic_ns"`
	// Synced is whether the kernel says the clock is disciplined (adjtimex).
	Synced bool `json:"synced"`
}

// Kind implements Fact.
func (*Clock) Kind() Kind { return KindClock }

// Row implements Fact.
func (*Clock) Row() bool { return false }

// Interface implements Fact.
func (*Clock) Interface() int { return 0 }

// Words implements Fact.
func (c *Clock) Words() Untrusted { return verbIf(c.Synced, "synchronized", "not synchronized") }

// A Notice tells the user of a feature that is degraded, and what to do. Key is
// the identity; Delete withdraws it.
type Notice struct {
	// Key is "ping", "resolved", "rcvbuf"…
	Key string `json:"key"`
	// Text is one line.
	Text Untrusted `json:"text"`
}

// KindNotice is the kind of Notice.
const KindNotice Kind = "notice"

// Kind implements Fact.
func (*Notice) Kind() Kind { return KindNotice }

// Row implements Fact.
func (*Notice) Row() bool { return true }

// Interface implements Fact.
func (*Notice) Interface() int { return 0 }

// Words implements Fact.
func (n *Notice) Words() Untrusted { return n.Text }
