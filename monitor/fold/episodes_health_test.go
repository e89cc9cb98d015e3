package fold

import (
	"math/rand/v2"
	"testing"
	"time"

	"flapscope/monitor/path"
)

// TestHealthIsUpToDate compares the health that the fold has after each
// observation, many of which it does not evaluate, with an evaluation.
func TestHealthIsUpToDate(t *testing.T) {
	seen := map[path.HealthState]int{}
	for seed := range uint64(30) {
		near, far := pairOf(rand.New(rand.NewPCG(seed, 5)))
		obs := newWorld(seed, near, far).observations(4 * time.Minute)
		foldWorld(obs, func(f *Fold, at time.Duration) {
			if f.eval == nil {
				return
			}
			want, _ := path.EvaluateHealth(f.state, f.eval.Path, f.state.Mono)
			got := f.health.known
			// The text counts up while nothing is observed.
			if got.Text = want.Text; got != want {
				t.Fatalf("seed %d: at %v the health is %+v, not %+v", seed, at, got, want)
			}
			seen[want.State]++
		})
	}
	if len(seen) < 3 {
		t.Errorf("only saw %v", seen)
	}
}
