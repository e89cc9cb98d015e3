package monitor

import (
	"slices"
	"time"
)

// The rules by which one target is judged. Silence is measured in time, and in
// losses only so that one lost packet never is an outage.
const (
	// downLosses and downAfter: nothing answered for 3 s and at least two
	// probes lost. A Wi-Fi roam takes up to about 2 s, and so does an ARP
	// entry that is resolved anew (three requests at 1 s); people notice from
	// some 3 s on.
	downLosses = 2
	downAfter  = 3 * time.Second
	// lossWindow and lossPercent: three of thirty pings. Interactive voice and
	// video suffer from a few per cent; less than three packets in 30 s is
	// within what Wi-Fi loses when it is well.
	lossWindow  = 30 * time.Second
	lossPercent = 10
	lossLeast   = 2
	// slowWindow, slowFactor and slowLeast: the median of the last 10 s is
	// three times the baseline and 100 ms above it. The factor alone would
	// call 1 ms slow on a LAN of 0.3 ms; 100 ms is what people hear in a call.
	slowWindow  = 10 * time.Second
	slowFactor  = 3
	slowLeast   = 100 * time.Millisecond
	slowSamples = 3
	// baselineShare is how slowly the baseline rises: by a 256th of the excess
	// per answer, thus some four minutes at one answer a second.
	baselineShare = 256
	// maxRecent bounds the samples of a target that is probed very often.
	maxRecent = 64
	// staleLeast is how long the last result of a target speaks for it at
	// least.
	staleLeast = 10 * time.Second
)

// A TargetState is what is known of one target now. It is immutable: a result
// makes a new one.
type TargetState struct {
	*Target
	// Last is the last result, or nil.
	Last *ProbeResult
	// LastAt is when Last was known.
	LastAt time.Duration
	// Answered is when the last answer came, or 0, and Asked when the probe
	// that it answered was sent.
	Answered time.Duration
	Asked    time.Duration
	// Portal is whether the last answer was a captive portal's.
	Portal bool
	// Heard is when the last outcome other than no_data was known, or 0.
	Heard time.Duration
	// Lost counts the probes sent since the last answer and lost, and
	// LostSince is when the first of them was sent.
	Lost      int
	LostSince time.Duration
	// Recent are the outcomes of the last half minute but no_data, oldest
	// first. It begins anew after silence, so that an outage that is over does
	// not go on as loss.
	Recent []Sample
	// Baseline is the target's usual round trip: it falls at once and rises
	// slowly.
	Baseline time.Duration
	// buffer is what Recent is a part of.
	buffer *sampleBuffer
	// poor is whether Recent tells of loss or of slowness worth telling, which
	// time alone does not change.
	poor bool
}

// A Sample is one outcome of the recent past.
type Sample struct {
	// At is when the outcome was known.
	At time.Duration
	// RTT is the round trip, or 0 when lost.
	RTT  time.Duration
	Lost bool
}

// after returns the state after result r, known at the instant at.
func (t *TargetState) after(at time.Duration, r *ProbeResult) *TargetState {
	next := *t
	next.Last, next.LastAt = r, at
	if r.Outcome == OutcomeNoData {
		if t.Lost < downLosses {
			// Whatever was lost before may have been the same trouble.
			next.Lost, next.LostSince = 0, 0
		}
		return &next
	}
	if t.Heard != 0 && r.Sent-t.Heard > t.staleAfter() {
		// Nothing was probed in between: no silence reaches across that.
		next.Lost, next.LostSince, next.Recent = 0, 0, nil
	}
	next.Heard = at
	sample := Sample{At: at, Lost: true}
	if next.Target.Answered(r.Outcome) {
		sample = Sample{At: at, RTT: r.RTT}
		next.answered(at, r)
	} else if r.Sent > t.Answered {
		// A probe that was sent before the newest answer came says nothing
		// about the time since.
		if next.Lost == 0 {
			next.LostSince = r.Sent
		}
		next.Lost++
	}
	next.remember(sample)
	next.poor = next.lossy() || next.slow()
	return &next
}

func (t *TargetState) answered(at time.Duration, r *ProbeResult) {
	if t.Lost >= downLosses && at-t.LostSince >= downAfter {
		t.Recent = nil
	}
	t.Answered, t.Asked, t.Portal = at, r.Sent, r.Outcome == OutcomePortal
	t.Lost, t.LostSince = 0, 0
	if t.Baseline == 0 || r.RTT < t.Baseline {
		t.Baseline = r.RTT
	} else {
		t.Baseline += (r.RTT - t.Baseline) / baselineShare
	}
}

// A sampleBuffer is room for samples, written once and from the front: the
// states of a target share it, each with a window of its own. Only the state
// whose window ends where the buffer does may append to it.
type sampleBuffer struct{ samples []Sample }

// remember appends a sample to Recent and drops what is too old. What other
// states see does not change.
func (t *TargetState) remember(s Sample) {
	old := t.Recent
	for len(old) > 0 && (len(old) >= maxRecent || s.At-old[0].At >= lossWindow) {
		old = old[1:]
	}
	b := t.buffer
	if b == nil || len(b.samples) == cap(b.samples) || !endsWith(b.samples, old) {
		b = &sampleBuffer{samples: make([]Sample, 0, 2*len(old)+16)}
		b.samples = append(b.samples, old...)
	}
	b.samples = append(b.samples, s)
	n := len(b.samples)
	t.buffer, t.Recent = b, b.samples[n-1-len(old):n:n]
}

// endsWith reports whether window is the end of samples: the same memory.
func endsWith(samples, window []Sample) bool {
	n, m := len(samples), len(window)
	return n > 0 && m > 0 && &samples[n-1] == &window[m-1]
}

// staleAfter is how long the last outcome speaks for the target.
func (t *TargetState) staleAfter() time.Duration {
	return max(staleLeast, 3*t.Interval+5*time.Second)
}

// Loss returns the lost and all probes of the last half minute.
func (t *TargetState) Loss() (lost, total int) {
	for _, s := range t.Recent {
		if s.Lost {
			lost++
		}
	}
	return lost, len(t.Recent)
}

// Median returns the median round trip of the last ten seconds, or 0 when
// there are too few answers to say.
func (t *TargetState) Median() time.Duration {
	rtts := make([]time.Duration, 0, 16)
	for _, s := range t.Recent {
		if !s.Lost && t.Heard-s.At < slowWindow {
			rtts = append(rtts, s.RTT)
		}
	}
	if len(rtts) < slowSamples {
		return 0
	}
	slices.Sort(rtts)
	return rtts[len(rtts)/2]
}

// slow reports whether the median is far above the baseline: fewer round trips
// than up to the middle one are below the bound.
func (t *TargetState) slow() bool {
	bound := max(slowFactor*t.Baseline, t.Baseline+slowLeast)
	var n, below int
	for i := len(t.Recent) - 1; i >= 0 && t.Heard-t.Recent[i].At < slowWindow; i-- {
		if s := &t.Recent[i]; !s.Lost {
			n++
			if s.RTT < bound {
				below++
			}
		}
	}
	return n >= slowSamples && below <= n/2
}

// lossy reports whether loss is worth telling.
func (t *TargetState) lossy() bool {
	lost, total := t.Loss()
	return lost >= lossLeast && lost*100 >= lossPercent*total
}

// Verdict judges the target alone at the instant now, and returns the instant
// at which silence alone would change the verdict, or 0.
func (t *TargetState) Verdict(now time.Duration) (v Verdict, next time.Duration) {
	stale := t.Heard + t.staleAfter()
	if t.Heard == 0 || now >= stale {
		return VerdictUnknown, 0
	}
	if t.Lost >= downLosses {
		if down := t.LostSince + downAfter; now < down {
			stale = min(stale, down)
		} else {
			return VerdictDown, stale
		}
	}
	switch {
	case t.Answered == 0:
		return VerdictUnknown, stale
	case t.poor:
		return VerdictDegraded, stale
	}
	return VerdictOK, stale
}
