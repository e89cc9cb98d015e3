package session

import (
	"iter"

	"flapscope/internal/crash"
	"flapscope/monitor/fact"
)

// firstBatch and aheadBatch are how many observations are handed over at once,
// at first and, by doubling, at last: handing over costs about as much as
// reading one, but who only seeks wants no more than a few.
const (
	firstBatch = 16
	aheadBatch = 256
)

// A batch is a stretch of a sequence. An error ends it.
type batch struct {
	observations []fact.Observation
	err          error
}

// ahead returns seq, read in a goroutine of its own up to a few batches ahead
// of the consumer: reading and folding take about as long as each other. The
// goroutine has ended when the sequence has. Taken says how many bytes of lines
// were read for what seq has yielded: a batch has a bound in bytes, too.
func ahead(taken func() int, seq iter.Seq2[fact.Observation, error]) iter.Seq2[fact.Observation, error] {
	return func(yield func(fact.Observation, error) bool) {
		full, empty := make(chan batch, 1), make(chan []fact.Observation, 3)
		for range cap(empty) {
			empty <- make([]fact.Observation, 0, firstBatch)
		}
		go produce(taken, seq, full, empty)
		defer func() {
			close(empty)
			for range full {
				// Until the goroutine has seen that nobody wants more.
			}
		}()
		for b := range full {
			for _, o := range b.observations {
				if !yield(o, nil) {
					return
				}
			}
			clear(b.observations)
			if b.err != nil {
				yield(fact.Observation{}, b.err)
				return
			}
			empty <- b.observations[:0]
		}
	}
}

// produce puts seq into the empty batches until there are no more.
func produce(taken func() int, seq iter.Seq2[fact.Observation, error], full chan<- batch, empty <-chan []fact.Observation) {
	defer close(full)
	defer func() {
		if p := recover(); p != nil {
			full <- batch{err: crash.Error(p)}
		}
	}()
	b, size, before := batch{observations: <-empty}, firstBatch, 0
	for o, err := range seq {
		if b.err = err; err != nil {
			break
		}
		if b.observations = append(b.observations, o); len(b.observations) < size && taken()-before < maxBatchBytes {
			continue
		}
		full <- b
		next, ok := <-empty
		if !ok {
			return
		}
		b.observations, size, before = next, min(2*size, aheadBatch), taken()
	}
	full <- b
}
