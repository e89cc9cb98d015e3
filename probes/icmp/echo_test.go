package icmp

import "testing"

func TestEcho(t *testing.T) {
	for _, is6 := range []bool{false, true} {
		for _, payload := range []string{"", "odd", "even"} {
			m := append(make([]byte, HeaderLen), payload...)
			PutRequest(m, is6, 0x1234, 0xabcd)
			if id, seq, ok := Quote(is6, m[:HeaderLen]); !ok || id != 0x1234 || seq != 0xabcd {
				t.Errorf("quoted: %#x %#x %v", id, seq, ok)
			}
			if !is6 && Checksum(m) != 0 {
				t.Errorf("checksum over all is %#x, want 0 (RFC 1071)", Checksum(m))
			}
			if _, _, ok := Reply(is6, m); ok {
				t.Error("a request is no reply")
			}
			if m[0] = EchoReply; is6 {
				m[0] = EchoReply6
			}
			if seq, got, ok := Reply(is6, m); !ok || seq != 0xabcd || string(got) != payload {
				t.Errorf("replied: %#x %q %v", seq, got, ok)
			}
		}
	}
}

func FuzzEcho(f *testing.F) {
	m := make([]byte, HeaderLen+3)
	PutRequest(m, false, 1, 2)
	f.Add(m)
	f.Add(append([]byte{0x45, 19: 0}, m...))
	f.Add([]byte{0x4f, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, is6 := range []bool{false, true} {
			_, _, reply := Reply(is6, b)
			_, _, quote := Quote(is6, b)
			if reply && quote {
				t.Error("both a reply and a request")
			}
		}
		if rest := SkipHeader(b); len(rest) > max(0, len(b)-20) {
			t.Errorf("%d bytes behind a header in %d", len(rest), len(b))
		}
		_ = Checksum(b)
	})
}
