package monitor

import (
	"fmt"
	"strings"
	"time"
)

// FlapEvidence is what shows that a scope flaps: the raw losses since its
// penalty last was below Clear, and how long it stayed up and down between
// them. Stretches that began before the first loss, that are not over, or that
// hold a gap are not counted.
type FlapEvidence struct {
	// Count is the number of raw losses, and Window the time from the first to
	// the newest transition.
	Count  int           `json:"count"`
	Window time.Duration `json:"window_ns"`
	// Since is the first loss, on the CLOCK_BOOTTIME axis.
	Since time.Duration `json:"since_mono_ns"`
	// Ups and Downs are the numbers of stretches behind the durations, which
	// are 0 where there are none.
	Ups          int           `json:"ups"`
	ShortestUp   time.Duration `json:"shortest_up_ns"`
	LongestUp    time.Duration `json:"longest_up_ns"`
	MeanUp       time.Duration `json:"mean_up_ns"`
	Downs        int           `json:"downs"`
	ShortestDown time.Duration `json:"shortest_down_ns"`
	LongestDown  time.Duration `json:"longest_down_ns"`
	MeanDown     time.Duration `json:"mean_down_ns"`
	// Penalty is the decayed penalty at the time asked for.
	Penalty float64 `json:"penalty"`
}

// Evidence returns the evidence of the present run of losses, or of the last
// one when that is over, with the penalty at the time given.
func (f *Flap) Evidence(at time.Duration) FlapEvidence {
	r := &f.run
	return FlapEvidence{
		Count: r.losses, Window: r.last - r.since, Since: r.since,
		Ups: r.up.n, ShortestUp: r.up.shortest, LongestUp: r.up.longest, MeanUp: r.up.mean(),
		Downs: r.down.n, ShortestDown: r.down.shortest, LongestDown: r.down.longest, MeanDown: r.down.mean(),
		Penalty: round(f.Penalty(at)),
	}
}

// Text says the evidence in one line: "10 losses in 1m32s, up 7.9s to 8.1s
// (mean 8s), down 2s to 2.2s (mean 2.1s)".
func (e FlapEvidence) Text() string {
	var b strings.Builder
	noun := "losses"
	if e.Count == 1 {
		noun = "loss"
	}
	fmt.Fprintf(&b, "%d %s in %v", e.Count, noun, brief(e.Window))
	if e.Ups > 0 {
		fmt.Fprintf(&b, ", up %v to %v (mean %v)", brief(e.ShortestUp), brief(e.LongestUp), brief(e.MeanUp))
	}
	if e.Downs > 0 {
		fmt.Fprintf(&b, ", down %v to %v (mean %v)", brief(e.ShortestDown), brief(e.LongestDown), brief(e.MeanDown))
	}
	return b.String()
}

// brief rounds a duration to what a reader can use: three digits or so.
func brief(d time.Duration) time.Duration {
	switch {
	case d >= 100*time.Second:
		return d.Round(time.Second)
	case d >= time.Second:
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}
