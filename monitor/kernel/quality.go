//go:build linux

package kernel

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// sourceName is how this source calls itself in observations.
const sourceName = "kernel"

// A dumpError is the kernel's refusal of a dump.
type dumpError struct {
	table table
	errno unix.Errno
}

func (e *dumpError) Error() string { return fmt.Sprintf("dump of %s: %v", e.table, e.errno) }

// An audit counts what the periodic dumps of everything find: changes that the
// kernel made without a word and that no trigger foresaw.
type audit struct {
	running bool
	left    tableSet
	found   [numTables]int
}

func (a *audit) begin() { *a = audit{running: true, left: allTables} }

// count takes the result of a dump. Neighbours don't count: most of their
// states come and go silently by design.
func (a *audit) count(d *dump) {
	if !a.running {
		return
	}
	a.left &^= 1 << d.table
	if d.audit && d.table != neighbours4 && d.table != neighbours6 {
		a.found[d.table] += d.changes
	}
}

// report says what a finished audit found, if it found anything.
func (a *audit) report(m *mirror) {
	if !a.running || a.left != 0 {
		return
	}
	a.running = false
	total := 0
	var parts []string
	for t, n := range a.found {
		if n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d in %s", n, table(t)))
		}
	}
	if total == 0 {
		return
	}
	m.gap(fact.GapAudit, m.at.mono, total,
		"the audit found and repaired silent changes: "+strings.Join(parts, ", "))
}

// A resync counts what had to be repaired after lost notifications.
type resync struct {
	running bool
	since   time.Duration
	left    tableSet
	repairs int
}

func (r *resync) begin(now time.Duration) { *r = resync{running: true, since: now, left: allTables} }

func (r *resync) count(d *dump) {
	if r.running {
		r.left &^= 1 << d.table
		r.repairs += d.changes
	}
}

func (r *resync) report(m *mirror) {
	if !r.running || r.left != 0 {
		return
	}
	r.running = false
	m.gap(fact.GapResync, r.since, r.repairs,
		fmt.Sprintf("read all tables again: %d rows differed", r.repairs))
}

// flaws gathers messages that could not be decoded, so that a stream of them
// is one line and not thousands.
type flaws struct {
	count int
	first error
	// since is when the first was seen, next when to say at the earliest.
	since, next time.Duration
}

// flawsEvery is how often undecodable messages are reported.
const flawsEvery = 10 * time.Second

// flaw notes a message that could not be decoded.
func (m *mirror) flaw(err error) {
	if m.flaws.count == 0 {
		m.flaws.first, m.flaws.since = err, m.at.mono
	}
	m.flaws.count++
}

func (f *flaws) report(m *mirror) {
	if f.count == 0 || m.at.mono < f.next {
		return
	}
	m.gap(fact.GapUndecodable, f.since, f.count, fmt.Sprintf(
		"the kernel sent what this version can't read, first: %v", f.first))
	*f = flaws{next: m.at.mono + flawsEvery}
}

// gap emits a flaw in the data.
func (m *mirror) gap(reason fact.GapReason, from time.Duration, count int, text string) {
	m.emit(fact.Observation{
		Time: m.at.wall, Mono: m.at.mono, Op: fact.Put,
		Fact: &fact.Gap{
			Reason: reason, Source: sourceName, From: from, To: m.at.mono, Count: count, Text: fact.Untrusted(text),
		},
	})
}

// notice reports a degraded feature; an empty text withdraws it.
func (m *mirror) notice(key, text string) {
	op := fact.Put
	if text == "" {
		op = fact.Delete
	}
	m.emit(fact.Observation{
		Time: m.at.wall, Mono: m.at.mono, Op: op, Fact: &fact.Notice{Key: key, Text: fact.Untrusted(text)},
	})
}
