package session

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"flapscope/internal/jsonscan"
	"flapscope/monitor/fact"
)

// samplesLine is the form in which a samples line is parsed.
type samplesLine struct {
	Time    time.Time      `json:"time"`
	Mono    int64          `json:"mono_ns"`
	Samples []samplesInput `json:"samples"`
}

type samplesInput struct {
	Target    string      `json:"target"`
	From      int64       `json:"from"`
	Every     int64       `json:"every"`
	Sent      numbers     `json:"sent"`
	RTT       numbers     `json:"rtt"`
	Lag       numbers     `json:"lag"`
	Resolve   numbers     `json:"resolve"`
	Connect   numbers     `json:"connect"`
	TLS       numbers     `json:"tls"`
	FirstByte numbers     `json:"first_byte"`
	NS        numbers     `json:"ns"`
	Odd       []oddSample `json:"odd"`
	// Of a series that is no probe's.
	Kind    fact.Kind `json:"kind"`
	Series  string    `json:"series"`
	At      numbers   `json:"at"`
	Columns []column  `json:"columns"`
}

// numbers are a column: integers, null for none, which is read as 0.
type numbers []int64

// A sampleParser parses samples lines; it keeps its buffers and the names of
// targets, which come again in every line.
type sampleParser struct {
	line  samplesLine
	names map[string]string
	// found are the observations of a line, column by column, and order is the
	// order of their instants.
	found []fact.Observation
	order []instantOf
}

// An instantOf is the instant of one of some observations.
type instantOf struct {
	mono  time.Duration
	index int32
}

// parseSamples returns the observations of one samples line in order.
func parseSamples(line []byte) ([]fact.Observation, error) {
	return new(sampleParser).parse(nil, line)
}

// parse appends the observations of a samples line to dst in order.
func (p *sampleParser) parse(dst []fact.Observation, line []byte) ([]fact.Observation, error) {
	l := &p.line
	if !p.scan(line) {
		l = new(samplesLine)
		if err := json.Unmarshal(line, l); err != nil {
			return dst, fmt.Errorf("samples: %w", err)
		}
	}
	found := p.found[:0]
	for i := range l.Samples {
		k := &l.Samples[i]
		if len(k.Target)+len(k.Series) > maxID {
			return dst, fmt.Errorf("samples: an ID of %d bytes", len(k.Target)+len(k.Series))
		}
		if k.Kind != "" {
			var err error
			if found, err = k.series(found, l, maxSamples-len(found)); err != nil {
				return dst, err
			}
			continue
		}
		n := len(k.Sent)
		if n > maxSamples || len(found)+n > maxSamples || len(k.RTT) != n || len(k.Lag) != n {
			return dst, fmt.Errorf("samples: columns of %d, %d and %d", n, len(k.RTT), len(k.Lag))
		}
		if !within([]int64{k.From, k.Every}, -maxMicros, maxMicros) || !within(k.Sent, -maxMicros*maxSamples, maxMicros*maxSamples) || !within(k.RTT, 0, maxMicros) || !within(k.Lag, -maxMicros, maxMicros) {
			return dst, fmt.Errorf("samples: a time is out of range")
		}
		found = k.observations(found, l)
	}
	p.found = found
	return p.appendOrdered(dst), nil
}

// appendOrdered appends what was found in the order of time. Observations are
// large and have pointers, which the garbage collector wants to know of when they
// move, so their instants are sorted in their place.
func (p *sampleParser) appendOrdered(dst []fact.Observation) []fact.Observation {
	p.order = p.order[:0]
	for i := range p.found {
		p.order = append(p.order, instantOf{p.found[i].Mono, int32(i)})
	}
	slices.SortFunc(p.order, func(a, b instantOf) int { return cmp.Or(cmp.Compare(a.mono, b.mono), cmp.Compare(a.index, b.index)) })
	dst = slices.Grow(dst, len(p.order))
	for _, k := range p.order {
		dst = append(dst, p.found[k.index])
	}
	return dst
}

// scan reads a line of the form in which it is written into p.line, or returns
// false.
func (p *sampleParser) scan(line []byte) bool {
	s, l := jsonscan.Scanner{Rest: line}, &p.line
	l.Samples = l.Samples[:0]
	s.Skip(`{"time":`)
	stamp := s.Quoted()
	s.Skip(`,"mono_ns":`)
	l.Mono = s.Int()
	s.Skip(`,"kind":"samples","samples":[`)
	for more := true; more && !s.Failed; more = s.More() {
		p.column(&s)
	}
	s.Skip("}")
	return !s.Failed && len(s.Rest) == 0 && l.Time.UnmarshalJSON(stamp) == nil
}

// column reads the samples of one target.
func (p *sampleParser) column(s *jsonscan.Scanner) {
	l := &p.line
	if len(l.Samples) < cap(l.Samples) {
		l.Samples = l.Samples[:len(l.Samples)+1]
	} else {
		l.Samples = append(l.Samples, samplesInput{})
	}
	k := &l.Samples[len(l.Samples)-1]
	k.Kind, k.Series, k.At, k.Columns = "", "", nil, nil
	if s.Next(`{"kind":`) {
		k.scanSeries(s)
		return
	}
	s.Skip(`{"target":`)
	k.Target = p.name(s.Text())
	s.Skip(`,"from":`)
	k.From = s.Int()
	s.Skip(`,"every":`)
	k.Every = s.Int()
	s.Skip(`,"sent":`)
	k.Sent = scanNumbers(s, k.Sent[:0])
	s.Skip(`,"rtt":`)
	k.RTT = scanNumbers(s, k.RTT[:0])
	s.Skip(`,"lag":`)
	k.Lag = scanNumbers(s, k.Lag[:0])
	k.Resolve = optional(s, `,"resolve":`, k.Resolve)
	k.Connect = optional(s, `,"connect":`, k.Connect)
	k.TLS = optional(s, `,"tls":`, k.TLS)
	k.FirstByte = optional(s, `,"first_byte":`, k.FirstByte)
	k.NS = optional(s, `,"ns":`, k.NS)
	k.Odd = k.Odd[:0]
	if s.Next(`,"odd":[`) {
		for more := true; more && !s.Failed; more = s.More() {
			k.Odd = append(k.Odd, scanOdd(s))
		}
	}
	s.Skip("}")
}

// optional reads a column that is left out where there is nothing in it.
func optional(s *jsonscan.Scanner, key string, column []int64) []int64 {
	if !s.Next(key) {
		return column[:0]
	}
	return scanNumbers(s, column[:0])
}

// scanNumbers appends a column to dst: integers, null for none.
func scanNumbers(s *jsonscan.Scanner, dst []int64) []int64 {
	s.Skip("[")
	for !s.Failed {
		if s.Next("null") {
			dst = append(dst, 0)
		} else {
			dst = append(dst, s.Int())
		}
		if s.Next("]") {
			return dst
		}
		s.Skip(",")
		s.Failed = s.Failed || len(dst) >= maxSamples
	}
	return dst
}

func scanOdd(s *jsonscan.Scanner) (o oddSample) {
	s.Skip(`{"i":`)
	o.I = int(s.Int())
	if s.Next(`,"outcome":`) {
		o.Outcome = fact.Outcome(s.Text())
	}
	if s.Next(`,"rtt":`) {
		o.RTT = s.Int()
	}
	if s.Next(`,"detail":`) {
		o.Detail = fact.Untrusted(s.Text())
	}
	if s.Next(`,"by":`) {
		o.By = fact.Refuser(s.Text())
	}
	if s.Next(`,"from":`) {
		var err error
		o.From, err = netip.ParseAddr(string(s.Text()))
		s.Failed = s.Failed || err != nil
	}
	o.Uncertain = s.Next(`,"uncertain":true`)
	if s.Next(`,"queue":`) {
		o.Queue = s.Int()
	}
	for _, count := range [...]struct {
		key  string
		into *int
	}{{`,"duplicates":`, &o.Duplicates}, {`,"ttl":`, &o.TTL}, {`,"ifindex":`, &o.Index}} {
		if s.Next(count.key) {
			*count.into = int(s.Int())
		}
	}
	s.Skip("}")
	return o
}

// name returns a target's ID, the same memory for the same ID.
func (p *sampleParser) name(id []byte) string {
	if name, ok := p.names[string(id)]; ok {
		return name
	}
	if p.names == nil {
		p.names = map[string]string{}
	}
	name := string(id)
	if len(p.names) < maxTargets {
		p.names[name] = name
	}
	return name
}

func (k *samplesInput) observations(dst []fact.Observation, l *samplesLine) []fact.Observation {
	// One array for all: a day has a million results.
	results := make([]fact.ProbeResult, len(k.Sent))
	base := time.Duration(l.Mono)
	for i := range results {
		r := &results[i]
		r.Target, r.Outcome = k.Target, fact.OutcomeOK
		r.Sent = base + time.Duration(k.From+int64(i)*k.Every+k.Sent[i])*time.Microsecond
		r.RTT = time.Duration(k.RTT[i]) * time.Microsecond
		r.Phases = fact.Phases{
			Resolve: phase(k.Resolve, i), Connect: phase(k.Connect, i),
			TLS: phase(k.TLS, i), FirstByte: phase(k.FirstByte, i),
		}
	}
	for _, o := range k.Odd {
		if o.I < 0 || o.I >= len(results) {
			continue
		}
		r := &results[o.I]
		r.Detail, r.By, r.From, r.Uncertain = o.Detail, o.By, o.From, o.Uncertain
		r.Queue = time.Duration(max(0, min(o.Queue, maxMicros))) * time.Microsecond
		r.Duplicates, r.TTL, r.Index = o.Duplicates, o.TTL, o.Index
		if o.Outcome != "" {
			r.Outcome, r.RTT = o.Outcome, time.Duration(o.RTT)*time.Microsecond
		}
	}
	for i := range results {
		r := &results[i]
		known := r.Sent + r.RTT + time.Duration(k.Lag[i])*time.Microsecond
		if i < len(k.NS) && r.Outcome == fact.OutcomeOK {
			r.RTT += time.Duration(max(0, min(k.NS[i], 999)))
		}
		dst = append(dst, fact.Observation{
			Time: l.Time.Add(known - base), Mono: known, Op: fact.Put, Fact: r,
		})
	}
	return dst
}

// maxMicros bounds the numbers of a samples line: an hour, where ten seconds
// and the longest timeout are expected.
const maxMicros = 3_600_000_000

func within(v []int64, lo, hi int64) bool {
	for _, n := range v {
		if n < lo || n > hi {
			return false
		}
	}
	return true
}

func phase(column []int64, i int) time.Duration {
	if i >= len(column) {
		return 0
	}
	return time.Duration(column[i]) * time.Microsecond
}
