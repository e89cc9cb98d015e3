package state

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// The rules by which one target is judged. Silence is measured in time, and in
// losses only so that one lost packet never is an outage.
const (
	// DownLosses and DownAfter: nothing answered for 3 s and at least two
	// probes lost. A Wi-Fi roam takes up to about 2 s, and so does an ARP
	// entry that is resolved anew (three requests at 1 s); people notice from
	// some 3 s on.
	DownLosses = 2
	DownAfter  = 3 * time.Second
	// baselineShare is how slowly the baseline rises: by a 256th of the excess
	// per answer, thus some four minutes at one answer a second. While the
	// target is slow it is a 4096th, or the slowness would soon be usual.
	baselineShare     = 256
	baselineShareSlow = 4096
	// maxRecent bounds the samples of a target that is probed very often.
	maxRecent = 64
	// staleLeast is how long the last result of a target speaks for it at
	// least.
	staleLeast = 10 * time.Second
)

// A TargetState is what is known of one target now. It is immutable: a result
// makes a new one.
type TargetState struct {
	*fact.Target
	// Last is the last result, or nil.
	Last *fact.ProbeResult
	// LastAt is when Last was known.
	LastAt time.Duration
	// Answered is when the last answer came, or 0, and Asked when the newest
	// probe that was answered was sent.
	Answered time.Duration
	Asked    time.Duration
	// Replied is whether it answered before it was gone for a while.
	Replied bool
	// Captive is the portal that gave the last answer, or nil.
	Captive *Trouble
	// Heard is when the last outcome other than no_data was known, or 0.
	Heard time.Duration
	// Lost counts the probes sent since the last answered one and lost, and
	// LostSince is when the first of them was sent.
	Lost      int
	LostSince time.Duration
	// Refusal is the newest of those of which a gateway or a router said that it
	// can't be delivered, or nil. Routers say so of one packet in a second only.
	Refusal *fact.ProbeResult
	// Said is the newest of those that ended in another way than in silence, or nil:
	// kernels refuse once a second (icmp_ratelimit).
	Said *fact.ProbeResult
	// Bad is when the newest probe was sent that was lost or slow, and Well
	// when the first one was sent that ended the newest trouble, or was answered where
	// it had waited for that. Before is when
	// the last probe was sent that was answered before that trouble, if it was
	// silence.
	Bad    time.Duration
	Well   time.Duration
	Before time.Duration
	// Recent are the outcomes of the last half minute but no_data, in the order
	// in which the probes were sent. It begins anew where trouble ends: nothing
	// sent before a recovery counts against what comes after it.
	Recent []Sample
	// Baseline is the target's usual round trip: it falls at once and rises
	// slowly.
	Baseline time.Duration
	// resumed is when the answer came that ended the newest silence.
	resumed time.Duration
	// Lossy and Slow are trouble in spite of which answers come, or nil.
	Lossy *Trouble
	Slow  *Trouble
	// buffer is what Recent is a part of.
	buffer *sampleBuffer
	// endure is how many losses in a row are no silence yet, or 0 for the
	// usual number.
	endure int
}

// A Trouble is loss, slowness or a portal that goes on. It is immutable: the states
// of a target share it.
type Trouble struct {
	// Since is when the first probe was sent that met with it, and Before when
	// the last one before it was sent, or 0.
	Since  time.Duration
	Before time.Duration
}

// A Sample is one outcome of the recent past.
type Sample struct {
	// Sent is when the probe was sent, At when the outcome was known.
	Sent time.Duration
	At   time.Duration
	// RTT is the round trip, or 0 when lost.
	RTT  time.Duration
	Lost bool
}

// after returns the state after result r, known at the instant at.
func (t *TargetState) after(at time.Duration, r *fact.ProbeResult) *TargetState {
	next := *t
	next.Last, next.LastAt = r, at
	if r.Outcome == fact.OutcomeNoData {
		if t.Lost < t.Enough() {
			// Whatever was lost before may have been the same trouble.
			next.forgive()
		}
		return &next
	}
	if t.Heard != 0 && r.Sent-t.Heard > t.StaleAfter() {
		// Nothing was probed in between: no trouble reaches across that.
		next.forgive()
		next.Recent = nil
		next.Lossy, next.Slow = nil, nil
	}
	next.Heard = at
	if r.Outcome == fact.OutcomeLate {
		if t.Last != nil && t.Last.Sent > r.Sent && !t.Last.Outcome.Lost() {
			next.Last, next.LastAt = t.Last, t.LastAt
		}
		next.late(at, r)
		return &next
	}
	answered := next.Target.Answered(r.Outcome)
	if answered {
		next.answered(at, r)
	} else {
		next.lost(r)
	}
	sent := r.Sent
	if answered {
		sent = sentAnswered(r)
	}
	if sent < next.Well {
		// It went down with the trouble that is over.
		return &next
	}
	sample := Sample{Sent: sent, At: at, Lost: !answered}
	if answered {
		sample.RTT = r.RTT
	}
	next.remember(sample)
	next.judge()
	return &next
}

// retransmission is how long TCP waits at least before it sends a SYN again
// (RFC 6298, TCP_TIMEOUT_INIT).
const retransmission = time.Second

// sentAnswered returns when the packet was sent that was answered: of a connection
// that may be the second SYN, which says nothing of the time of the first.
func sentAnswered(r *fact.ProbeResult) time.Duration {
	if waited := r.Phases.Connect - r.RTT; r.RTT > 0 && waited >= retransmission-retransmission/8 {
		return r.Sent + waited
	}
	return r.Sent
}

// answered takes an answer in. It ends the silence of the probes that were sent
// before it, and says nothing of those sent after.
func (t *TargetState) answered(at time.Duration, r *fact.ProbeResult) {
	sent := sentAnswered(r)
	if sent >= t.LostSince {
		if t.Lost >= t.Enough() && at-t.LostSince >= DownAfter {
			t.Before = t.Asked
			t.recover(t.shown(sent, r.RTT))
			t.resumed = at
		}
		t.forgive()
	}
	t.portal(r)
	t.Answered, t.Asked = at, max(t.Asked, sent)
	switch {
	case t.Baseline == 0 || r.RTT < t.Baseline:
		t.Baseline = r.RTT
	case t.Slow != nil:
		t.Baseline += (r.RTT - t.Baseline) / baselineShareSlow
	default:
		t.Baseline += (r.RTT - t.Baseline) / baselineShare
	}
}

// shown returns from when on an answer shows that a silence is over: from the sending of
// its probe on, but where that took far longer than usual, only from when it came. Then
// the packet may have waited for the gateway's address, which the kernel asks for once
// a second (arp(7), retrans_time_ms), or in a queue.
func (t *TargetState) shown(sent, rtt time.Duration) time.Duration {
	if rtt < t.slowBound() {
		return sent
	}
	return sent + rtt
}

// late takes in that a probe which was lost was answered after all: it shows that
// the target is there, and slow.
func (t *TargetState) late(at time.Duration, r *fact.ProbeResult) {
	if r.Sent < t.Well {
		return // It went down with the trouble that is over.
	}
	t.answered(at, r)
	for i := range t.Recent {
		if s := &t.Recent[i]; s.Sent == r.Sent && s.Lost {
			// A copy: other states have the one in which it was lost.
			t.Recent = slices.Clone(t.Recent)
			t.Recent[i].Lost, t.Recent[i].RTT = false, r.RTT
			t.buffer = &sampleBuffer{samples: t.Recent}
			t.judge()
			return
		}
	}
}

// portal takes in who gave the answer.
func (t *TargetState) portal(r *fact.ProbeResult) {
	switch {
	case r.Outcome == fact.OutcomePortal:
		t.Bad = max(t.Bad, r.Sent)
		if t.Captive == nil {
			t.Captive = &Trouble{Since: r.Sent, Before: t.Asked}
		}
	case t.Captive != nil:
		t.Well, t.Captive = r.Sent, nil
	}
}

// lost takes a loss in. A probe that was sent before the newest answered one
// says nothing about the time since, nor does one from before a recovery.
func (t *TargetState) lost(r *fact.ProbeResult) {
	t.Bad = max(t.Bad, r.Sent)
	if r.Sent <= t.Asked || r.Sent < t.Well {
		return
	}
	if t.Lost == 0 || r.Sent < t.LostSince {
		t.LostSince = r.Sent
	}
	if r.Outcome != fact.OutcomeTimeout {
		t.Said = r
	}
	if t.Lost++; r.By == fact.RefuserGateway || r.By == fact.RefuserRouter {
		t.Refusal = r
	}
}

// forgive forgets the losses since the newest answer.
func (t *TargetState) forgive() { t.Lost, t.LostSince, t.Refusal, t.Said = 0, 0, nil, nil }

// recover ends a silence with the probe sent at the instant sent. No sample from
// before speaks any more.
func (t *TargetState) recover(sent time.Duration) {
	i := len(t.Recent)
	for i > 0 && t.Recent[i-1].Sent >= sent {
		i--
	}
	t.Well, t.Recent = sent, t.Recent[i:]
	t.Lossy, t.Slow, t.endure = nil, nil, 0
}

// renewed returns the state for a way that is there from the instant at on; a
// way that moved has round trips of its own.
func (t *TargetState) renewed(at time.Duration, moved bool) *TargetState {
	next := *t
	next.forgive()
	next.recover(at)
	if moved {
		next.Baseline = 0
	}
	return &next
}

// A way is what a family's packets go out by.
type way struct {
	index   int
	gateway netip.Addr
}

// Renew lets the targets of a family begin anew whose packets go out by index
// and gateway from the instant at on, if those are others than before or if
// there was none (again): what was lost on the old way says nothing about the
// new one, and neither does the time that its answers took.
func (s *State) Renew(family fact.Family, index int, gateway netip.Addr, again bool, at time.Duration) {
	i := slices.Index(fact.Families[:], family)
	last := s.ways[i]
	s.ways[i] = way{index, gateway}
	moved := last != way{} && last != s.ways[i]
	if !again && !moved {
		return
	}
	for _, t := range slices.Clone(s.targets) {
		if t.Family == family && t.Heard != 0 {
			s.putTarget(t.renewed(at, moved))
		}
	}
}

// AllTargets returns the targets by ID; the slice must not be changed.
func (s *State) AllTargets() []*TargetState { return s.targets }

// LostFrom returns how many probes were lost of those sent from an instant on
// and since the newest answered one, and when the first of them was sent.
func (t *TargetState) LostFrom(from time.Duration) (n int, first time.Duration) {
	for i := len(t.Recent) - 1; i >= 0; i-- {
		if s := &t.Recent[i]; s.Lost && s.Sent >= from && s.Sent > t.Asked {
			n, first = n+1, s.Sent
		}
	}
	return n, first
}

// FirstGood returns when the first probe was sent that was answered as it should
// after the newest one that was not.
func (t *TargetState) FirstGood() time.Duration {
	for i := range t.Recent {
		if s := &t.Recent[i]; !s.Lost && s.Sent > t.Bad {
			return s.Sent
		}
	}
	return t.Asked
}

// Enough is how many probes lost in a row are silence.
func (t *TargetState) Enough() int { return max(DownLosses, t.endure) }

// A sampleBuffer is room for samples, written once and from the front: the
// states of a target share it, each with a window of its own. Only the state
// whose window ends where the buffer does may append to it.
type sampleBuffer struct{ samples []Sample }

// remember puts a sample into Recent, in the order of sending, and drops what
// is too old. What other states see does not change.
func (t *TargetState) remember(s Sample) {
	old := t.Recent
	for len(old) > 0 && (len(old) >= maxRecent || s.At-old[0].At >= LossWindow) {
		old = old[1:]
	}
	b := t.buffer
	i := len(old)
	for i > 0 && old[i-1].Sent > s.Sent {
		i--
	}
	if i < len(old) || b == nil || len(b.samples) == cap(b.samples) || !endsWith(b.samples, old) {
		b = &sampleBuffer{samples: make([]Sample, 0, 2*len(old)+16)}
		b.samples = append(b.samples, old[:i]...)
	}
	b.samples = append(append(b.samples, s), old[i:]...)
	n := len(b.samples)
	t.buffer, t.Recent = b, b.samples[n-1-len(old):n:n]
}

// endsWith reports whether window is the end of samples: the same memory.
func endsWith(samples, window []Sample) bool {
	n, m := len(samples), len(window)
	return n > 0 && m > 0 && &samples[n-1] == &window[m-1]
}

// StaleAfter is how long the last outcome speaks for the target.
func (t *TargetState) StaleAfter() time.Duration {
	return max(staleLeast, 3*t.Interval+5*time.Second)
}

// Verdict judges the target alone at the instant now, and returns the instant
// at which silence alone would change the verdict, or 0.
func (t *TargetState) Verdict(now time.Duration) (v Verdict, next time.Duration) {
	stale := t.Heard + t.StaleAfter()
	if t.Heard == 0 || now >= stale {
		return VerdictUnknown, 0
	}
	if t.Lost >= t.Enough() {
		if down := t.LostSince + DownAfter; now < down {
			stale = min(stale, down)
		} else {
			return VerdictDown, stale
		}
	}
	switch {
	case t.Answered == 0:
		return VerdictUnknown, stale
	case t.Lossy != nil, t.Slow != nil:
		return VerdictDegraded, stale
	}
	return VerdictOK, stale
}

// Outcome is the outcome by which a target that fails is known: what was said of a
// probe that was lost, that of its newest result, or silence.
func (t *TargetState) Outcome() fact.Outcome {
	if t.Said != nil {
		return t.Said.Outcome
	}
	if t.Last == nil || t.Last.Outcome == fact.OutcomeNoData {
		return fact.OutcomeTimeout
	}
	return cmp.Or(t.Last.Outcome, fact.OutcomeTimeout)
}

// AnsweredSince returns when the first probe was sent, from an instant on, that
// was answered, or 0.
func (t *TargetState) AnsweredSince(from time.Duration) time.Duration {
	for i := range t.Recent {
		if s := &t.Recent[i]; !s.Lost && s.Sent >= from {
			return s.Sent
		}
	}
	return 0
}

// Sound reports whether nothing is wrong with the target at the instant now: it
// answers, lost nothing since, and answers for itself.
func (t *TargetState) Sound(now time.Duration) bool {
	v, _ := t.Verdict(now)
	return v == VerdictOK && t.Lost == 0 && t.Captive == nil
}
