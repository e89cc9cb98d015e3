package term

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"unicode/utf8"

	"flapscope/monitor/fact"
)

// mark begins every control sequence that is ours. It is made up anew by each
// process, so that text from outside can't contain it by anything but luck.
var mark = "\x1b" + strconv.FormatUint(rand.Uint64(), 36) + "["

// Style returns s in the look of an SGR sequence (ECMA-48 §8.3.117), given as
// its parameters: "1;31". Only what is written through Escape looks so.
func Style(sgr, s string) string { return mark + sgr + "m" + s + mark + "0m" }

// Escape escapes, in the text that is dst from an index on, everything that a
// terminal would act on or not show: controls but newline and tab, format
// characters, line separators, and what is no UTF-8. What Style marked becomes
// the sequence that it stands for.
func Escape(dst []byte, from int) []byte {
	if isPlain(dst[from:]) {
		return dst
	}
	raw := bytes.Clone(dst[from:])
	dst = dst[:from]
	for len(raw) > 0 {
		if c := raw[0]; c >= ' ' && c <= '~' || c == '\n' || c == '\t' {
			dst, raw = append(dst, c), raw[1:]
			continue
		}
		if n := styled(raw); n > 0 {
			dst = append(append(dst, "\x1b["...), raw[len(mark):n]...)
			raw = raw[n:]
			continue
		}
		r, size := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && size == 1:
			dst = hex.AppendEncode(append(dst, `\x`...), raw[:1])
		case fact.Printable(r):
			dst = append(dst, raw[:size]...)
		default:
			q := strconv.AppendQuoteRuneToASCII(nil, r)
			dst = append(dst, q[1:len(q)-1]...)
		}
		raw = raw[size:]
	}
	return dst
}

// styled returns the length of the sequence of ours that begins b, or 0.
func styled(b []byte) int {
	rest, ok := bytes.CutPrefix(b, []byte(mark))
	if !ok {
		return 0
	}
	n := 0
	for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == ';') {
		n++
	}
	if n == len(rest) || rest[n] != 'm' {
		return 0
	}
	return len(mark) + n + 1
}

// isPlain reports whether b is printable ASCII, newlines and tabs.
func isPlain(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// Line returns s as a part of one line: with newlines and tabs escaped too.
func Line(s string) string {
	line := Escape([]byte(s), 0)
	line = bytes.ReplaceAll(line, []byte("\n"), []byte(`\n`))
	return string(bytes.ReplaceAll(line, []byte("\t"), []byte(`\t`)))
}
