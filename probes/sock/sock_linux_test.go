package sock

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cmsg is a control message of a 64-bit little-endian machine: struct cmsghdr and
// data.
func cmsg(level, kind int, data ...byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := [...]int{unix.CmsgLen(len(data)), level, kind}
	b[0], b[8], b[12] = byte(h[0]), byte(h[1]), byte(h[2])
	copy(b[unix.CmsgLen(0):], data)
	return b
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func TestParse(t *testing.T) {
	router, router6 := netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("2001:db8::9")
	for name, tt := range map[string]struct {
		oob  []byte
		want Control
	}{
		"reply": {
			joined(
				cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, unhex("0100000000000000 0200000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000")...),
				cmsg(unix.IPPROTO_IP, unix.IP_TTL, 63, 0, 0, 0),
				cmsg(unix.IPPROTO_IP, unix.IP_PKTINFO, unhex("07000000 c0000201 c0000201")...),
			),
			Control{Stamp: time.Unix(1, 2), TTL: 63, Index: 7, To: netip.MustParseAddr("192.0.2.1")},
		},
		"prohibited by a router": {
			cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("71000000 02 03 0d 00 00000000 00000000 0200 0000 c0000209 0000000000000000")...),
			Control{Refusal: &Refusal{Errno: unix.EHOSTUNREACH, Protocol: ICMP, Type: 3, Code: 13, Offender: router}},
		},
		"too big": {
			cmsg(unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unhex("5a000000 03 02 00 00 78050000 00000000 0a00 0000 00000000 20010db8000000000000000000000009 00000000")...),
			Control{Refusal: &Refusal{Errno: unix.EMSGSIZE, Protocol: ICMPv6, Type: 2, MTU: 1400, Offender: router6}},
		},
		"own": {
			joined(
				cmsg(unix.IPPROTO_IP, unix.IP_PKTINFO, unhex("02000000 c0000209 c0000209")...),
				cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("71000000 02 03 01 00 00000000 00000000 0200 0000 c0000209 0000000000000000")...),
			),
			Control{Index: 2, To: router, Refusal: &Refusal{Errno: unix.EHOSTUNREACH, Protocol: ICMP, Type: 3, Code: 1, Offender: router, Own: true}},
		},
		"into the driver": {
			cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("2a000000 04 00 00 00 00000000 07000000")...),
			Control{Departure: &Departure{ID: 7}},
		},
		"into the queue": {
			cmsg(unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unhex("2a000000 04 00 00 00 01000000 08000000")...),
			Control{Departure: &Departure{Queued: true, ID: 8}},
		},
		"acknowledged":     {cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("2a000000 04 00 00 00 02000000 00000000")...), Control{}},
		"cut off":          {cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("71000000 02 03")...), Control{}},
		"stamp of no time": {cmsg(unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, make([]byte, 48)...), Control{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Parse(tt.oob)
			want := tt.want
			if got.Refusal != nil && want.Refusal != nil {
				if *got.Refusal != *want.Refusal {
					t.Errorf("refusal %+v, want %+v", *got.Refusal, *want.Refusal)
				}
				got.Refusal, want.Refusal = nil, nil
			}
			if got.Departure != nil && want.Departure != nil && *got.Departure == *want.Departure {
				got.Departure, want.Departure = nil, nil
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func FuzzParse(f *testing.F) {
	f.Add(cmsg(unix.IPPROTO_IP, unix.IP_RECVERR, unhex("71000000 02 03 0d 00 00000000 00000000 0200 0000 c0000209 0000000000000000")...))
	f.Add(cmsg(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, make([]byte, 20)...))
	f.Fuzz(func(t *testing.T, oob []byte) {
		if r := Parse(oob).Refusal; r != nil && (r.Error() == "" || strings.HasPrefix(r.Error(), ",")) {
			t.Errorf("%+v has no words", *r)
		}
	})
}

func TestRefusalWords(t *testing.T) {
	gateway := netip.MustParseAddr("192.0.2.1")
	for _, tt := range []struct {
		refusal Refusal
		want    string
	}{
		{Refusal{Protocol: ICMP, Type: 3, Code: 13, Offender: gateway}, "administratively prohibited, says 192.0.2.1"},
		{Refusal{Protocol: ICMP, Type: 3, Code: 4, MTU: 1400, Offender: gateway}, "packet too big for a path MTU of 1400, says 192.0.2.1"},
		{Refusal{Protocol: ICMP, Type: 3, Code: 1, Offender: gateway, Own: true}, "host unreachable: no answer to ARP"},
		{Refusal{Protocol: ICMP, Type: 11, Offender: gateway}, "time to live exceeded, says 192.0.2.1"},
		{Refusal{Protocol: ICMP, Type: 3, Code: 200, Offender: gateway}, "ICMP type 3, code 200, says 192.0.2.1"},
		{Refusal{Protocol: ICMPv6, Type: 1, Code: 2}, "source address beyond its scope"},
		{Refusal{Protocol: ICMPv6, Type: 1, Code: 6}, "rejected by a route"},
		{Refusal{Protocol: ICMPv6, Type: 1, Code: 3, Own: true}, "host unreachable: no answer to neighbour discovery"},
		{Refusal{Errno: syscall.EPERM}, "operation not permitted"},
	} {
		if got := tt.refusal.Error(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.refusal, got, tt.want)
		}
	}
}
