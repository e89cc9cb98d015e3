package timeline

import (
	"strconv"
	"strings"
)

// A histogram is how many round trips fell into each class, those with any, in
// ascending order. Percentiles of a long stretch come from the sum of its
// histograms: those of its parts have no mean.
type histogram []classCount

// storedOctave is how many classes of an octave make one where a histogram is
// stored, which has 16 in an octave: they are 4.4 % wide.
const storedOctave = 2

// newHistogram returns the histogram of counts by class.
func newHistogram(counts []uint32) histogram {
	n := 0
	for _, k := range counts {
		if k > 0 {
			n++
		}
	}
	h := make(histogram, 0, n)
	for i, k := range counts {
		if k > 0 {
			h = append(h, newClassCount(i, k))
		}
	}
	return h
}

// appendText appends the form of rollups: "88.57,1,3.2" are 57 answers in class
// 88, one in class 89 and two in class 92.
func (h histogram) appendText(b []byte) []byte {
	last := 0
	for i := 0; i < len(h); {
		c, n := h[i].class()/storedOctave, uint64(0)
		for ; i < len(h) && h[i].class()/storedOctave == c; i++ {
			n += uint64(h[i].count())
		}
		if last > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(c+1-last), 10)
		if n > 1 {
			b = append(b, '.')
			b = strconv.AppendUint(b, n, 10)
		}
		last = c + 1
	}
	return b
}

// parseHistogram reads what appendText wrote, or reports that it did not.
func parseHistogram(s string) (h histogram, ok bool) {
	h = make(histogram, 0, 1+strings.Count(s, ","))
	for last := 0; s != ""; {
		step, rest, ok := digits(s, 1<<16-1)
		n := 1
		if ok && strings.HasPrefix(rest, ".") {
			n, rest, ok = digits(rest[1:], 1<<countBits-1)
		}
		last += step
		if !ok || step == 0 || n == 0 || last*storedOctave > classes {
			return nil, false
		}
		h = append(h, newClassCount((last-1)*storedOctave, uint32(n)))
		if s, ok = strings.CutPrefix(rest, ","); ok == (s == "") {
			return nil, false
		}
	}
	return h, true
}

// digits reads the number, of no more than most, that a text begins with.
func digits(s string, most int) (n int, rest string, ok bool) {
	i := 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9' && n <= most; i++ {
		n = 10*n + int(s[i]-'0')
	}
	return n, s[i:], i > 0 && n <= most
}
