package fact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// bitNames maps bits to the words that ip(8) prints for them, in its order.
type bitNames []bitName

type bitName struct {
	bit  uint32
	name string
}

// of returns the words of the set bits, and bits without one as a number.
func (n bitNames) of(v uint32) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, e := range n {
			if v&e.bit != 0 {
				v &^= e.bit
				if !yield(e.name) {
					return
				}
			}
		}
		if v != 0 {
			yield("0x" + strconv.FormatUint(uint64(v), 16))
		}
	}
}

func (n bitNames) marshal(v uint32) ([]byte, error) { return appendNames(nil, "[", n, v), nil }

func (n bitNames) unmarshal(b []byte) (uint32, error) {
	if v, ok := n.simple(b); ok {
		return v, nil
	}
	var names []string
	if err := json.Unmarshal(b, &names); err != nil {
		return 0, err
	}
	var v uint32
	for _, s := range names {
		bit, err := n.bitOf(s)
		if err != nil {
			return 0, err
		}
		v |= bit
	}
	return v, nil
}

// simple decodes a list of known words without escapes or spaces, or returns
// false: most lists have one word or none.
func (n bitNames) simple(b []byte) (v uint32, ok bool) {
	if string(b) == "[]" {
		return 0, true
	}
	rest, ok := bytes.CutPrefix(b, []byte(`["`))
	rest, closed := bytes.CutSuffix(rest, []byte(`"]`))
	for ok && closed {
		word, after, more := bytes.Cut(rest, []byte(`","`))
		i := slices.IndexFunc(n, func(e bitName) bool { return e.name == string(word) })
		if i < 0 {
			break
		}
		v |= n[i].bit
		if !more {
			return v, true
		}
		rest = after
	}
	return 0, false
}

func (n bitNames) bitOf(s string) (uint32, error) {
	for _, e := range n {
		if e.name == s {
			return e.bit, nil
		}
	}
	v, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("unknown flag %q", s)
	}
	return uint32(v), nil
}

// numberNames maps small kernel numbers to ip(8)'s words; an empty word and
// anything past the end stands for itself, as a number.
type numberNames []string

func (n numberNames) name(v uint8) string {
	if int(v) < len(n) && n[v] != "" {
		return n[v]
	}
	return strconv.Itoa(int(v))
}

func (n numberNames) number(b []byte) (uint8, error) {
	s := string(b)
	for i, name := range n {
		if name == s && name != "" {
			return uint8(i), nil
		}
	}
	v, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("unknown name %q", s)
	}
	return uint8(v), nil
}
