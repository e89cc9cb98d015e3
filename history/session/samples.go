package session

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"flapscope/monitor/fact"
)

const (
	// samplesFor is how long samples are collected before they are written: as
	// much as kill -9 can lose.
	samplesFor = 10 * time.Second
	// maxSamples bounds the samples of one line.
	maxSamples = 4096
)

// A sampleChunk collects probe results, and what else is sampled, as columns of
// one line:
//
//	"samples":[{"target":ID,"from":N,"every":N,"sent":[…],"rtt":[…],"lag":[…],…}…,
//	           {"kind":KIND,"series":ID,"from":N,"every":N,"at":[…],"columns":{…}}…]
//
// All numbers are microseconds. Sample i was sent "from" + i·"every" + sent[i]
// after the line's instant, and its outcome was known rtt[i] + lag[i] later. Where
// round trips have more digits, the column "ns" has what is left of each.
// Told so, regular probing leaves nothing but jitter in the columns.
type sampleChunk struct {
	base    time.Time
	mono    time.Duration
	newest  time.Duration
	n       int
	columns []*sampleColumn
	byID    map[string]*sampleColumn
	// series are the columns of what is no result of a probe.
	series []*seriesColumns
}

type sampleColumn struct {
	target string
	// sent is when each sample was sent, since the chunk's instant.
	sent []int64
	rtt  []int64
	// ns are the nanoseconds of the round trips beyond whole microseconds, and
	// fine is whether there are any.
	ns     []int64
	fine   bool
	lag    []int64
	phases [4][]int64
	// timed is whether any phase is not zero.
	timed [4]bool
	odd   []oddSample
}

// An oddSample is what the columns have no room for: an outcome that is not
// "ok", or words.
type oddSample struct {
	I          int            `json:"i"`
	Outcome    fact.Outcome   `json:"outcome,omitempty"`
	RTT        int64          `json:"rtt,omitempty"`
	Detail     fact.Untrusted `json:"detail,omitempty"`
	By         fact.Refuser   `json:"by,omitempty"`
	From       netip.Addr     `json:"from,omitzero"`
	Uncertain  bool           `json:"uncertain,omitempty"`
	Queue      int64          `json:"queue,omitempty"`
	Duplicates int            `json:"duplicates,omitempty"`
	TTL        int            `json:"ttl,omitempty"`
	Index      int            `json:"ifindex,omitempty"`
}

var phaseKeys = [4]string{"resolve", "connect", "tls", "first_byte"}

// fits reports whether the columns can hold o exactly, after those they hold.
// What they can't hold is written as a line like any other observation.
func (c *sampleChunk) fits(o *fact.Observation, r *fact.ProbeResult) bool {
	if o.Op == fact.Delete || o.Via != fact.ViaEvent || r.Outcome == "" {
		return false
	}
	rtt := r.RTT
	if r.Outcome == fact.OutcomeOK {
		rtt = rtt.Truncate(time.Microsecond)
	}
	for _, d := range [...]time.Duration{o.Mono, r.Sent, rtt, r.Phases.Resolve, r.Phases.Connect, r.Phases.TLS, r.Phases.FirstByte, r.Queue} {
		if d%time.Microsecond != 0 || d < 0 {
			return false
		}
	}
	lag := o.Mono - r.Sent - rtt
	return r.RTT >= 0 && rtt <= maxMicros*time.Microsecond && lag.Abs() <= maxMicros*time.Microsecond
}

// full reports whether o needs a line of its own: the chunk is old or long, or
// the wall clock no longer follows from the line's.
func (c *sampleChunk) full(o *fact.Observation) bool {
	if c.n == 0 {
		return false
	}
	if c.n >= maxSamples || o.Mono-c.mono >= samplesFor || o.Mono <= c.newest {
		return true
	}
	_, zone := o.Time.Zone()
	_, baseZone := c.base.Zone()
	return zone != baseZone || !c.base.Add(o.Mono-c.mono).Equal(o.Time)
}

// takes reports whether an observation is a sample that the columns can hold.
func (c *sampleChunk) takes(o *fact.Observation) bool {
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		return c.fits(o, f)
	case fact.Sampled:
		return seriesFits(o)
	}
	return false
}

// put adds a sample that the columns can hold.
func (c *sampleChunk) put(o *fact.Observation) {
	if c.n == 0 {
		c.base, c.mono = o.Time, o.Mono
	}
	c.n++
	c.newest = o.Mono
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		c.add(o, f)
	case fact.Sampled:
		c.addSeries(o, f)
	}
}

// add adds a result that fits.
func (c *sampleChunk) add(o *fact.Observation, r *fact.ProbeResult) {
	k := c.byID[r.Target]
	if k == nil {
		k = c.column(r.Target)
	}
	i := len(k.sent)
	k.sent = append(k.sent, int64((r.Sent-c.mono)/time.Microsecond))
	k.rtt = append(k.rtt, int64(r.RTT/time.Microsecond))
	rest := r.RTT % time.Microsecond
	k.ns = append(k.ns, int64(rest))
	k.fine = k.fine || rest != 0
	k.lag = append(k.lag, int64((o.Mono-r.Sent-(r.RTT-rest))/time.Microsecond))
	for p, d := range [4]time.Duration{r.Phases.Resolve, r.Phases.Connect, r.Phases.TLS, r.Phases.FirstByte} {
		k.phases[p] = append(k.phases[p], int64(d/time.Microsecond))
		k.timed[p] = k.timed[p] || d != 0
	}
	odd := oddSample{
		I: i, Detail: r.Detail, By: r.By, From: r.From, Uncertain: r.Uncertain,
		Queue: int64(r.Queue / time.Microsecond), Duplicates: r.Duplicates, TTL: r.TTL, Index: r.Index,
	}
	if r.Outcome == fact.OutcomeOK && odd == (oddSample{I: i}) {
		return
	}
	if r.Outcome != fact.OutcomeOK {
		odd.Outcome, odd.RTT = r.Outcome, int64(r.RTT/time.Microsecond)
	}
	k.odd = append(k.odd, odd)
}

// column returns a new column, or an empty one used before: targets come and
// go, but not many are new in each chunk.
func (c *sampleChunk) column(target string) *sampleColumn {
	if c.byID == nil || len(c.byID) > 1024 {
		c.byID, c.columns = map[string]*sampleColumn{}, slices.DeleteFunc(c.columns, func(k *sampleColumn) bool { return len(k.sent) == 0 })
		for _, k := range c.columns {
			c.byID[k.target] = k
		}
	}
	k := &sampleColumn{target: target}
	c.columns = append(c.columns, k)
	c.byID[target] = k
	return k
}

// appendLine appends the chunk's line with its newline, if there is anything
// in it, and empties it.
func (c *sampleChunk) appendLine(dst []byte) []byte {
	if c.n == 0 {
		return dst
	}
	dst = append(appendStamp(dst, c.base, c.mono, kindSamples), '[')
	for _, k := range c.columns {
		if len(k.sent) > 0 {
			dst = append(k.append(dst), ',')
			k.reset()
		}
	}
	dst = c.appendSeries(dst)
	dst[len(dst)-1] = ']'
	c.n = 0
	return append(dst, "}\n"...)
}

func (k *sampleColumn) append(dst []byte) []byte {
	dst = append(dst, `{"target":`...)
	dst = appendString(dst, k.target)
	dst = appendTimes(dst, "sent", k.sent)
	dst = append(dst, `,"rtt":[`...)
	odd := k.odd
	for i, v := range k.rtt {
		if i > 0 {
			dst = append(dst, ',')
		}
		for len(odd) > 0 && odd[0].I < i {
			odd = odd[1:]
		}
		if len(odd) > 0 && odd[0].I == i && odd[0].Outcome != "" {
			dst = append(dst, "null"...)
			continue
		}
		dst = strconv.AppendInt(dst, v, 10)
	}
	dst = appendNumbers(append(dst, `],"lag":`...), k.lag)
	for p, key := range phaseKeys {
		if k.timed[p] {
			dst = append(append(append(dst, `,"`...), key...), `":`...)
			dst = appendNumbers(dst, k.phases[p])
		}
	}
	if k.fine {
		dst = appendNumbers(append(dst, `,"ns":`...), k.ns)
	}
	if len(k.odd) > 0 {
		// Strings and numbers: encoding them cannot fail.
		dst, _ = fact.AppendJSON(append(dst, `,"odd":`...), k.odd)
	}
	return append(dst, '}')
}

// appendTimes appends the instants of samples, as what is left of them after
// the interval in whole milliseconds that fits best. It overwrites them.
func appendTimes(dst []byte, key string, at []int64) []byte {
	from, every := at[0], int64(0)
	if n := int64(len(at)) - 1; n > 0 {
		every = max(0, ((at[n]-from)/n+500)/1000*1000)
	}
	dst = strconv.AppendInt(append(dst, `,"from":`...), from, 10)
	dst = strconv.AppendInt(append(dst, `,"every":`...), every, 10)
	for i := range at {
		at[i] -= from + int64(i)*every
	}
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return appendNumbers(dst, at)
}

func (k *sampleColumn) reset() {
	k.sent, k.rtt, k.ns, k.lag, k.odd = k.sent[:0], k.rtt[:0], k.ns[:0], k.lag[:0], k.odd[:0]
	k.fine = false
	for p := range k.phases {
		k.phases[p] = k.phases[p][:0]
	}
	k.timed = [4]bool{}
}

func appendNumbers(dst []byte, v []int64) []byte {
	dst = append(dst, '[')
	for i, n := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, n, 10)
	}
	return append(dst, ']')
}

// appendString appends s as JSON.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e || s[i] == '"' || s[i] == '\\' {
			// A string: encoding it cannot fail.
			dst, _ = fact.AppendJSON(dst, s)
			return dst
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
