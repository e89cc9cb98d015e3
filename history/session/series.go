package session

import (
	"fmt"
	"slices"
	"time"

	"flapscope/internal/jsonscan"
	"flapscope/monitor/fact"
)

// A seriesColumns collects the samples of one series that is no probe's.
type seriesColumns struct {
	kind   fact.Kind
	series string
	names  []string
	// at is when each sample was taken, since the chunk's instant.
	at      []int64
	columns [][]int64
	row     []int64
}

// maxSeries bounds the series that a chunk keeps room for between its lines.
const maxSeries = 256

// seriesFits reports whether columns can hold o exactly. What they can't hold
// is written as a line like any other observation.
func seriesFits(o *fact.Observation) bool {
	return o.Op == fact.Put && o.Via == fact.ViaEvent && o.Mono >= 0 && o.Mono%time.Microsecond == 0
}

// addSeries adds a sample that fits.
func (c *sampleChunk) addSeries(o *fact.Observation, f fact.Sampled) {
	kind, series := f.Kind(), f.Series()
	i := slices.IndexFunc(c.series, func(k *seriesColumns) bool { return k.kind == kind && k.series == series })
	if i < 0 {
		if len(c.series) >= maxSeries {
			c.series = slices.DeleteFunc(c.series, func(k *seriesColumns) bool { return len(k.at) == 0 })
		}
		i = len(c.series)
		names := f.Columns()
		c.series = append(c.series, &seriesColumns{kind: kind, series: series, names: names, columns: make([][]int64, len(names))})
	}
	k := c.series[i]
	k.at = append(k.at, int64((o.Mono-c.mono)/time.Microsecond))
	k.row = f.Numbers(k.row[:0])
	for i, n := range k.row {
		k.columns[i] = append(k.columns[i], n)
	}
}

// appendSeries appends the columns of each series, with a comma after each, and
// empties them.
func (c *sampleChunk) appendSeries(dst []byte) []byte {
	for _, k := range c.series {
		if len(k.at) == 0 {
			continue
		}
		dst = appendString(append(dst, `{"kind":`...), string(k.kind))
		dst = appendString(append(dst, `,"series":`...), k.series)
		dst = appendTimes(dst, "at", k.at)
		dst = k.appendColumns(append(dst, `,"columns":[`...))
		dst = append(dst, "]},"...)
		k.at = k.at[:0]
	}
	return dst
}

// appendColumns appends the columns, and empties them: first those that vary, then
// one value of each that does not. These stand next to each other, so that a packer
// finds all of them in the line before.
func (k *seriesColumns) appendColumns(dst []byte) []byte {
	first := len(dst)
	for _, steady := range [...]bool{false, true} {
		for i, name := range k.names {
			values := k.columns[i]
			if constant(values) != steady {
				continue
			}
			if len(dst) > first {
				dst = append(dst, ',')
			}
			dst = appendString(append(dst, `{"name":`...), name)
			if steady {
				values = values[:1]
			}
			dst = appendNumbers(append(dst, `,"values":`...), values)
			dst = append(dst, '}')
		}
	}
	for i := range k.columns {
		k.columns[i] = k.columns[i][:0]
	}
	return dst
}

// constant reports whether all of some numbers are the same.
func constant(values []int64) bool {
	return !slices.ContainsFunc(values, func(v int64) bool { return v != values[0] })
}

// A column is one of the numbers of all samples of a series.
type column struct {
	Name   string  `json:"name"`
	Values numbers `json:"values"`
}

// scanSeries reads a series of the form in which it is written.
func (k *samplesInput) scanSeries(s *jsonscan.Scanner) {
	*k = samplesInput{Kind: fact.Kind(s.Text())}
	s.Skip(`,"series":`)
	k.Series = string(s.Text())
	s.Skip(`,"from":`)
	k.From = s.Int()
	s.Skip(`,"every":`)
	k.Every = s.Int()
	s.Skip(`,"at":`)
	k.At = scanNumbers(s, nil)
	s.Skip(`,"columns":[`)
	for more := true; more && !s.Failed; more = s.More() {
		s.Skip(`{"name":`)
		c := column{Name: string(s.Text())}
		s.Skip(`,"values":`)
		c.Values = scanNumbers(s, nil)
		s.Skip("}")
		k.Columns = append(k.Columns, c)
		s.Failed = s.Failed || len(k.Columns) > maxColumns
	}
	s.Skip("}")
}

// maxColumns bounds the columns of a series.
const maxColumns = 64

// series appends the observations of a series, at most limit. One of a kind
// that this version does not know is left out.
func (k *samplesInput) series(dst []fact.Observation, l *samplesLine, limit int) ([]fact.Observation, error) {
	sample, ok := k.Kind.New().(fact.Sampled)
	if !ok {
		return dst, nil
	}
	if len(k.At) > limit || len(k.Columns) > maxColumns {
		return dst, fmt.Errorf("samples: %d of %s", len(k.At), k.Kind)
	}
	if !within([]int64{k.From, k.Every}, -maxMicros, maxMicros) || !within(k.At, -maxMicros*maxSamples, maxMicros*maxSamples) {
		return dst, fmt.Errorf("samples: a time is out of range")
	}
	var columns []numbers
	for _, name := range sample.Columns() {
		i := slices.IndexFunc(k.Columns, func(c column) bool { return c.Name == name })
		if i < 0 || len(k.Columns[i].Values) != len(k.At) && len(k.Columns[i].Values) != 1 {
			return dst, fmt.Errorf("samples: %s has no whole column %q", k.Kind, name)
		}
		columns = append(columns, k.Columns[i].Values)
	}
	base, row := time.Duration(l.Mono), make([]int64, len(columns))
	for i, at := range k.At {
		for j, c := range columns {
			row[j] = c[min(i, len(c)-1)] // one value stands for all
		}
		f, _ := k.Kind.New().(fact.Sampled)
		if err := f.Sample(k.Series, row); err != nil {
			return dst, fmt.Errorf("samples: %w", err)
		}
		known := base + time.Duration(k.From+int64(i)*k.Every+at)*time.Microsecond
		dst = append(dst, fact.Observation{Time: l.Time.Add(known - base), Mono: known, Op: fact.Put, Fact: f})
	}
	return dst, nil
}
