//go:build linux

package wireless

import (
	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// genlHeaderLen is the length of struct genlmsghdr: command, version, reserved.
const genlHeaderLen = 4

// generic splits the body of a message into its command and attributes.
func generic(body []byte) (command uint8, attrs []byte, ok bool) {
	if len(body) < genlHeaderLen {
		return 0, nil, false
	}
	return body[0], body[genlHeaderLen:], true
}

// A mac is a link-layer address of six bytes.
type mac [6]byte

// macOf returns the address at the beginning of b, or the zero mac.
func macOf(b []byte) (m mac) {
	if len(b) >= len(m) {
		copy(m[:], b)
	}
	return m
}

// text is the address in hex with colons, or "" for none.
func (m mac) text() fact.Untrusted {
	if m == (mac{}) {
		return ""
	}
	return fact.Untrusted(nlwire.Value(m[:]).Hardware())
}
