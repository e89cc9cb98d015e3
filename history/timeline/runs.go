package timeline

import "time"

// A course is what the order of probes says: losses in a row, and how much one
// round trip differs from the next. Courses of stretches add up; what crosses
// their border is not counted.
type course struct {
	// bursts are the runs of consecutive losses.
	bursts uint32
	// pairs are the probes that were answered as the one before them was, and
	// change is how much their round trips differed, in sum, in microseconds.
	pairs  uint32
	change uint64
}

func (c *course) add(d course) {
	c.bursts += d.bursts
	c.pairs += d.pairs
	c.change += d.change
}

// jitter is the mean difference between consecutive round trips. Unlike the
// estimate of RFC 3550 §6.4.1 it is of the whole stretch, and that of several
// stretches follows from theirs.
func (c *course) jitter() time.Duration {
	if c.pairs == 0 {
		return 0
	}
	return time.Duration(c.change) * time.Microsecond / time.Duration(c.pairs)
}

// reorder is how many samples wait for one that was sent before them: a loss is
// known only after its timeout, when the next ones are answered already; of one
// target no more than three are in flight.
const reorder = 8

// runs counts a course of samples that come nearly in the order in which they
// were sent. No run goes on across a stretch in which nothing was sent.
type runs struct {
	course
	// apart is how far apart two probes are for something to have happened in
	// between.
	apart time.Duration
	// waiting is a ring of n probes, of which first is the one sent first.
	waiting  [reorder]sent
	first, n uint
	last     sent
}

// sent is a probe: when it was sent, and its outcome as in a series.
type sent struct {
	at  time.Duration
	rtt uint32
}

// newRuns returns runs of probes that are sent so often.
func newRuns(interval time.Duration) runs {
	return runs{apart: 2*interval + 2*time.Second, last: sent{rtt: rttNoData}}
}

// sample takes the next one.
func (r *runs) sample(at time.Duration, rtt uint32) {
	if r.n == reorder {
		r.next(r.waiting[r.first])
		r.first = (r.first + 1) % reorder
		r.n--
	}
	i := r.n
	for ; i > 0; i-- {
		before := r.waiting[(r.first+i-1)%reorder]
		if before.at <= at {
			break
		}
		r.waiting[(r.first+i)%reorder] = before
	}
	r.waiting[(r.first+i)%reorder] = sent{at, rtt}
	r.n++
}

// next takes the next one in the order in which they were sent.
func (r *runs) next(s sent) {
	follows := s.at-r.last.at < r.apart
	switch {
	case lost(s.rtt):
		if !follows || !lost(r.last.rtt) {
			r.bursts++
		}
	case s.rtt < rttLost && follows && r.last.rtt < rttLost:
		r.pairs++
		r.change += uint64(max(s.rtt, r.last.rtt) - min(s.rtt, r.last.rtt))
	}
	r.last = s
}

// end takes those that waited, and returns the course.
func (r *runs) end() course {
	for i := range r.n {
		r.next(r.waiting[(r.first+i)%reorder])
	}
	r.n, r.last = 0, sent{rtt: rttNoData}
	return r.course
}
