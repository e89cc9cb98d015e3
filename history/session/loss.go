package session

import (
	"bytes"
	"fmt"
	"time"

	"flapscope/monitor/fact"
)

// maxKept bounds the lines kept while they can't be written.
const maxKept = 16 << 20

// A loss is what a full disk kept from being recorded.
type loss struct {
	// from is the instant from which on nothing is kept, and n counts the
	// observations since.
	from time.Duration
	n    int
	// err is why nothing can be written.
	err error
}

// giveUp drops the lines that are in no file: there is no room for more here
// either. Those in the journal stay, up to the last whole one, because they may
// have been synced. From now on the tables are followed and the observations
// counted, until there is room again.
func (w *Writer) giveUp(err error) {
	e := w.enc
	keep := bytes.LastIndexByte(e.lines[:w.written], '\n') + 1
	if keep < e.begun {
		// Half a snapshot is none, and the state before it is known without.
		keep = bytes.IndexByte(e.lines, '\n') + 1
		e.member.flags &^= flagSnapshot
		if keep > w.written {
			keep = 0
		}
	}
	n := observationsIn(e.lines[keep:])
	e.lines, w.written = e.lines[:keep], keep
	// A tail that can't be cut off is overwritten, or is no whole line.
	_ = w.journal.Truncate(int64(keep))
	if kept, ok := linesMember(e.lines); ok {
		e.member.last = kept.last
	} else {
		e.member.last = e.member.first
	}
	w.lost = &loss{from: e.member.last, n: n, err: fmt.Errorf("%w: nothing is recorded until there is room", err)}
}

// observationsIn counts the observations that lines hold.
func observationsIn(lines []byte) int {
	n := 0
	for len(lines) > 0 {
		line, rest, _ := bytes.Cut(lines, []byte{'\n'})
		lines = rest
		switch kind, _ := peek(line); kind {
		case kindSamples:
			samples, _ := parseSamples(line)
			n += len(samples)
		default:
			if observes(kind) {
				n++
			}
		}
	}
	return n
}

// lose counts an observation that is not kept.
func (w *Writer) lose(o *fact.Observation) error {
	w.enc.skip(o)
	w.lost.n++
	return w.retryLost(o.Time, o.Mono)
}

// retryLost tries now and then whether there is room again, at the instant t,
// mono. It does nothing where nothing is lost.
func (w *Writer) retryLost(t time.Time, mono time.Duration) error {
	if w.lost == nil {
		return nil
	}
	if mono < w.retry {
		return w.lost.err
	}
	w.retry = mono + retryEvery
	return w.recover(t, mono)
}

// recover writes what was kept and begins a member with a gap in place of what
// was not, and with the state that it led to.
func (w *Writer) recover(t time.Time, mono time.Duration) error {
	e := w.enc
	mono = max(mono, e.lastMono)
	if len(e.lines) > 0 {
		if err := w.appendMember(); err != nil {
			w.lost.err = fmt.Errorf("%w: nothing is recorded until there is room", err)
			return w.lost.err
		}
	} else {
		// Nothing of the member is left: its number is the next one's.
		e.member.number--
	}
	gap := &fact.Observation{Time: t, Mono: mono, Op: fact.Put, Fact: &fact.Gap{
		Reason: fact.GapRecorder, Source: "recorder", From: w.lost.from, To: mono, Count: w.lost.n,
		Text: fact.Untrusted(fmt.Sprintf("the disk was full: %d observations are not recorded", w.lost.n)),
	}}
	lost := w.lost
	w.lost = nil
	e.resume(t, mono, gap)
	if err := w.Flush(); err != nil {
		// Not even room for that.
		_ = w.journal.Truncate(0)
		e.lines, w.written = e.lines[:0], 0
		lost.err = err
		w.lost = lost
		return err
	}
	return nil
}
