package fact

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Untrusted is text whose bytes came from the air, the wire, another process
// or a recording: SSIDs, interface names and aliases, DNS names, HTTP headers.
// Its String and its JSON are the Display form, so that no formatting verb can
// let a control sequence through by accident.
type Untrusted string

// maxDisplay bounds the display form, in runes: longer than any SSID (32
// octets, IEEE 802.11-2020 §9.4.2.2) and any DNS name that fits a line.
const maxDisplay = 256

// Display returns the text with everything that is not a visible character
// (C0 and C1 controls, bidi and other format characters, combining marks
// without end, invalid UTF-8) escaped as \xNN or \uNNNN, a backslash doubled,
// and cut after 256 runes. The result is safe for a terminal, JSON, Markdown
// source and log files, and holds no newline.
func (u Untrusted) Display() string {
	s := string(u)
	if plain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i, n := 0, 0; i < len(s); n++ {
		if n == maxDisplay {
			b.WriteRune('…')
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + hex2(s[i]))
		case r == '\\':
			b.WriteString(`\\`)
		case unicode.Is(unicode.M, r):
			// One mark after a letter is spelling, a pile of them is an attack
			// on the line above.
			if marks++; marks > 1 || n == 0 {
				b.WriteString(escape(r))
			} else {
				b.WriteRune(r)
			}
			i += size
			continue
		case !unicode.IsPrint(r) || isJoiner(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		marks = 0
		i += size
	}
	return b.String()
}

// String returns the display form.
func (u Untrusted) String() string { return u.Display() }

// MarshalText encodes the display form.
func (u Untrusted) MarshalText() ([]byte, error) { return []byte(u.Display()), nil }

// maxText bounds the display form in bytes: an escape has ten at most. No longer text
// is written, and what is longer of a line that is read is cut.
const maxText = 10*maxDisplay + len("…")

// UnmarshalText decodes the display form back to the original bytes, where it
// was not cut.
func (u *Untrusted) UnmarshalText(b []byte) error {
	s := string(b)
	if !strings.ContainsRune(s, '\\') {
		*u = Untrusted(s)
		return nil
	}
	var out strings.Builder
	for len(s) > 0 {
		if s[0] != '\\' {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if strings.HasPrefix(s, `\x`) && len(s) >= 4 {
			if v, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
				out.WriteByte(byte(v))
				s = s[4:]
				continue
			}
		}
		r, _, tail, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		out.WriteRune(r)
		s = tail
	}
	*u = Untrusted(out.String())
	return nil
}

// verbIf chooses the verb of a sentence about a fact.
func verbIf(cond bool, yes, no Untrusted) Untrusted {
	if cond {
		return yes
	}
	return no
}

// plain reports whether s is printable ASCII without a backslash and short:
// the common case.
func plain(s string) bool {
	if len(s) > maxDisplay {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e || s[i] == '\\' {
			return false
		}
	}
	return true
}

// isJoiner reports runes that unicode.IsPrint lets through but terminals
// disagree about the width of: variation selectors are marks, skin tones are
// not.
func isJoiner(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

func escape(r rune) string {
	q := strconv.QuoteRuneToASCII(r)
	return q[1 : len(q)-1]
}

func hex2(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}
