package hostile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Token is in every payload: where it is shown, the payload was.
const Token = "PWND"

// forged begins a line that only a payload can have begun.
const forged = "FORGED"

// A Payload is text that does something to a terminal that shows it.
type Payload struct{ Name, Text string }

// Payloads are the kinds of text to plant.
var Payloads = []Payload{
	{"sgr", "\x1b[5;41m" + Token},
	{"csi", "\x1b[2J\x1b[H" + Token},
	{"reset", "\x1bc" + Token},
	{"title", "\x1b]0;" + Token + "\x07"},
	{"link", "\x1b]8;;http://x.invalid/\x1b\\" + Token + "\x1b]8;;\x1b\\"},
	{"clipboard", "\x1b]52;c;UFdORA==\x07" + Token},
	{"dcs", "\x1bP$q" + Token + "\x1b\\"},
	{"apc", "\x1b_" + Token + "\x1b\\"},
	{"bell", "\x07" + Token},
	{"return", Token + "\r" + forged},
	{"backspace", Token + "\b\b\b\bSAFE"},
	{"c1", "\u009b2J\u009d0;" + Token + "\u009c"},
	{"del", Token + "\x7f\x00"},
	{"bidi", "\u202e" + Token + "\u2066\u2069\u061c\u202c"},
	{"zero width", "\u200b\u200d\u2060\ufeff\u00ad" + Token + "\U000e0041"},
	{"separators", Token + "\u2028" + forged + "\u2029" + forged + "\u0085" + forged},
	{"newline", Token + "\n" + forged + "\v" + forged + "\f" + forged + "\t" + forged},
	// What is no UTF-8 is written by hand: encoding/json would replace it.
	{"invalid", "\xff\x9b2J\xc2" + Token + "\xed\xa0\x80"},
	{"long", strings.Repeat(Token+"\x1b[2J", 4000)},
}

// Together is all payloads but the long one, in one, short enough to be shown
// whole.
var Together = func() Payload {
	all := Payload{Name: "together"}
	for _, p := range Payloads {
		if p.Name != "long" {
			all.Text += p.Text
		}
	}
	return all
}()

// ownStyle is the styling that the text output of commands may have.
var ownStyle = regexp.MustCompile("\x1b\\[(0|1|2|3[1-4])m")

// Trouble says what in an output would do something to a terminal, or "".
func Trouble(out string) string {
	out = ownStyle.ReplaceAllString(out, "")
	if !utf8.ValidString(out) {
		return "invalid UTF-8"
	}
	for i, r := range out {
		if r != '\n' && !unicode.IsPrint(r) {
			return fmt.Sprintf("%U in %q", r, out[max(0, i-30):min(len(out), i+30)])
		}
	}
	if i := strings.Index(out, "\n"+forged); i >= 0 {
		return fmt.Sprintf("a forged line in %q", out[max(0, i-30):min(len(out), i+30)])
	}
	return ""
}
