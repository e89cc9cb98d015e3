package session

import (
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
)

// counting is a sequence of n observations, and an error after them if err is
// not nil. ended is reported when it is over.
func counting(n int, err error, ended *bool) iter.Seq2[fact.Observation, error] {
	return func(yield func(fact.Observation, error) bool) {
		defer func() { *ended = true }()
		for i := range n {
			if !yield(fact.Observation{Mono: time.Duration(i)}, nil) {
				return
			}
		}
		if err != nil {
			yield(fact.Observation{}, err)
		}
	}
}

// TestAhead: whatever is read ahead, the sequence is the same, and nothing goes
// on when its consumer has had enough (a bubble does not end before its
// goroutines).
func TestAhead(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{0, 1, firstBatch, aheadBatch - 1, aheadBatch, 10*aheadBatch + 7} {
		for _, end := range []error{nil, broken} {
			for _, take := range []int{0, 1, aheadBatch, aheadBatch + 1, n, n + 1} {
				synctest.Test(t, func(t *testing.T) {
					ended, got, failed := false, 0, error(nil)
					for o, err := range ahead(func() int { return 0 }, counting(n, end, &ended)) {
						if err != nil {
							failed = err
							continue
						}
						if o.Mono != time.Duration(got) {
							t.Fatalf("observation %d is %d", got, o.Mono)
						}
						if got++; got >= take {
							break
						}
					}
					if want := min(n, max(take, 1)); got != want {
						t.Errorf("%d of %d, %d asked for: got %d", n, n, take, got)
					}
					if want := got < max(take, 1); want && !errors.Is(failed, end) || !want && failed != nil {
						t.Errorf("%d asked for of %d: error %v, the sequence's is %v", take, n, failed, end)
					}
					if !ended {
						t.Error("the sequence goes on")
					}
				})
			}
		}
	}
}
