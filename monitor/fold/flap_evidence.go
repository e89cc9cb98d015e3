package fold

import (
	"fmt"
	"strings"
	"time"

	"flapscope/internal/text"
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

// Text says the evidence in one line: "10 losses in 1 min 32 s, up 7.9 s to
// 8.1 s (mean 8.0 s), down 2.0 s to 2.2 s (mean 2.1 s)".
func (e FlapEvidence) Text() string {
	var b strings.Builder
	noun := "losses"
	if e.Count == 1 {
		noun = "loss"
	}
	fmt.Fprintf(&b, "%d %s", e.Count, noun)
	if e.Window > 0 {
		b.WriteString(" in " + text.Duration(e.Window))
	}
	if e.Ups > 0 {
		fmt.Fprintf(&b, ", up %s to %s (mean %s)", text.Duration(e.ShortestUp), text.Duration(e.LongestUp), text.Duration(e.MeanUp))
	}
	if e.Downs > 0 {
		fmt.Fprintf(&b, ", down %s to %s (mean %s)", text.Duration(e.ShortestDown), text.Duration(e.LongestDown), text.Duration(e.MeanDown))
	}
	return b.String()
}
