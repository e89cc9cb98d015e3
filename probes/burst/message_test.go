package burst

import (
	"encoding/binary"
	"testing"

	"flapscope/probes/icmp"
)

var cookie = [cookieLen]byte{1, 2, 3, 4, 5, 6, 7, 8}

// Routers that share a load among paths look at the first words of a packet: all
// of one socket are alike there.
func TestOneFlow(t *testing.T) {
	first := echoRequest(false, 7, 1, cookie, 0)
	for seq := range uint16(300) {
		m := echoRequest(false, 7, seq, cookie, 0)
		if [4]byte(m[:4]) != [4]byte(first[:4]) {
			t.Fatalf("request %d begins with % x, the first with % x", seq, m[:4], first[:4])
		}
		if icmp.Checksum(m) != 0 {
			t.Fatalf("request %d has a wrong checksum", seq)
		}
	}
}

func TestMessages(t *testing.T) {
	for _, is6 := range []bool{false, true} {
		m := echoRequest(is6, 7, 300, cookie, 1500)
		if want := 1500 - ipHeader; !is6 && len(m) != want || is6 && len(m) != 1500-ip6Header {
			t.Errorf("a packet of 1500 bytes has a message of %d", len(m))
		}
		if seq, ok := parseQuote(false, is6, 0, m); !ok || seq != 300 {
			t.Errorf("quoted as %d, %v", seq, ok)
		}
		if _, ok := parseQuote(false, is6, 8, m); ok {
			t.Error("a quote of another's request is ours")
		}
		if m[0] = icmp.EchoReply; is6 {
			m[0] = icmp.EchoReply6
		}
		if seq, ok := parseReply(is6, m, cookie); !ok || seq != 300 {
			t.Errorf("reply to %d, %v", seq, ok)
		}
		if _, ok := parseReply(is6, m, [cookieLen]byte{}); ok {
			t.Error("a reply to another is ours")
		}
		if seq, ok := parseQuote(true, is6, 0, datagram(is6, 300, cookie, 0)); !ok || seq != 300 {
			t.Errorf("datagram quoted as %d, %v", seq, ok)
		}
	}
	if _, ok := parseQuote(true, false, 0, nil); ok {
		t.Error("a quote without a payload names a packet")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(echoRequest(false, 7, 300, cookie, 0), false)
	f.Add(echoRequest(true, 7, 300, cookie, 0), true)
	f.Add([]byte{0x4f}, false)
	f.Fuzz(func(t *testing.T, b []byte, is6 bool) {
		if seq, ok := parseReply(is6, b, cookie); ok && seq != binary.BigEndian.Uint16(b[6:]) {
			t.Errorf("reply to %d of % x", seq, b)
		}
		parseQuote(false, is6, 7, b)
		parseQuote(true, is6, 7, b)
	})
}
