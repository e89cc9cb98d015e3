//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

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
	nat64    string // the value of the option of a translator (RFC 8781), or empty
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
	if a.nat64 != "" {
		b = append(append(b, optionPref64, 2), a.nat64...)
	}
	return b
}

// advertise sends a router advertisement out of an interface of the namespace.
func advertise(t *testing.T, ns *netlab.Namespace, name string, a advert) {
	t.Helper()
	ns.Advertise(t, name, a.bytes())
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

// TestAdvertisedTranslator: the prefix of a translator comes with a router advertisement,
// is kept beside another one, ends with one, and goes with the link.
func TestAdvertisedTranslator(t *testing.T) {
	t.Parallel()
	l := newAdvertLab(t)
	await := func(what, want string) {
		t.Helper()
		l.exact.Await(t, what, func(s *state.State, _ []fact.Observation) bool {
			got := ""
			for _, p := range s.Translators {
				got += p.Prefix.String()
				if left := p.Until - s.Mono; left > 10*time.Minute {
					t.Errorf("%s: it lasts %v", what, left)
				}
			}
			return got == want
		})
	}
	advertise(t, l.far, "p0", advert{nat64: prefixOpt(600, "64:ff9b::")})
	await("advertised", "64:ff9b::/96")
	advertise(t, l.far, "p0", advert{nat64: prefixOpt(600|1, "2001:db8:64::")})
	advertise(t, l.far, "p0", advert{nat64: prefixOpt(0, "64:ff9b::")})
	await("withdrawn", "")
	advertise(t, l.far, "p0", advert{nat64: prefixOpt(600|1, "2001:db8:64::")})
	await("another one", "2001:db8:64::/64")
	l.far.IP(t, "link set p0 down")
	await("without carrier", "")
}
