package session

import "bytes"

// A scanner reads a line of the form in which this package writes it, from the
// front. A line of any other form makes it fail, and is left to encoding/json:
// that takes every form, but ten times as long, and a day has ten thousand
// lines of samples.
type scanner struct {
	rest   []byte
	failed bool
}

// skip passes over s, which must come next.
func (s *scanner) skip(text string) { s.failed = !s.next(text) || s.failed }

// next passes over s and reports whether it came next.
func (s *scanner) next(text string) bool {
	if len(s.rest) < len(text) || string(s.rest[:len(text)]) != text {
		return false
	}
	s.rest = s.rest[len(text):]
	return true
}

// number reads an integer as JSON has it: no sign but minus, no leading zero.
func (s *scanner) number() int64 {
	negative := s.next("-")
	n, digits := int64(0), 0
	for digits < len(s.rest) && s.rest[digits]-'0' <= 9 {
		n = n*10 + int64(s.rest[digits]-'0')
		digits++
		if digits > 18 {
			break
		}
	}
	if digits == 0 || digits > 18 || digits > 1 && s.rest[0] == '0' {
		s.failed = true
		return 0
	}
	s.rest = s.rest[digits:]
	if negative {
		return -n
	}
	return n
}

// numbers appends a column to dst: integers, null for none.
func (s *scanner) numbers(dst []int64) []int64 {
	s.skip("[")
	for !s.failed {
		if s.next("null") {
			dst = append(dst, 0)
		} else {
			dst = append(dst, s.number())
		}
		if s.next("]") {
			return dst
		}
		s.skip(",")
		s.failed = s.failed || len(dst) >= maxSamples
	}
	return dst
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() []byte {
	s.skip(`"`)
	end := bytes.IndexByte(s.rest, '"')
	if s.failed || end < 0 {
		s.failed = true
		return nil
	}
	text := s.rest[:end]
	for _, c := range text {
		if c < 0x20 || c > 0x7e || c == '\\' {
			s.failed = true
			return nil
		}
	}
	s.rest = s.rest[end+1:]
	return text
}

// quoted reads a string with its quotes.
func (s *scanner) quoted() []byte {
	from := s.rest
	text := s.text()
	if s.failed {
		return nil
	}
	return from[:len(text)+2]
}
