package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
)

// maxOutcomes bounds the changes of what is said of a target's probes.
const maxOutcomes = 512

// maxDetail bounds the bytes of a detail that is kept.
const maxDetail = 256

// An outcome is what the columns have no room for: how the samples of a target
// are to be read from one on. A lost one timed out or was refused, and an
// answered one may be the page of a captive portal.
type outcome struct {
	// first is the number of that sample since the series began.
	first  int
	lost   fact.Outcome
	detail fact.Untrusted
	portal bool
}

// readPlainly is how samples are read of which nothing else is known.
var readPlainly = outcome{lost: fact.OutcomeTimeout}

// number returns that of sample k of block i since the series began.
func (s *series) number(i, k int) int { return (s.trimmed+i)*blockLen + k }

// noteOutcome keeps how a sample is to be read, if it is another way than the one
// before. Readers have the list as it was.
func (s *series) noteOutcome(r *fact.ProbeResult, number int) {
	was := readPlainly
	if n := len(s.outcomes); n > 0 {
		was = s.outcomes[n-1]
	}
	o := was
	switch {
	case r.Outcome.Lost():
		o.lost, o.detail = r.Outcome, r.Detail
		if len(o.detail) > maxDetail {
			o.detail = ""
		}
	case r.Outcome == fact.OutcomePortal || r.Outcome == fact.OutcomeOK:
		o.portal = r.Outcome == fact.OutcomePortal
	}
	if o == was {
		return
	}
	if len(s.outcomes) >= 2*maxOutcomes {
		s.outcomes = slices.Clone(s.outcomes[len(s.outcomes)-maxOutcomes:])
	}
	o.first = number
	s.outcomes = append(s.outcomes, o)
}

// outcomeOf returns how a sample is to be read.
func (s *series) outcomeOf(number int) outcome {
	i := sort.Search(len(s.outcomes), func(i int) bool { return s.outcomes[i].first > number })
	if i == 0 {
		return readPlainly
	}
	return s.outcomes[i-1]
}

// lagOf is how much later than it came the answer was known to a probe that was
// sent at an instant, which the columns have in microseconds.
func (s *series) lagOf(sent time.Duration) time.Duration {
	i := sort.Search(len(s.oddities), func(i int) bool { return s.oddities[i].sent > sent-disorder })
	for _, o := range s.oddities[i:] {
		if (o.sent-sent).Abs() < time.Microsecond && o.lag > 0 {
			return o.lag
		}
		if o.sent > sent+disorder {
			break
		}
	}
	return 0
}

// result restores a sample, and when its outcome was known.
func (s *series) result(i, k int) (r *fact.ProbeResult, known time.Duration) {
	b, said := s.block(i), s.outcomeOf(s.number(i, k))
	r = &fact.ProbeResult{Target: s.target.ID, Sent: b.at(b.sent[k])}
	switch v := b.rtt[k]; {
	case v < rttLost:
		r.Outcome, r.RTT = fact.OutcomeOK, micros(v)
		if said.portal {
			r.Outcome = fact.OutcomePortal
		}
		return r, r.Sent + r.RTT + s.lagOf(r.Sent)
	case v >= rttNoData:
		r.Outcome = fact.OutcomeNoData
		return r, r.Sent + micros(v-rttNoData)
	default:
		r.Outcome, r.Detail = said.lost, said.detail
		return r, r.Sent + micros(v-rttLost)
	}
}

// portals counts the answers of a series within the clip that were the page of a
// captive portal.
func (k *bucketing) portals(s *series) {
	past := s.number(s.blocks(), 0)
	for _, o := range slices.Backward(s.outcomes) {
		if o.portal {
			k.portal(s, max(o.first, s.number(0, 0)), past)
		}
		past = o.first
	}
}

// portal counts the answers among the samples from number first to past.
func (k *bucketing) portal(s *series, first, past int) {
	for number := first; number < past; number++ {
		b, i := s.block(number/blockLen-s.trimmed), number%blockLen
		if i >= int(b.n) || b.to() < k.clip.From || b.from() >= k.clip.To {
			number += blockLen - 1 - i // on to the next block
			continue
		}
		if at := b.at(b.sent[i]); b.rtt[i] < rttLost && at >= k.clip.From && at < k.clip.To {
			k.out[k.of(at)].Portal++
		}
	}
}
