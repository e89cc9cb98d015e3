package replay

import (
	"fmt"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// about is how exact a moment of the past is.
const about = 100 * time.Millisecond

// outcome says what became of a target's last probe, and which that is.
func outcome(t *state.TargetState) string {
	if t == nil || t.Last == nil {
		return "nothing"
	}
	said := fmt.Sprintf("%s, sent at %v", t.Last.Outcome, t.Last.Sent.Truncate(time.Microsecond))
	if t.Last.Outcome.Lost() {
		said += ", " + t.Last.Detail.Display()
	}
	return said
}

// TestMomentsSayWhatTargetsDid: at each second the timeline of the whole says of each
// target what was known of it then: not before, and with why it failed.
func TestMomentsSayWhatTargetsDid(t *testing.T) {
	for _, name := range []string{"../../docs/sample.flap.gz", "../../docs/sample-wifi.flap.gz"} {
		r, err := session.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		from, to := r.Bounds()
		set := r.Header().Settings
		tl := timeline.NewTimeline(Limits(set, to-from))
		d := fold.NewDriver(set, tl)
		known := map[time.Duration]map[string]string{}
		next := from + time.Second
		for o, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			for ; o.Mono > next; next += time.Second {
				d.Advance(next)
				known[next] = map[string]string{}
				for id, s := range d.Snapshot().Targets {
					known[next][id] = outcome(s)
				}
			}
			d.Advance(o.Mono)
			d.Observe(o)
		}
		tl.Snapshot(d.Snapshot())
		v, compared := tl.View(), 0
		for at, targets := range known {
			then, before := v.At(at).Snapshot, v.At(at-about).Snapshot
			if then == nil || before == nil {
				continue // in a gap
			}
			for id, want := range targets {
				compared++
				if got := outcome(then.Targets[id]); got != want && outcome(before.Targets[id]) != want {
					t.Errorf("%s at %v: %s: %s, want %s", name, at, id, got, want)
				}
			}
		}
		if compared < 1000 {
			t.Errorf("%s: %d moments were compared", name, compared)
		}
	}
}
