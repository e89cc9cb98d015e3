// Package jsonscan reads JSON of one known form, from the front, several times
// as fast as encoding/json, which reads every form and checks it first. Text of
// any other form makes it fail, and is left to encoding/json.
//
// Both are needed: recordings are mostly samples and rollups, which open at once
// because they are scanned, and any program may write them in another form that
// JSON allows. Each use has a fuzz test that what is scanned is what encoding/json
// reads (FuzzSamples, FuzzDecodeRollup, FuzzParseObservation).
package jsonscan

import (
	"bytes"
	"strings"
)

// A Scanner reads from Rest. Once it has Failed its results mean nothing.
type Scanner struct {
	Rest   []byte
	Failed bool
}

// Next passes over text if it comes next, and reports whether it did.
func (s *Scanner) Next(text string) bool {
	if len(s.Rest) < len(text) || string(s.Rest[:len(text)]) != text {
		return false
	}
	s.Rest = s.Rest[len(text):]
	return true
}

// Skip passes over text, which must come next.
func (s *Scanner) Skip(text string) {
	if !s.Next(text) {
		s.Failed = true
	}
}

// More passes over what follows an element of an array, a comma or the closing
// bracket, and reports whether another element does.
func (s *Scanner) More() bool {
	if s.Next(",") {
		return !s.Failed
	}
	s.Skip("]")
	return false
}

// Int reads an integer as JSON has it: no sign but minus, no leading zero.
func (s *Scanner) Int() int64 {
	if s.Next("-") {
		return -s.Uint()
	}
	return s.Uint()
}

// Uint reads an integer of at most 18 digits that is not negative.
func (s *Scanner) Uint() int64 {
	n, digits := int64(0), 0
	for digits < len(s.Rest) && s.Rest[digits]-'0' <= 9 {
		n = n*10 + int64(s.Rest[digits]-'0')
		if digits++; digits > 18 {
			break
		}
	}
	if digits == 0 || digits > 18 || digits > 1 && s.Rest[0] == '0' {
		s.Failed = true
		return 0
	}
	s.Rest = s.Rest[digits:]
	return n
}

// Text reads a string of printable ASCII without escapes, and returns what is
// between its quotes.
func (s *Scanner) Text() []byte {
	quoted := s.Quoted()
	if !Plain(quoted) {
		s.Failed = true
		return nil
	}
	return quoted[1 : len(quoted)-1]
}

// Quoted reads any string, and returns it with its quotes.
func (s *Scanner) Quoted() []byte {
	if len(s.Rest) > 0 && s.Rest[0] == '"' {
		for i := 1; i < len(s.Rest); i++ {
			switch s.Rest[i] {
			case '\\':
				i++
			case '"':
				quoted := s.Rest[:i+1]
				s.Rest = s.Rest[i+1:]
				return quoted
			}
		}
	}
	s.Failed = true
	return nil
}

// Plain reports whether a quoted string stands for the bytes between its quotes
// and those are printable ASCII.
func Plain(quoted []byte) bool {
	for _, c := range quoted {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return len(quoted) >= 2
}

// Object reads an object, up to the brace that ends it, and returns it.
func (s *Scanner) Object() []byte {
	whole, depth := s.Rest, 0
	for !s.Failed {
		i := bytes.IndexAny(s.Rest, `"{}`)
		if i < 0 {
			break
		}
		c := s.Rest[i]
		if s.Rest = s.Rest[i:]; c == '"' {
			s.Quoted()
			continue
		}
		s.Rest = s.Rest[1:]
		depth += strings.IndexByte("} {", c) - 1
		if depth <= 0 {
			return whole[:len(whole)-len(s.Rest)]
		}
	}
	s.Failed = true
	return nil
}
