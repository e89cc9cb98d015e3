//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// An advert is a router advertisement (RFC 4861 §4.2).
type advert struct {
	lifetime uint16 // of the default route, in seconds
	prefix   string // a prefix for SLAAC, or empty
	valid    uint32 // of the prefix, in seconds
	resolver string // an RDNSS server (RFC 8106), or empty
	portal   string // the API of a captive portal (RFC 8910), or empty
}

func (a advert) bytes() []byte {
	b := []byte{byte(ipv6.ICMPTypeRouterAdvertisement), 0, 0, 0, 64, 0}
	b = binary.BigEndian.AppendUint16(b, a.lifetime)
	b = append(b, make([]byte, 8)...)
	if a.prefix != "" {
		const onLinkAutonomous = 0xc0
		b = append(b, 3, 4, 64, onLinkAutonomous)
		b = binary.BigEndian.AppendUint32(b, a.valid)
		b = binary.BigEndian.AppendUint32(b, a.valid)
		b = append(b, 0, 0, 0, 0)
		b = append(b, netip.MustParseAddr(a.prefix).AsSlice()...)
	}
	if a.resolver != "" {
		b = append(b, 25, 3, 0, 0)
		b = binary.BigEndian.AppendUint32(b, 60)
		b = append(b, netip.MustParseAddr(a.resolver).AsSlice()...)
	}
	if a.portal != "" {
		units := (2 + len(a.portal) + 7) / 8
		option := make([]byte, 8*units)
		option[0], option[1] = 37, byte(units)
		copy(option[2:], a.portal)
		b = append(b, option...)
	}
	return b
}

// advertise sends a router advertisement out of an interface of the namespace.
func advertise(t *testing.T, ns *netlab.Namespace, name string, a advert) {
	t.Helper()
	err := ns.Do(func() error {
		c, err := icmp.ListenPacket("ip6:ipv6-icmp", "::")
		if err != nil {
			return fmt.Errorf("raw ICMPv6 socket: %w", err)
		}
		defer c.Close()
		p := c.IPv6PacketConn()
		if err := p.SetMulticastHopLimit(255); err != nil {
			return err
		}
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			return err
		}
		// The kernel computes the checksum of a raw ICMPv6 socket.
		_, err = p.WriteTo(a.bytes(), &ipv6.ControlMessage{IfIndex: ifi.Index},
			&net.IPAddr{IP: net.IPv6linklocalallnodes, Zone: name})
		return err
	})
	if err != nil {
		t.Fatalf("advertise out of %s: %v", name, err)
	}
}

// newAdvertLab makes a lab whose v0 listens to routers and makes temporary
// addresses.
func newAdvertLab(t *testing.T) *lab {
	return newLab(t, "sysctl ipv6/conf/v0/accept_ra 2", "sysctl ipv6/conf/v0/use_tempaddr 2")
}

// routed returns the default route by advertisement that the exact mirror has.
func (l *lab) routed() *fact.Route {
	var found *fact.Route
	l.exact.View(func(s *state.State, _ []fact.Observation) {
		for r := range s.Routes.All() {
			if r.Family == fact.IPv6 && r.Default() && r.Protocol == 9 {
				found = r
			}
		}
	})
	return found
}

// TestSilentAdvertRefresh is row 17: an advertisement extends the life of the
// default route without a notification. It must not end at its first date, nor
// live on after its last.
func TestSilentAdvertRefresh(t *testing.T) {
	t.Parallel()
	l := newAdvertLab(t)
	// Some seconds lie between all that happens: more than a busy machine stands still.
	advertise(t, l.far, "p0", advert{lifetime: 4})
	netlab.Until(t, "the advertised default route is there", func() bool { return l.routed() != nil })
	first := l.routed()
	if first.ExpiresAt == 0 {
		t.Fatalf("the advertised default route is %+v, want one with an end", first)
	}
	advertise(t, l.far, "p0", advert{lifetime: 9})
	time.Sleep(5 * time.Second) // past the first end
	second := l.routed()
	if second == nil || second.ExpiresAt <= first.ExpiresAt {
		t.Fatalf("after the refresh the route is %+v, was %+v; want it to end later", second, first)
	}
	netlab.Until(t, "the route has ended", func() bool { return l.routed() == nil })
}

// TestSilentAdvertAddresses is row 21: addresses by SLAAC, stable and temporary,
// and the prefix route, from an advertisement with a prefix and a resolver.
func TestSilentAdvertAddresses(t *testing.T) {
	t.Parallel()
	l := newAdvertLab(t)
	advertise(t, l.far, "p0", advert{lifetime: 60, prefix: "2001:db8:5::", valid: 60, resolver: "2001:db8::53"})
	temporary := fact.AddressFlags(0x01) // IFA_F_TEMPORARY
	l.exact.Await(t, "a stable and a temporary address", func(s *state.State, _ []fact.Observation) bool {
		stable, temp := false, false
		for _, a := range s.Addresses {
			if netip.MustParsePrefix("2001:db8:5::/64").Contains(a.Local) {
				temp = temp || a.Flags&temporary != 0
				stable = stable || a.Flags&temporary == 0
			}
		}
		return stable && temp
	})
	l.agree()
}

// TestAdvertisedPortal: the API of a captive portal comes with a router advertisement,
// changes with one, and goes with the link.
func TestAdvertisedPortal(t *testing.T) {
	t.Parallel()
	l := newAdvertLab(t)
	api := func() fact.Untrusted {
		var api fact.Untrusted
		l.exact.View(func(s *state.State, _ []fact.Observation) {
			for _, c := range s.Capports {
				api += c.API
			}
		})
		return api
	}
	await := func(what string, want fact.Untrusted) {
		t.Helper()
		netlab.Until(t, fmt.Sprintf("%s: the portal is %q", what, want), func() bool { return api() == want })
	}
	advertise(t, l.far, "p0", advert{lifetime: 60, portal: "https://portal.example/api"})
	await("advertised", "https://portal.example/api")
	advertise(t, l.far, "p0", advert{lifetime: 60, portal: "http://portal.example/api"})
	advertise(t, l.far, "p0", advert{lifetime: 60, portal: "https://other.example/"})
	await("another one", "https://other.example/")
	advertise(t, l.far, "p0", advert{lifetime: 60, portal: noCapport})
	await("unrestricted", "")
	advertise(t, l.far, "p0", advert{lifetime: 60, portal: "https://portal.example/api"})
	await("again", "https://portal.example/api")
	l.far.IP(t, "link set p0 down")
	await("without carrier", "")
}
