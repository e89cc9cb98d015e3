package echo

import (
	"testing"
)

func TestMessages(t *testing.T) {
	cookie := [cookieLen]byte{1, 2, 3, 4, 5, 6, 7, 8}
	for _, is6 := range []bool{false, true} {
		m := request(is6, 0x1234, 0xabcd, cookie)
		if id, seq, ok := parseQuote(is6, m[:headerLen]); !ok || id != 0x1234 || seq != 0xabcd {
			t.Errorf("quoted: %#x %#x %v", id, seq, ok)
		}
		if !is6 && checksum(m[:]) != 0 {
			t.Errorf("checksum over all is %#x, want 0 (RFC 1071)", checksum(m[:]))
		}
		if _, ok := parseReply(is6, m[:], cookie); ok {
			t.Error("a request is no reply")
		}
		reply := m
		reply[0] = replyType
		if is6 {
			reply[0] = replyType6
		}
		if seq, ok := parseReply(is6, reply[:], cookie); !ok || seq != 0xabcd {
			t.Errorf("replied: %#x %v", seq, ok)
		}
		reply[headerLen] ^= 1
		if _, ok := parseReply(is6, reply[:], cookie); ok {
			t.Error("the reply to another program's request is none of ours")
		}
	}
}

func FuzzMessages(f *testing.F) {
	m := request(false, 1, 2, [cookieLen]byte{3})
	f.Add(m[:])
	f.Add(append([]byte{0x45, 19: 0}, m[:]...))
	f.Add([]byte{0x4f, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, is6 := range []bool{false, true} {
			_, reply := parseReply(is6, b, [cookieLen]byte{})
			_, _, quote := parseQuote(is6, b)
			if reply && quote {
				t.Error("both a reply and a request")
			}
		}
		if rest := skipHeader(b); len(rest) > max(0, len(b)-20) {
			t.Errorf("%d bytes behind a header in %d", len(rest), len(b))
		}
	})
}
