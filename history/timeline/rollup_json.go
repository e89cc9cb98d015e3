package timeline

import (
	"encoding/json"
	"math"
	"time"

	"flapscope/internal/jsonscan"
	"flapscope/monitor/fact"
)

// A RollupDecoder decodes rollups in the very form in which they are written,
// several times as fast as encoding/json, which reads every form. A week has
// three megabytes of them, and opening a recording waits for them. The zero
// RollupDecoder is ready.
type RollupDecoder struct {
	// targets are those met before, by their JSON: they hardly change from one
	// rollup to the next.
	targets map[string]*fact.Target
}

// maxKnown bounds the targets that a decoder remembers.
const maxKnown = 4096

// Decode decodes the Rollup that begins b, and returns what follows its keys,
// from the comma or brace on. It reports false where b has another form.
func (d *RollupDecoder) Decode(b []byte) (r Rollup, rest []byte, ok bool) {
	s := jsonscan.Scanner{Rest: b}
	r.From = time.Duration(number(&s, `{"from_ns":`))
	r.To = time.Duration(number(&s, `,"to_ns":`))
	r.Step = time.Duration(number(&s, `,"step_ns":`))
	if s.Next(`,"targets":[`) {
		for more := true; more && !s.Failed; more = s.More() {
			r.Targets = append(r.Targets, d.target(&s))
		}
	}
	if s.Next(`,"scopes":[`) {
		for more := true; more && !s.Failed; more = s.More() {
			r.Scopes = append(r.Scopes, scanScope(&s))
		}
	}
	if s.Failed {
		return Rollup{}, nil, false
	}
	return r, s.Rest, true
}

func (d *RollupDecoder) target(s *jsonscan.Scanner) TargetRollup {
	s.Skip(`{"target":`)
	raw := s.Object()
	t := d.targets[string(raw)]
	if t == nil && !s.Failed {
		t = new(fact.Target)
		s.Failed = json.Unmarshal(raw, t) != nil
		if d.targets == nil || len(d.targets) >= maxKnown {
			d.targets = map[string]*fact.Target{}
		}
		d.targets[string(raw)] = t
	}
	k := TargetRollup{Target: t, Answered: column(s, `,"answered":`, 0)}
	n := len(k.Answered)
	k.Lost, k.NoData = column(s, `,"lost":`, n), column(s, `,"no_data":`, n)
	k.Min, k.Median, k.Max = column(s, `,"min":`, n), column(s, `,"median":`, n), column(s, `,"max":`, n)
	if s.Next(`,"course":{"bursts":`) {
		k.Course = scanCourse(s)
	}
	s.Skip(`}`)
	return k
}

// scanCourse reads a TargetCourse from the value of its first key on.
func scanCourse(s *jsonscan.Scanner) *TargetCourse {
	bursts := s.Uint()
	pairs := number(s, `,"pairs":`)
	c := &TargetCourse{uint32(bursts), uint32(pairs), uint64(number(s, `,"change":`)), ""}
	s.Failed = s.Failed || max(bursts, pairs) > math.MaxUint32
	if s.Next(`,"histogram":`) {
		c.Histogram = plainText(s)
	}
	s.Skip(`}`)
	return c
}

// column reads an array of numbers after a key; n is how many are expected.
func column(s *jsonscan.Scanner, key string, n int) Column {
	s.Skip(key)
	if s.Next(`null`) {
		return nil
	}
	s.Skip(`[`)
	if s.Next(`]`) || s.Failed {
		return nil
	}
	out := make(Column, 0, n)
	// Most of a rollup is columns, so they are not read number by number.
	first, v := 0, uint64(0)
	for i, c := range s.Rest {
		if d := c - '0'; d <= 9 {
			v = v*10 + uint64(d)
			continue
		}
		digits := i - first
		if digits == 0 || digits > 10 || digits > 1 && s.Rest[first] == '0' || v > math.MaxUint32 {
			break
		}
		out = append(out, uint32(v))
		if c == ']' {
			s.Rest = s.Rest[i+1:]
			return out
		}
		if c != ',' {
			break
		}
		first, v = i+1, 0
	}
	s.Failed = true
	return nil
}

// scanScope reads a ScopeRollup.
func scanScope(s *jsonscan.Scanner) ScopeRollup {
	k := ScopeRollup{}
	s.Skip(`{"scope":`)
	decode(s, s.Quoted(), &k.Scope)
	if s.Next(`,"index":`) {
		k.Index = int(s.Uint())
	}
	if s.Next(`,"type":`) {
		decode(s, s.Quoted(), &k.Type)
	}
	k.Hidden = s.Next(`,"hidden":true`)
	if s.Next(`,"name":`) {
		decode(s, s.Quoted(), &k.Name)
	}
	s.Skip(`,"changes":[`)
	for more := true; more && !s.Failed; more = s.More() {
		k.Changes = append(k.Changes, scanChange(s))
	}
	s.Skip(`}`)
	return k
}

// scanChange reads a RollupChange.
func scanChange(s *jsonscan.Scanner) RollupChange {
	c := RollupChange{At: time.Duration(number(s, `{"at_ns":`))}
	level := number(s, `,"level":`)
	s.Failed = s.Failed || level > math.MaxUint8
	c.Level = Level(level)
	if s.Next(`,"label":`) {
		text := s.Quoted()
		if jsonscan.Plain(text) {
			c.Label = fact.Untrusted(text[1 : len(text)-1])
		} else {
			decode(s, text, &c.Label)
		}
	}
	if s.Next(`,"note":`) {
		decode(s, s.Quoted(), &c.Note)
	}
	s.Skip(`}`)
	return c
}

// plainText reads a string that is mostly without escapes.
func plainText(s *jsonscan.Scanner) (out string) {
	text := s.Quoted()
	if jsonscan.Plain(text) {
		return string(text[1 : len(text)-1])
	}
	decode(s, text, &out)
	return out
}

// decode decodes a JSON string.
func decode(s *jsonscan.Scanner, text []byte, into any) {
	if !s.Failed && json.Unmarshal(text, into) != nil {
		s.Failed = true
	}
}

// number reads a number that is not negative, after a key.
func number(s *jsonscan.Scanner, key string) int64 {
	s.Skip(key)
	return s.Uint()
}
