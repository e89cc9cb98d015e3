package state

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// The rules by which loss and slowness are told from chance.
const (
	// LossWindow and lossPercent: a tenth of the time of the last 30 s.
	// Interactive voice and video suffer from a few per cent; less than three
	// packets in 30 s is within what Wi-Fi loses when it is well. lossBursts:
	// one burst of losses is a short silence, whatever its share.
	LossWindow  = 30 * time.Second
	lossPercent = 10
	lossBursts  = 2
	// lossChance is how improbable, one in so many, a run of answers or of losses
	// must be under the loss that was measured to end it, or to be silence. Some
	// ten runs of each of ten targets are looked at in a minute.
	lossChance = 1000
	// lossOver is how long a run of answers must be at least to end loss: the
	// share of few packets says little.
	lossOver = 10 * time.Second
	// slowWindow, slowFactor and slowLeast: most answers of the last 10 s, or
	// three where the target is asked less often than that, took three times
	// the baseline and 100 ms more. The factor alone would call 1 ms slow on a
	// LAN of 0.3 ms; 100 ms is what people hear in a call.
	slowWindow  = 10 * time.Second
	slowFactor  = 3
	slowLeast   = 100 * time.Millisecond
	slowSamples = 3
	// slowOver: two answers in a row, and 3 s of them, were fast.
	slowOver = 3 * time.Second
)

// judge decides from the samples whether loss or slowness begins, goes on or
// ends. Each is dated by the sending of the probe that shows it, and takes more
// to end than one answer, so that it does not flicker.
func (t *TargetState) judge() {
	t.judgeLoss()
	t.judgeSlow()
}

func (t *TargetState) judgeLoss() {
	first := t.firstLost()
	if first < 0 {
		if t.Lossy != nil {
			t.endLoss(t.Recent)
		}
		return
	}
	if t.Lossy == nil && !t.losesNow() {
		return
	}
	if t.Lossy == nil {
		t.Lossy = t.troubleFrom(first)
	}
	last := t.lastLost()
	share := lossShare(t.Recent[first:last+1], t.Interval)
	if run := t.Recent[last+1:]; len(run) >= runLength(1-share) && run[len(run)-1].Sent-run[0].Sent >= lossOver {
		t.endLoss(run)
		return
	}
	t.endure = runLength(share)
}

// endLoss ends the loss with the answers of a run: what was lost before it
// counts no more.
func (t *TargetState) endLoss(run []Sample) {
	t.Well, t.Recent = run[0].Sent, run
	t.Lossy, t.endure = nil, 0
}

// troubleFrom is a trouble that begins with the sample of an index.
func (t *TargetState) troubleFrom(i int) *Trouble {
	out := &Trouble{Since: t.Recent[i].Sent}
	if i > 0 {
		out.Before = t.Recent[i-1].Sent
	}
	return out
}

// losesNow reports whether enough of the recent probes were lost, and not all
// in one run.
func (t *TargetState) losesNow() bool {
	bursts, before := 0, false
	for i := range t.Recent {
		if lost := t.Recent[i].Lost; lost && !before {
			bursts++
			before = true
		} else {
			before = lost
		}
	}
	return bursts >= lossBursts && lossShare(t.Recent, t.Interval)*100 >= lossPercent
}

// firstLost returns the index of the oldest lost sample, or -1.
func (t *TargetState) firstLost() int {
	for i := range t.Recent {
		if t.Recent[i].Lost {
			return i
		}
	}
	return -1
}

// lastLost returns the index of the newest lost sample, or -1.
func (t *TargetState) lastLost() int {
	for i, s := range slices.Backward(t.Recent) {
		if s.Lost {
			return i
		}
	}
	return -1
}

// LossSpan returns when the first and the last of the packets were sent that were
// lost in the last half minute.
func (t *TargetState) LossSpan() (from, to time.Duration) {
	if first := t.firstLost(); first >= 0 {
		return t.Recent[first].Sent, t.Recent[t.lastLost()].Sent
	}
	return t.Heard, t.Heard
}

// LossShare returns the share of time that was lost, of that from the first loss
// of the last half minute on.
func (t *TargetState) LossShare() float64 {
	first := t.firstLost()
	if first < 0 {
		return 0
	}
	return lossShare(t.Recent[first:], t.Interval)
}

// lossShare returns the share of time that was lost. Each sample stands for the
// time since the one before it: a target is asked more often after a loss, and
// counted by probes each loss would weigh more than an answer.
func lossShare(samples []Sample, interval time.Duration) float64 {
	var lost, all time.Duration
	for i := range samples {
		weight := interval
		if i > 0 {
			weight = min(interval, samples[i].Sent-samples[i-1].Sent)
		}
		all += weight
		if samples[i].Lost {
			lost += weight
		}
	}
	if all == 0 {
		return 0
	}
	return float64(lost) / float64(all)
}

// runLength returns how many times in a row something of probability p must
// happen to be more than chance.
func runLength(p float64) int {
	n := 1
	for chance := p; chance*lossChance > 1 && n < maxRecent; chance *= p {
		n++
	}
	return n
}

func (t *TargetState) judgeSlow() {
	if t.Slow == nil {
		if !t.slowNow() {
			return
		}
		// It began after the last answers that were fast for long enough.
		end := len(t.Recent)
		for end > 0 && !t.calm(t.fastRun(end)) {
			end--
		}
		first := end + slices.IndexFunc(t.Recent[end:], t.slowSample)
		t.Slow = t.troubleFrom(first)
	} else if run := t.fastRun(len(t.Recent)); t.calm(run) {
		t.Well, t.Slow, t.Recent = run[0].Sent, nil, run
		return
	}
	t.markSlow()
}

// markSlow notes the newest slow probe.
func (t *TargetState) markSlow() {
	if n := len(t.Recent); n > 0 && t.slowSample(t.Recent[n-1]) {
		t.Bad = max(t.Bad, t.Recent[n-1].Sent)
	}
}

// fastRun returns the samples before the index end that follow the last slow
// one. Losses are none of them, and do not end the run.
func (t *TargetState) fastRun(end int) []Sample {
	i := end
	for i > 0 && !t.slowSample(t.Recent[i-1]) {
		i--
	}
	return t.Recent[i:end]
}

// calm reports whether a run of samples shows that nothing is slow.
func (t *TargetState) calm(run []Sample) bool {
	answers := 0
	for i := range run {
		if !run[i].Lost {
			answers++
		}
	}
	return answers >= 2 && run[len(run)-1].Sent-run[0].Sent >= slowOver
}

func (t *TargetState) slowSample(s Sample) bool {
	return !s.Lost && !t.waited(&s) && s.RTT >= t.slowBound()
}

// waited reports whether a probe was sent while the target was silent: its packet
// may have waited for the end of that, for the gateway's hardware address for
// example, and says nothing of how fast the target is.
func (t *TargetState) waited(s *Sample) bool { return s.Sent < t.resumed }

// slowBound is the round trip from which on an answer is slow. A name server must
// ask others for a name that it does not have any more: that is twice as much.
func (t *TargetState) slowBound() time.Duration {
	least := slowLeast
	if t.Role == fact.RoleResolver {
		least *= 2
	}
	return max(slowFactor*t.Baseline, t.Baseline+least)
}

// slowSpan is how far back answers speak of slowness.
func (t *TargetState) slowSpan() time.Duration {
	return max(slowWindow, slowSamples*t.Interval+t.Interval/2)
}

// slowNow reports whether the median of the last answers is slow: fewer of them
// than up to the middle one are below the bound.
func (t *TargetState) slowNow() bool {
	bound, span := t.slowBound(), t.slowSpan()
	var n, below int
	for i := range t.Recent {
		if s := &t.Recent[i]; !s.Lost && !t.waited(s) && t.Heard-s.At < span {
			n++
			if s.RTT < bound {
				below++
			}
		}
	}
	return n >= slowSamples && below <= n/2
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

// Median returns the median round trip of the last answers, or 0 when there are
// too few to say.
func (t *TargetState) Median() time.Duration {
	rtts := make([]time.Duration, 0, 16)
	for i := range t.Recent {
		if s := &t.Recent[i]; !s.Lost && !t.waited(s) && t.Heard-s.At < t.slowSpan() {
			rtts = append(rtts, s.RTT)
		}
	}
	if len(rtts) < slowSamples {
		return 0
	}
	slices.Sort(rtts)
	return rtts[len(rtts)/2]
}
