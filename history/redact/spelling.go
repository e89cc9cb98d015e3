package redact

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"flapscope/monitor/fact"
)

// A spelling is one way to write an original value.
type spelling struct {
	text string
	// bounded is whether it counts only where no letter or digit is beside it, and
	// exact whether in this case only.
	bounded, exact bool
}

// leastFree is how long a name is that is looked for within other words too.
const leastFree = 6

// spellings returns the ways to write a name: what it is made of counts too.
func spellings(s string, own func(word string) bool) (out []spelling) {
	s = s[:min(len(s), maxSpelling)]
	add := func(s string, bounded bool) {
		lower := strings.ToLower(s)
		if tells(lower, own) {
			out = append(out, spelling{lower, bounded || utf8.RuneCountInString(lower) < leastFree, false})
		}
	}
	add(s, false)
	add(fact.Untrusted(s).Display(), false)
	if _, isIP := netip.ParseAddr(s); isIP == nil {
		return out
	}
	if b, ok := parseHardware(strings.ToLower(s)); ok && len(b) == 6 {
		return append(out, hardwareSpellings([6]byte(b))...)
	}
	pieces := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if len(pieces) > 1 {
		for _, p := range pieces {
			if utf8.RuneCountInString(p) >= 4 && strings.ContainsFunc(p, unicode.IsLetter) && !group.MatchString(p) {
				add(p, true)
			}
		}
		if joined := strings.Join(pieces, ""); letters(joined) >= leastFree {
			for _, sep := range []string{"", "-", "_", ".", " ", "+", "%20", `\_`, `\-`, `\.`} {
				add(strings.Join(pieces, sep), false)
			}
		}
		// The domains that a name is in.
		for i := 1; i < len(pieces)-1 && strings.Contains(s, "."); i++ {
			add(strings.Join(pieces[i:], "."), true)
		}
	}
	if len(s) >= 4 && tells(strings.ToLower(s), own) {
		out = append(out, spelling{hex.EncodeToString([]byte(s)), false, false})
	}
	if len(s) >= leastFree && tells(strings.ToLower(s), own) {
		out = append(out, encoded([]byte(s))...)
	}
	return out
}

// group matches what may be a part of any IPv6 address, and is no word.
var group = lazily(`^(\d[0-9a-f]{3}|[0-9a-f]\d[0-9a-f]{2}|[0-9a-f]{2}\d[0-9a-f]|[0-9a-f]{3}\d)$`)

func letters(s string) (n int) {
	for _, c := range s {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n
}

// tells reports whether a word says anything about anybody: not one of the
// program's own, a number that anything can be, or a single letter.
func tells(s string, own func(word string) bool) bool {
	known := vocabulary()
	n := 0
	for p := range strings.FieldsFuncSeq(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		if known[p] || wellKnownLabels()[p] || own(p) || number.MatchString(p) {
			continue
		}
		n += utf8.RuneCountInString(p)
	}
	return n > 1
}

// encoded returns what is in any text of base64 that has the bytes in it,
// wherever they begin.
func encoded(b []byte) (out []spelling) {
	for shift := range 3 {
		padded := append(make([]byte, shift), b...)
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString(padded)
			// The first and the last letter have bits of what is beside.
			from, to := []int{0, 2, 3}[shift], len(text)
			if len(padded)%3 != 0 {
				to--
			}
			if to-from >= leastFree {
				out = append(out, spelling{text[from:to], false, true})
			}
		}
	}
	return slices.Compact(out)
}

// hardwareSpellings returns the ways to write a hardware address.
func hardwareSpellings(mac [6]byte) []spelling {
	digits := hex.EncodeToString(mac[:])
	var out []spelling
	for _, text := range []string{
		strings.ReplaceAll(formatPairs(digits), ":", "-"), strings.ReplaceAll(formatPairs(digits), ":", " "), digits,
		digits[:4] + "." + digits[4:8] + "." + digits[8:], digits[:6] + "-" + digits[6:], digits[:4] + ":" + digits[4:8] + ":" + digits[8:],
	} {
		// Digits alone are in any long number.
		out = append(out, spelling{text, letters(text) == 0, false})
	}
	out = append(out, identifierSpellings([8]byte(embed(mac)))...)
	return append(out, encoded(mac[:])...)
}

// identifierSpellings returns the ways to write the last 64 bits of an address.
func identifierSpellings(id [8]byte) []spelling {
	group := func(i int) int { return int(id[i])<<8 | int(id[i+1]) }
	return []spelling{
		{fmt.Sprintf("%x:%x:%x:%x", group(0), group(2), group(4), group(6)), true, false},
		{fmt.Sprintf("%04x:%04x:%04x:%04x", group(0), group(2), group(4), group(6)), true, false},
		{hex.EncodeToString(id[:]), true, false},
		{reversedNibbles(id[:]), false, false},
	}
}

// addressSpellings returns the ways to write an address whose pseudonym is
// another.
func addressSpellings(a, pseudonym netip.Addr) []spelling {
	out := []spelling{{a.String(), true, false}, {a.StringExpanded(), true, false}}
	out = append(out, encoded([]byte(a.String()))...)
	if a.Is4() {
		b := a.As4()
		return append(out,
			spelling{fmt.Sprintf("%d-%d-%d-%d", b[0], b[1], b[2], b[3]), true, false},
			spelling{fmt.Sprintf("%03d.%03d.%03d.%03d", b[0], b[1], b[2], b[3]), true, false},
			spelling{fmt.Sprintf("%d.%d.%d.%d.in-addr", b[3], b[2], b[1], b[0]), true, false},
			spelling{hex.EncodeToString(b[:]), true, false},
			spelling{formatHardware(b[:]), true, false},
			spelling{fmt.Sprintf("%x:%x", int(b[0])<<8|int(b[1]), int(b[2])<<8|int(b[3])), true, false},
		)
	}
	b, p := a.As16(), pseudonym.As16()
	out = append(out,
		spelling{hex.EncodeToString(b[:]), false, false}, spelling{reversedNibbles(b[:]), false, false},
		spelling{strings.ReplaceAll(a.StringExpanded(), ":", "-"), false, false},
	)
	if [8]byte(b[:8]) != [8]byte(p[:8]) {
		network := netip.AddrFrom16([16]byte(append(b[:8:8], make([]byte, 8)...))).String()
		out = append(out, spelling{strings.TrimSuffix(network, "::"), true, false}, spelling{reversedNibbles(b[:8]), false, false})
	}
	if [8]byte(b[8:]) != [8]byte(p[8:]) {
		out = append(out, identifierSpellings([8]byte(b[8:]))...)
	}
	return out
}

// reversedNibbles is how ip6.arpa has an address (RFC 3596).
func reversedNibbles(b []byte) string {
	digits := []byte(hex.EncodeToString(b))
	slices.Reverse(digits)
	out := make([]byte, 0, 2*len(digits))
	for _, d := range digits {
		out = append(out, d, '.')
	}
	return string(out[:len(out)-1])
}
