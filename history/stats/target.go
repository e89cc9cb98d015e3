package stats

import (
	"math"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// TargetStatistics sum up the probes of one target. Those of which nothing can be
// said count nowhere.
type TargetStatistics struct {
	Target string         `json:"target"`
	Name   fact.Untrusted `json:"name"`
	Method fact.Method    `json:"method"`
	Role   fact.Role      `json:"role"`
	// Loss is of the probes that came to an end.
	Loss Proportion `json:"loss"`
	// ByTime is the mean of the loss of each minute. Probes are more frequent while
	// something is amiss, so that it weighs more in Loss than in time.
	ByTime float64 `json:"loss_by_time"`
	// Bursts are the runs of losses in a row, of Burst losses each in the mean;
	// Independent is what that would be if each loss were chance alone, 1/(1-p).
	Bursts      int     `json:"bursts"`
	Burst       float64 `json:"burst,omitzero"`
	Independent float64 `json:"burst_independent,omitzero"`
	// The percentiles are of all answers, within 5 % where the recording has only
	// sums; P99 is absent below 300 answers.
	P50 time.Duration `json:"p50_ns,omitzero"`
	P95 time.Duration `json:"p95_ns,omitzero"`
	P99 time.Duration `json:"p99_ns,omitzero"`
	// Late counts the answers that came after the time-out, which are no loss, and
	// Duplicates those that came once more, as far as single probes are known.
	Late       int `json:"late,omitzero"`
	Duplicates int `json:"duplicates,omitzero"`
	// Jitter is the mean difference of the round trips of consecutive answers.
	Jitter time.Duration `json:"jitter_ns,omitzero"`
}

// A Proportion is so many of a number of cases.
type Proportion struct {
	K int `json:"k"`
	N int `json:"n"`
	// Share is K by N, 0 to 1, and Low and High bound it with 95 % confidence, if
	// the cases are independent of each other (Wilson 1927).
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// NewProportion returns the proportion of k of n cases; that of none says nothing.
func NewProportion(k, n int) Proportion {
	if n <= 0 {
		return Proportion{High: 1}
	}
	const z = 1.959964 // the quantile of the normal distribution at (1+confidence)/2
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Proportion{K: k, N: n, Share: p, Low: max(0, middle-half), High: min(1, middle+half)}
}

// Text says the proportion without more digits than there are cases: "1 of 60",
// and of 100 cases on "1.7 %".
func (p Proportion) Text() string { return text.Share(p.K, p.N) }

// SummarizeTargets returns the statistics of the targets that were probed in a
// span, in the order of the timeline.
func SummarizeTargets(v *timeline.View, span timeline.Span) []TargetStatistics {
	out := []TargetStatistics{}
	for _, t := range v.Targets(span) {
		s := v.Stats(t.ID, span)
		n := int(s.Answered + s.Lost)
		if n == 0 {
			continue
		}
		row := TargetStatistics{
			Target: t.ID, Name: t.Name, Method: t.Method, Role: t.Role,
			Loss: NewProportion(int(s.Lost), n), ByTime: lossByTime(v, t.ID, span),
			Bursts: int(s.Bursts), P50: s.P50, P95: s.P95, P99: s.P99, Jitter: s.Jitter,
			Late: int(s.Late), Duplicates: int(s.Duplicates),
		}
		if s.Bursts > 0 {
			row.Burst = float64(s.Lost) / float64(s.Bursts)
		}
		if s.Lost > 0 && s.Answered > 0 {
			row.Independent = 1 / (1 - row.Loss.Share)
		}
		out = append(out, row)
	}
	return out
}

// lossByTime returns the mean of the losses of each minute in which there were
// probes.
func lossByTime(v *timeline.View, id string, span timeline.Span) float64 {
	n := int((span.To - span.From + time.Minute - 1) / time.Minute)
	sum, minutes := 0.0, 0
	for _, b := range v.Latency(id, timeline.Span{From: span.From, To: span.From + time.Duration(n)*time.Minute}, n) {
		if all := b.Answered + b.Lost; all > 0 {
			sum += float64(b.Lost) / float64(all)
			minutes++
		}
	}
	if minutes == 0 {
		return 0
	}
	return sum / float64(minutes)
}
