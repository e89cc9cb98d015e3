//go:build linux

package kernel

import (
	"encoding"
	"fmt"
	"net"
	"net/netip"
	"testing"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

// A rival is a decoder of this package beside that of jsimonetti/rtnetlink.
type rival struct {
	name string
	get  netlink.HeaderType
	// size is the length of the fixed part of a request.
	size int
	// ours and theirs say what both decode of a message, or only decode it.
	ours   func(b []byte, say bool) (string, error)
	theirs func(b []byte, say bool) (string, error)
}

// theirs decodes into a message of the library.
func theirs[M encoding.BinaryUnmarshaler](empty func() M, words func(M) string) func([]byte, bool) (string, error) {
	return func(b []byte, say bool) (string, error) {
		m := empty()
		if err := m.UnmarshalBinary(b); err != nil || !say {
			return "", err
		}
		return words(m), nil
	}
}

// ours decodes with a decoder of this package.
func ours[F any](decode func([]byte) (*F, error), words func(*F) string) func([]byte, bool) (string, error) {
	return func(b []byte, say bool) (string, error) {
		f, err := decode(b)
		if err != nil || !say {
			return "", err
		}
		return words(f), nil
	}
}

// valueOf returns what a pointer of the library points to, or zero.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// ip is an address of the library.
func ip(b net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

func rivals() []rival {
	return []rival{
		{"links", unix.RTM_GETLINK, unix.SizeofIfInfomsg, ours(decodeLink, linkWords), theirs(
			func() *rtnetlink.LinkMessage { return new(rtnetlink.LinkMessage) }, theirLinkWords)},
		{"addresses", unix.RTM_GETADDR, unix.SizeofIfAddrmsg, ours(decodeAddressNow, addressWords), theirs(
			func() *rtnetlink.AddressMessage { return new(rtnetlink.AddressMessage) }, theirAddressWords)},
		{"routes", unix.RTM_GETROUTE, unix.SizeofRtMsg, ours(decodeRouteMessage, routeWords), theirs(
			func() *rtnetlink.RouteMessage { return new(rtnetlink.RouteMessage) }, theirRouteWords)},
		{"rules", unix.RTM_GETRULE, unix.SizeofRtMsg, ours(decodeRule, ruleWords), theirs(
			func() *rtnetlink.RuleMessage { return new(rtnetlink.RuleMessage) }, theirRuleWords)},
		{"neighbours", unix.RTM_GETNEIGH, unix.SizeofNdMsg, ours(decodeNeighbour, neighbourWords), theirs(
			func() *rtnetlink.NeighMessage { return new(rtnetlink.NeighMessage) }, theirNeighbourWords)},
	}
}

// messagesOf returns what the kernel of a namespace says of each table, of links
// of some kinds, addresses, routes, rules and neighbours of both families.
func messagesOf(t testing.TB) map[string][][]byte {
	t.Helper()
	ns := netlab.New(t)
	for _, args := range []string{
		"link add v0 type veth peer name v1", "link add br0 type bridge", "link set v1 master br0", "link set v1 up",
		"link set v0 up mtu 1400 txqueuelen 77 group 3", "link set br0 up", "link set v0 alias uplink",
		"addr add 192.0.2.7/24 brd + dev v0", "addr add 198.51.100.1 peer 198.51.100.2/32 dev v0", "addr add 2001:db8::7/64 dev v0 nodad",
		"route add default via 192.0.2.1 dev v0 metric 100", "route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 2 nexthop via 192.0.2.3",
		"route add unreachable 10.0.0.0/8", "route add 192.168.0.0/16 via 192.0.2.1 mtu 1300 table 1000", "-6 route add default via 2001:db8::1 dev v0",
		"rule add from 192.0.2.0/24 lookup 1000 priority 77", "rule add not fwmark 0x51 lookup 51820", "-6 rule add iif v0 lookup 100 suppress_prefixlength 0",
		"neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev v0", "neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev v0 router",
	} {
		ns.IP(t, args)
	}
	all := map[string][][]byte{}
	err := ns.Do(func() error {
		c, err := netlink.Dial(unix.NETLINK_ROUTE, nil)
		if err != nil {
			return err
		}
		defer c.Close()
		for _, r := range rivals() {
			for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
				body := make([]byte, r.size)
				if body[0] = family; r.get == unix.RTM_GETLINK {
					body[0] = unix.AF_UNSPEC
				}
				got, err := c.Execute(netlink.Message{Header: netlink.Header{Type: r.get, Flags: netlink.Request | netlink.Dump}, Data: body})
				if err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
				for _, m := range got {
					all[r.name] = append(all[r.name], m.Data)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDecodersAgreeWithALibrary: what both decode of a message is the same.
func TestDecodersAgreeWithALibrary(t *testing.T) {
	all := messagesOf(t)
	for _, r := range rivals() {
		if len(all[r.name]) < 4 {
			t.Errorf("%s: %d messages: this compares little", r.name, len(all[r.name]))
		}
		for _, b := range all[r.name] {
			got, err := r.ours(b, true)
			want, other := r.theirs(b, true)
			if err != nil || other != nil || got != want {
				t.Errorf("%s: got  %s (%v)\nlibrary: %s (%v)", r.name, got, err, want, other)
			}
		}
	}
}

// BenchmarkDecoders decodes the same messages with each decoder of this package
// and with that of the library.
func BenchmarkDecoders(b *testing.B) {
	all := messagesOf(b)
	for _, r := range rivals() {
		for _, d := range []struct {
			name   string
			decode func([]byte, bool) (string, error)
		}{{"ours", r.ours}, {"rtnetlink", r.theirs}} {
			b.Run(r.name+"/"+d.name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, err := d.decode(all[r.name][i%len(all[r.name])], false); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
