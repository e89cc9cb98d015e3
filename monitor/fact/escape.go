package fact

import (
	"encoding/binary"
	"encoding/json"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable reports whether a terminal shows r, and does nothing else with it.
// Controls (C0, DEL and C1), format characters (bidi overrides, zero widths),
// line and paragraph separators, and what has no meaning yet are not.
func Printable(r rune) bool { return unicode.IsPrint(r) }

// AppendJSON appends the JSON form of v to dst, as encoding/json has it but for
// what EscapeJSON escapes. All JSON that leaves the program is made by this or
// by AppendObservation and AppendEvent.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return dst, err
	}
	from := len(dst)
	return EscapeJSON(append(dst, b...), from), nil
}

// EscapeJSON escapes, in the JSON that is dst from an index on, every character
// that is not Printable. Package encoding/json leaves DEL, C1 controls and
// format characters as they are, which is good JSON; but a terminal that shows
// the JSON obeys them. They occur in strings only, where an escape means the
// same.
func EscapeJSON(dst []byte, from int) []byte {
	if isPlain(dst[from:]) {
		return dst
	}
	raw := append([]byte(nil), dst[from:]...)
	dst = dst[:from]
	for len(raw) > 0 {
		if c := raw[0]; c < 0x7f {
			dst, raw = append(dst, c), raw[1:]
			continue
		}
		r, size := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, `\ufffd`...)
		case Printable(r):
			dst = append(dst, raw[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = appendEscape(appendEscape(dst, high), low)
		default:
			dst = appendEscape(dst, r)
		}
		raw = raw[size:]
	}
	return dst
}

// appendEscape appends a character below U+10000 as JSON escapes it.
func appendEscape(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// isPlain reports whether b has no byte from DEL on. It looks at eight at a
// time: every line of JSON passes here.
func isPlain(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		// Adding one to DEL sets the top bit. A carry comes from a byte whose
		// own top bit was set.
		if v := binary.LittleEndian.Uint64(b); (v|(v+ones))&tops != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= 0x7f {
			return false
		}
	}
	return true
}
