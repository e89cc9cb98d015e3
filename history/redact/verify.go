package redact

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"flapscope/monitor/fact"
)

// ErrFound means that something that was to be taken out is in the output.
var ErrFound = errors.New("not redacted")

// gram is how many bytes a spelling is looked up by.
const gram = 4

// A matcher looks for many texts at once, in lower case.
type matcher struct {
	// grams has a bit for each hash of what one of them begins with, and likely one
	// for a part of the hash: it is small enough to stay in the cache of a core.
	grams  [1 << 18]uint64
	likely [1 << 10]uint64
	// begin are the spellings by their first bytes, and words those that are too
	// short for it.
	begin map[uint32][]pattern
	words map[string]bool
	// initial has the first bytes of the words.
	initial [256]bool
	// longest is the longest of them.
	longest int
}

// A pattern is a spelling in lower case.
type pattern struct {
	lower, exact string
	bounded      bool
}

func (m *matcher) add(s spelling) {
	if len(s.text) > maxSpelling {
		s.text, s.bounded = s.text[:maxSpelling], false
	}
	p := pattern{lower: string(appendLower(nil, []byte(s.text))), bounded: s.bounded}
	if s.exact {
		p.exact = s.text
	}
	m.longest = max(m.longest, len(p.lower))
	if len(p.lower) < gram {
		m.words[p.lower] = true
		if p.lower != "" {
			m.initial[p.lower[0]] = true
		}
		return
	}
	k := binary.LittleEndian.Uint32([]byte(p.lower))
	m.begin[k] = append(m.begin[k], p)
	h := hash(k)
	m.grams[h>>6] |= 1 << (h & 63)
	m.likely[h>>14] |= 1 << (h >> 8 & 63)
}

// maxSpelling is how much of a text is looked for, in bytes.
const maxSpelling = 256

// hash returns a number of 24 bits.
func hash(k uint32) uint32 { return k * 2654435761 >> 8 }

// find returns the first of the patterns that begins in a text between two
// places, or "". The text is given as it is and in lower case.
func (m *matcher) find(text, lower []byte, from, to int) string {
	for i := m.next(lower, from, to); i < to; i = m.next(lower, i+1, to) {
		for _, p := range m.begin[binary.LittleEndian.Uint32(lower[i:])] {
			if len(lower)-i < len(p.lower) || string(lower[i:i+len(p.lower)]) != p.lower || p.bounded && !alone(lower, i, i+len(p.lower)) {
				continue
			}
			// Only ASCII has an exact spelling: where the lengths differ, not far.
			if near := max(0, i-(len(text)-len(lower))); p.exact == "" || bytes.Contains(text[min(near, i):min(len(text), max(near, i)+len(p.exact))], []byte(p.exact)) {
				return p.lower
			}
		}
	}
	if len(m.words) > 0 {
		return m.word(lower, from, to)
	}
	return ""
}

// next returns the first place from i on where one of the patterns may begin, or to.
func (m *matcher) next(lower []byte, i, to int) int {
	end := min(to, len(lower)-gram+1)
	for i < end {
		// Most places are none: four are passed over at once.
		for i+2*gram <= end {
			b := binary.LittleEndian.Uint64(lower[i:])
			if m.maybe(uint32(b))|m.maybe(uint32(b>>8))|m.maybe(uint32(b>>16))|m.maybe(uint32(b>>24)) != 0 {
				break
			}
			i += gram
		}
		for last := min(i+gram, end); i < last; i++ {
			k := binary.LittleEndian.Uint32(lower[i:])
			if h := hash(k); m.maybe(k) != 0 && m.grams[h>>6]>>(h&63)&1 != 0 {
				return i
			}
		}
	}
	return to
}

// maybe is not 0 where a pattern may begin with four bytes.
func (m *matcher) maybe(k uint32) uint64 {
	h := hash(k)
	return m.likely[h>>14] >> (h >> 8 & 63) & 1
}

// word is find for those that are too short to be a part of a word.
func (m *matcher) word(lower []byte, from, to int) string {
	for i := from; i < to; {
		end := i
		for end < len(lower) {
			if c := lower[end]; c < utf8.RuneSelf {
				if !asciiLetter[c] {
					break
				}
				end++
				continue
			}
			c, size := utf8.DecodeRune(lower[end:])
			if !letter(c) {
				break
			}
			end += size
		}
		if n := end - i; n > 0 && n < gram && m.initial[lower[i]] && m.words[string(lower[i:end])] && alone(lower, i, end) {
			return string(lower[i:end])
		}
		// What ended it is no letter.
		i = end + 1
		if end < len(lower) && lower[end] >= utf8.RuneSelf {
			_, size := utf8.DecodeRune(lower[end:])
			i = end + size
		}
	}
	return ""
}

// alone reports whether what stands from from to to is not a part of a longer
// word or address.
func alone(text []byte, from, to int) bool {
	before, size := utf8.DecodeLastRune(text[:from])
	if letter(before) {
		return false
	}
	if before == '.' || before == ':' {
		// 1.192.0.2.1 is none; a sentence can end before an address.
		if b, _ := utf8.DecodeLastRune(text[:from-size]); unicode.IsDigit(b) && before == '.' {
			return false
		}
	}
	after, size := utf8.DecodeRune(text[to:])
	if letter(after) {
		return false
	}
	if after == '.' || after == ':' {
		a, _ := utf8.DecodeRune(text[min(to+size, len(text)):])
		return !unicode.IsDigit(a) || after == ':' && bytes.Contains(text[from:to], []byte{'.'})
	}
	return true
}

// asciiLetter is letter of ASCII, which is nearly all there is.
var asciiLetter = func() (of [utf8.RuneSelf]bool) {
	for c := range of {
		of[c] = letter(rune(c))
	}
	return of
}()

func letter(c rune) bool { return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c)) }

// A Verifier looks for original values in a finished output.
type Verifier struct{ matcher *matcher }

// Verifier returns one for all that was replaced so far. Own reports whether a
// word is in every output of its kind, whatever was recorded.
func (r *Redactor) Verifier(own func(word string) bool) *Verifier {
	if own == nil {
		own = func(string) bool { return false }
	}
	m := &matcher{begin: map[uint32][]pattern{}, words: map[string]bool{}}
	add := func(list []spelling) {
		for _, s := range list {
			m.add(s)
		}
	}
	for s := range r.originals {
		if r.keeps(s) {
			continue
		}
		add(spellings(s, own))
	}
	for a, p := range r.addresses {
		if a != p {
			add(addressSpellings(a, p))
		}
	}
	for a, p := range r.prefixes {
		if a.Masked() != p {
			add(addressSpellings(a.Masked().Addr(), p.Addr()))
		}
	}
	return &Verifier{m}
}

// keeps reports whether something that stays is the same as what was replaced
// elsewhere: a network that is called as an interface is.
func (r *Redactor) keeps(s string) bool {
	a, err := netip.ParseAddr(s)
	return r.interfaces[s] || err == nil && r.addresses[a.WithZone("")] == a.WithZone("")
}

// A piece is a part of an output. What begins in it is looked for from from on
// and before to.
type piece struct {
	text     []byte
	from, to int
}

// Verify reads an output to its end and returns ErrFound if an original value is
// in it.
func (v *Verifier) Verify(in io.Reader) error {
	var work sync.WaitGroup
	var found atomic.Pointer[string]
	pieces := make(chan piece)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			var lower []byte
			for p := range pieces {
				lower = appendLower(lower[:0], p.text)
				// Letters can be shorter or longer in lower case.
				slack := len(lower) - len(p.text)
				slack = max(slack, -slack)
				if s := v.matcher.find(p.text, lower, max(0, p.from-slack), min(len(lower), p.to+slack)); s != "" {
					found.Store(&s)
				}
			}
		})
	}
	err := v.cut(in, func(p piece) bool {
		pieces <- p
		return found.Load() == nil
	})
	close(pieces)
	work.Wait()
	if s := found.Load(); s != nil {
		return fmt.Errorf("%w: %q is in the output", ErrFound, fact.Untrusted(*s).Display())
	}
	return err
}

// cut reads an output in pieces, until yield returns false. What begins near the
// end of one is looked for in the next, which has it and what comes before it.
func (v *Verifier) cut(in io.Reader, yield func(piece) bool) error {
	const size, margin = 1 << 20, 4 * utf8.UTFMax
	keep := 2*v.matcher.longest + margin
	var rest []byte
	for from := 0; ; from = margin {
		text := make([]byte, size+len(rest)+keep)
		n, err := io.ReadFull(in, text[copy(text, rest):])
		text = text[:len(rest)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		to := len(text)
		if !last {
			to -= keep
		}
		if !yield(piece{text, from, to}) || last {
			return nil
		}
		rest = text[to-margin:]
	}
}

// ones has a one in each byte, and high the highest bit of each.
const (
	ones = 0x0101010101010101
	high = ones << 7
)

// appendLower appends text in lower case. ASCII is folded eight letters at a time,
// what is not letter by letter.
func appendLower(dst, text []byte) []byte {
	dst = slices.Grow(dst, len(text))
	for i := 0; i < len(text); {
		for ; i+8 <= len(text); i += 8 {
			b := binary.LittleEndian.Uint64(text[i:])
			if b&high != 0 {
				break
			}
			// Only from A on and not beyond Z does one of these sums reach the high bit
			// of its byte, which is moved to where lower case differs.
			upper := ((b + ones*(128-'A')) ^ (b + ones*(127-'Z'))) & high
			dst = binary.LittleEndian.AppendUint64(dst, b|upper>>2)
		}
		if i == len(text) {
			break
		}
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}
