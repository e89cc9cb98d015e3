//go:build linux

package stalled

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// message is one answer of a dump.
func message(family, timer, retries byte, local, remote netip.AddrPort, uid, inode uint32) []byte {
	b := make([]byte, unix.SizeofNlMsghdr+messageSize)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], sockDiagByFamily)
	m := b[unix.SizeofNlMsghdr:]
	m[0], m[1], m[2], m[3] = family, 1, timer, retries
	binary.BigEndian.PutUint16(m[4:], local.Port())
	binary.BigEndian.PutUint16(m[6:], remote.Port())
	copy(m[8:], local.Addr().AsSlice())
	copy(m[24:], remote.Addr().AsSlice())
	binary.NativeEndian.PutUint32(m[64:], uid)
	binary.NativeEndian.PutUint32(m[68:], inode)
	return b
}

func TestParse(t *testing.T) {
	here, there := netip.MustParseAddrPort("192.0.2.7:40000"), netip.MustParseAddrPort("203.0.113.9:443")
	here6, there6 := netip.MustParseAddrPort("[2001:db8::7]:40001"), netip.MustParseAddrPort("[2001:db8:9::9]:443")
	loop := netip.MustParseAddrPort("127.0.0.1:80")
	s := scan{uid: 1000, own: map[uint32]bool{7: true}}
	var b []byte
	for _, m := range [][]byte{
		message(unix.AF_INET, timerRetransmit, 3, here, there, 1000, 5),
		message(unix.AF_INET, timerRetransmit, 0, here, there, 1000, 5), // Sent once, and not late.
		message(unix.AF_INET, 2, 9, here, there, 1000, 5),               // Keepalive.
		message(unix.AF_INET6, timerRetransmit, 1, here6, there6, 1000, 6),
		message(unix.AF_INET, timerRetransmit, 3, here, there, 1001, 5),
		message(unix.AF_INET, timerRetransmit, 3, here, there, 1000, 7),
		message(unix.AF_INET, timerRetransmit, 3, here, there, 1000, 0),
		message(unix.AF_INET, timerRetransmit, 3, loop, loop, 1000, 5),
		message(9, timerRetransmit, 3, here, there, 1000, 5),
	} {
		b = append(b, m...)
	}
	got, done := s.parse(b)
	want := []Connection{{here, there, true, 3}, {here, there, false, 0}, {here, there, false, 9}, {here6, there6, true, 1}}
	if done || len(got) != len(want) {
		t.Fatalf("got %v, done %v; want %v", got, done, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	end := make([]byte, unix.SizeofNlMsghdr)
	binary.NativeEndian.PutUint32(end, uint32(len(end)))
	binary.NativeEndian.PutUint16(end[4:], unix.NLMSG_DONE)
	if _, done := s.parse(append(b, end...)); !done {
		t.Error("the end of the dump was not seen")
	}
}

func FuzzParse(f *testing.F) {
	here, there := netip.MustParseAddrPort("192.0.2.7:40000"), netip.MustParseAddrPort("203.0.113.9:443")
	f.Add(message(unix.AF_INET, 1, 3, here, there, 0, 5))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := scan{}
		all, _ := s.parse(b)
		if len(all) > len(b)/messageSize {
			t.Errorf("%d connections of %d bytes", len(all), len(b))
		}
		for _, c := range all {
			if !c.Local.IsValid() || !c.Remote.IsValid() {
				t.Errorf("a connection without addresses: %v", c)
			}
		}
	})
}
