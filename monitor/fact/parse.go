package fact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// ErrUnknownKind is what ParseObservation returns for a line of a kind that
// this version does not observe: readers skip it (additions only).
var ErrUnknownKind = errors.New("unknown kind")

// ParseObservation decodes one line that AppendObservation wrote. Unknown keys
// are ignored; an unknown kind gives an error that is ErrUnknownKind. Zones of
// addresses are kept where they can be interfaces.
func ParseObservation(line []byte) (Observation, error) {
	o, ok := parseWritten(line)
	if !ok {
		var err error
		if o, err = parseAny(line); err != nil {
			return o, err
		}
	}
	// A zone follows a percent sign, which may be escaped as any other.
	if len(line) > maxText || bytes.IndexByte(line, '%') >= 0 || bytes.IndexByte(line, '\\') >= 0 {
		clean(o.Fact)
	}
	return o, nil
}

// parseAny decodes a line of any form that JSON allows.
func parseAny(line []byte) (Observation, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return Observation{}, fmt.Errorf("observation: %w", err)
	}
	var o Observation
	var kind Kind
	for _, k := range []struct {
		name string
		into any
	}{{"time", &o.Time}, {"mono_ns", &o.Mono}, {"kind", &kind}, {"op", &o.Op}, {"via", &o.Via}} {
		if raw, ok := keys[k.name]; ok {
			if err := json.Unmarshal(raw, k.into); err != nil {
				return Observation{}, fmt.Errorf("observation: %s: %w", k.name, err)
			}
		}
	}
	fact, raw := kind.New(), keys[string(kind)]
	if fact == nil || raw == nil || string(raw) == "null" {
		return Observation{}, fmt.Errorf("observation: %w %q", ErrUnknownKind, Untrusted(kind).Display())
	}
	if err := json.Unmarshal(raw, fact); err != nil {
		return Observation{}, fmt.Errorf("observation: %s: %w", kind, err)
	}
	if o.Op == "" {
		o.Op = Put
	}
	if o.Op != Put && o.Op != Delete {
		return Observation{}, fmt.Errorf("observation: op %q: want put or del", Untrusted(o.Op).Display())
	}
	if !slices.Contains(vias, o.Via) {
		return Observation{}, fmt.Errorf("observation: unknown via %q", Untrusted(o.Via).Display())
	}
	o.Fact = fact
	return o, nil
}

// parseWritten decodes a line of the form in which AppendObservation writes it,
// or returns false. A fact in which something is escaped oddly, or with members that
// this version does not know, is left to encoding/json.
func parseWritten(line []byte) (o Observation, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"time":"`))
	if !ok {
		return o, false
	}
	stamp, rest, ok := bytes.Cut(rest, []byte(`","mono_ns":`))
	if !ok || o.Time.UnmarshalText(stamp) != nil {
		return o, false
	}
	mono, rest, ok := bytes.Cut(rest, []byte(`,"kind":"`))
	n, err := strconv.ParseUint(string(mono), 10, 63)
	if !ok || err != nil || len(mono) > 1 && mono[0] == '0' {
		return o, false
	}
	kind, rest, ok := bytes.Cut(rest, []byte(`",`))
	fact := Kind(kind).New()
	if !ok || fact == nil {
		return o, false
	}
	o.Mono, o.Op, o.Fact = time.Duration(n), Put, fact
	rest = o.parseHow(rest)
	rest, ok = bytes.CutPrefix(rest, []byte(`"`+Kind(kind)+`":`))
	raw, closed := bytes.CutSuffix(rest, []byte("}"))
	if !ok || !closed || len(raw) == 0 || raw[0] != '{' {
		return o, false
	}
	if scanFact(raw, fact) {
		return o, true
	}
	o.Fact = Kind(kind).New()
	return o, json.Unmarshal(raw, o.Fact) == nil
}

// parseHow reads the keys between the kind and the fact, and returns the rest.
func (o *Observation) parseHow(rest []byte) []byte {
	if after, ok := bytes.CutPrefix(rest, []byte(`"op":"put",`)); ok {
		rest = after
	} else if after, ok := bytes.CutPrefix(rest, []byte(`"op":"del",`)); ok {
		o.Op, rest = Delete, after
	}
	if !bytes.HasPrefix(rest, []byte(`"via":"`)) {
		return rest
	}
	for _, v := range vias[1:] {
		if after, ok := bytes.CutPrefix(rest, []byte(`"via":"`+v+`",`)); ok {
			o.Via, rest = v, after
		}
	}
	return rest
}
