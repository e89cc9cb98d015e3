package burst

import (
	"net/netip"
	"testing"
	"time"
)

// TestCollect: an answer that nobody has read is there for who asks for it.
func TestCollect(t *testing.T) {
	s, err := open(Datagram, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := s.Send(Packet{To: netip.MustParseAddr("127.0.0.1")})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if s.Collect(); len(s.News()) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was collected")
		}
	}
	if a := s.Answer(n); a.Refusal == nil {
		t.Errorf("%+v, want that nobody listens", a)
	}
}
