package echo

import (
	"testing"

	"flapscope/probes/icmp"
)

func TestMessages(t *testing.T) {
	cookie := [cookieLen]byte{1, 2, 3, 4, 5, 6, 7, 8}
	for is6, kind := range map[bool]byte{false: icmp.EchoReply, true: icmp.EchoReply6} {
		m := request(is6, 0x1234, 0xabcd, cookie)
		if _, ok := parseReply(is6, m[:], cookie); ok {
			t.Error("a request is no reply")
		}
		m[0] = kind
		if seq, ok := parseReply(is6, m[:], cookie); !ok || seq != 0xabcd {
			t.Errorf("replied: %#x %v", seq, ok)
		}
		if _, ok := parseReply(is6, m[:icmp.HeaderLen+cookieLen-1], cookie); ok {
			t.Error("a reply with a part of the cookie is one")
		}
		m[icmp.HeaderLen] ^= 1
		if _, ok := parseReply(is6, m[:], cookie); ok {
			t.Error("the reply to another program's request is none of ours")
		}
	}
}
