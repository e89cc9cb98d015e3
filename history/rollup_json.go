package history

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"flapscope/monitor"
)

// A RollupDecoder decodes rollups in the very form in which they are written,
// several times as fast as encoding/json, which reads every form. A week has
// three megabytes of them, and opening a recording waits for them. The zero
// RollupDecoder is ready.
type RollupDecoder struct {
	// targets are those met before, by their JSON: they hardly change from one
	// rollup to the next.
	targets map[string]*monitor.Target
}

// maxKnown bounds the targets that a decoder remembers.
const maxKnown = 4096

// Decode decodes the Rollup that begins b, and returns what follows its keys,
// from the comma or brace on. It reports false where b has another form.
func (d *RollupDecoder) Decode(b []byte) (r Rollup, rest []byte, ok bool) {
	s := scanner{b: b}
	r.From = time.Duration(s.number(`{"from_ns":`))
	r.To = time.Duration(s.number(`,"to_ns":`))
	r.Step = time.Duration(s.number(`,"step_ns":`))
	if s.skip(`,"targets":[`) {
		for more := true; more && !s.failed; more = s.more() {
			r.Targets = append(r.Targets, d.target(&s))
		}
	}
	if s.skip(`,"scopes":[`) {
		for more := true; more && !s.failed; more = s.more() {
			r.Scopes = append(r.Scopes, s.scope())
		}
	}
	if s.failed {
		return Rollup{}, nil, false
	}
	return r, s.b, true
}

func (d *RollupDecoder) target(s *scanner) TargetRollup {
	s.want(`{"target":`)
	raw := s.object()
	t := d.targets[string(raw)]
	if t == nil && !s.failed {
		t = new(monitor.Target)
		s.failed = json.Unmarshal(raw, t) != nil
		if d.targets == nil || len(d.targets) >= maxKnown {
			d.targets = map[string]*monitor.Target{}
		}
		d.targets[string(raw)] = t
	}
	k := TargetRollup{Target: t, Answered: s.column(`,"answered":`, 0)}
	n := len(k.Answered)
	k.Lost, k.NoData = s.column(`,"lost":`, n), s.column(`,"no_data":`, n)
	k.Min, k.Median, k.Max = s.column(`,"min":`, n), s.column(`,"median":`, n), s.column(`,"max":`, n)
	s.want(`}`)
	return k
}

// A scanner reads JSON of a known form. Once it has failed its results mean
// nothing.
type scanner struct {
	b      []byte
	failed bool
}

// skip skips text if it comes next, and reports whether it did.
func (s *scanner) skip(text string) bool {
	if len(s.b) < len(text) || string(s.b[:len(text)]) != text {
		return false
	}
	s.b = s.b[len(text):]
	return true
}

// want skips text, which must come next.
func (s *scanner) want(text string) {
	if !s.skip(text) {
		s.failed = true
	}
}

// more reports whether another element of an array follows.
func (s *scanner) more() bool {
	if s.skip(`,`) {
		return true
	}
	s.want(`]`)
	return false
}

// number reads a number that is not negative and has neither fraction nor
// exponent, after a key.
func (s *scanner) number(key string) uint64 {
	s.want(key)
	n, i := uint64(0), 0
	for ; i < len(s.b) && s.b[i]-'0' <= 9; i++ {
		n = n*10 + uint64(s.b[i]-'0')
	}
	if i == 0 || i > 18 || i > 1 && s.b[0] == '0' {
		s.failed = true
	}
	s.b = s.b[i:]
	return n
}

// column reads an array of numbers after a key; n is how many are expected.
func (s *scanner) column(key string, n int) Column {
	s.want(key)
	if s.skip(`null`) {
		return nil
	}
	s.want(`[`)
	if s.skip(`]`) || s.failed {
		return nil
	}
	out := make(Column, 0, n)
	// Most of a rollup is columns, so they are not read number by number.
	first, v := 0, uint64(0)
	for i, c := range s.b {
		if d := c - '0'; d <= 9 {
			v = v*10 + uint64(d)
			continue
		}
		digits := i - first
		if digits == 0 || digits > 10 || digits > 1 && s.b[first] == '0' || v > math.MaxUint32 {
			break
		}
		out = append(out, uint32(v))
		if c == ']' {
			s.b = s.b[i+1:]
			return out
		}
		if c != ',' {
			break
		}
		first, v = i+1, 0
	}
	s.failed = true
	return nil
}

// scope reads a ScopeRollup.
func (s *scanner) scope() ScopeRollup {
	k := ScopeRollup{}
	s.want(`{"scope":`)
	s.decode(s.quoted(), &k.Scope)
	if s.skip(`,"index":`) {
		k.Index = int(s.number(""))
	}
	if s.skip(`,"type":`) {
		s.decode(s.quoted(), &k.Type)
	}
	k.Hidden = s.skip(`,"hidden":true`)
	if s.skip(`,"name":`) {
		s.decode(s.quoted(), &k.Name)
	}
	s.want(`,"changes":[`)
	for more := true; more && !s.failed; more = s.more() {
		k.Changes = append(k.Changes, s.change())
	}
	s.want(`}`)
	return k
}

// change reads a RollupChange.
func (s *scanner) change() RollupChange {
	c := RollupChange{At: time.Duration(s.number(`{"at_ns":`))}
	level := s.number(`,"level":`)
	s.failed = s.failed || level > math.MaxUint8
	c.Level = Level(level)
	if s.skip(`,"label":`) {
		text := s.quoted()
		if plainText(text) {
			c.Label = monitor.Untrusted(text[1 : len(text)-1])
		} else {
			s.decode(text, &c.Label)
		}
	}
	if s.skip(`,"note":`) {
		s.decode(s.quoted(), &c.Note)
	}
	s.want(`}`)
	return c
}

// plainText reports whether a JSON string stands for the bytes between its
// quotes.
func plainText(quoted []byte) bool {
	return len(quoted) >= 2 && !bytes.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' })
}

// decode decodes a JSON string.
func (s *scanner) decode(text []byte, into any) {
	if !s.failed && json.Unmarshal(text, into) != nil {
		s.failed = true
	}
}

// quoted takes a JSON string, quotes included.
func (s *scanner) quoted() []byte {
	if len(s.b) == 0 || s.b[0] != '"' {
		s.failed = true
		return nil
	}
	for i := 1; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			text := s.b[:i+1]
			s.b = s.b[i+1:]
			return text
		}
	}
	s.failed = true
	return nil
}

// object takes a JSON object, up to the brace that ends it.
func (s *scanner) object() []byte {
	whole, depth := s.b, 0
	for !s.failed {
		i := bytes.IndexAny(s.b, `"{}`)
		if i < 0 {
			break
		}
		c := s.b[i]
		if s.b = s.b[i:]; c == '"' {
			s.quoted()
			continue
		}
		s.b = s.b[1:]
		depth += strings.IndexByte("} {", c) - 1
		if depth <= 0 {
			return whole[:len(whole)-len(s.b)]
		}
	}
	s.failed = true
	return nil
}
