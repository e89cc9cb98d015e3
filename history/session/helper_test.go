package session

import "flapscope/history/timeline"

// flushSamples writes what was added, with the samples being collected, as the
// recorder does once ten seconds are full.
func flushSamples(w *Writer) error {
	w.enc.flush()
	return w.Flush()
}

// sumsOf returns the sums that a recording holds and that can be read, oldest
// first.
func sumsOf(r *Reader) (sums []timeline.Rollup) {
	for _, k := range r.rollups() {
		if k.err == nil {
			sums = append(sums, k.Rollup.Rollup)
		}
	}
	return sums
}
