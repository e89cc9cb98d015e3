package timeline

import (
	"math/bits"
	"time"
)

// columns divides a span into n columns of equal width; the widths differ by
// at most a nanosecond.
type columns struct {
	Span
	n int
}

// valid reports whether there is anything to divide, into no more columns than
// a query can tell apart.
func (c columns) valid() bool { return c.n > 0 && c.n < maxColumns && c.To > c.From }

// of returns the column of an instant, which must lie in the span. The product
// needs 128 bits: a day of nanoseconds times a thousand columns nears 2^63.
func (c columns) of(at time.Duration) int {
	hi, lo := bits.Mul64(uint64(at-c.From), uint64(c.n))
	q, _ := bits.Div64(hi, lo, uint64(c.To-c.From))
	return int(q)
}

// start returns the first instant of column i, such that of(start(i)) == i.
func (c columns) start(i int) time.Duration {
	width := uint64(c.To - c.From)
	hi, lo := bits.Mul64(width, uint64(i))
	lo, carry := bits.Add64(lo, uint64(c.n)-1, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(c.n))
	return c.From + time.Duration(q)
}

// each calls fn for every column that [from, to) touches; an empty stretch
// touches the column that it lies in.
func (c columns) each(from, to time.Duration, fn func(i int)) {
	to = max(to, from+1)
	if to <= c.From || from >= c.To {
		return
	}
	last := c.of(min(to, c.To) - 1)
	for i := c.of(max(from, c.From)); i <= last; i++ {
		fn(i)
	}
}
