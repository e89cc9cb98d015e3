package report

import (
	"math/rand/v2"
	"time"

	"flapscope/history/timeline"
)

// overlap is how much of a span lies in spans that are in order.
func overlap(s timeline.Span, of []timeline.Span) (d time.Duration) {
	for _, o := range of {
		if o.From >= s.To {
			break
		}
		d += max(0, min(o.To, s.To)-max(o.From, s.From))
	}
	return d
}

// share returns how much of the observed time is not in some spans. Its interval
// is by blocks of time: what is lost comes in stretches.
func share(observed, without []timeline.Span) *Share {
	var total, lost time.Duration
	for _, o := range observed {
		total += o.To - o.From
		lost += overlap(o, without)
	}
	if total <= 0 {
		return nil
	}
	s := &Share{Value: float64(total-lost) / float64(total), Without: lost, N: len(without)}
	blocks := blocksOf(observed, without, max(total/mostBlocks, blockFor))
	if len(blocks) < fewestBlock || lost == 0 {
		return s
	}
	rng := rand.New(rand.NewPCG(2, uint64(len(blocks))))
	values := make([]float64, 1000)
	for i := range values {
		var all, bad time.Duration
		for range blocks {
			b := blocks[rng.IntN(len(blocks))]
			all, bad = all+b[0], bad+b[1]
		}
		values[i] = 1 - float64(bad)/float64(max(all, 1))
	}
	low, high := middle(values)
	s.Low, s.High = &low, &high
	return s
}

// blocksOf cuts the observed time into blocks, and returns of each how long it is
// and how much of it was lost.
func blocksOf(observed, without []timeline.Span, size time.Duration) (out [][2]time.Duration) {
	var all, bad time.Duration
	for _, o := range observed {
		for at := o.From; at < o.To; {
			end := min(at+size-all, o.To)
			piece := timeline.Span{From: at, To: end}
			all, bad = all+end-at, bad+overlap(piece, without)
			if at = end; all >= size {
				out = append(out, [2]time.Duration{all, bad})
				all, bad = 0, 0
			}
		}
	}
	if all >= size/2 {
		out = append(out, [2]time.Duration{all, bad})
	}
	return out
}
