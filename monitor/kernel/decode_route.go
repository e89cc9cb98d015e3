//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// A routeMessage is a decoded RTM_NEWROUTE or RTM_DELROUTE: the route, and what
// the mirror needs besides.
type routeMessage struct {
	fact.Route
	// cloned is whether this is a cache entry or an answer to a lookup, not a
	// row of a table.
	cloned bool
	// left is what remains of the route's life; 0 for ever, negative when over.
	left time.Duration
}

// userHZ is the unit of rta_expires: clock ticks as user space sees them,
// 100 a second on every architecture that Go runs on but old alphas.
const userHZ = 100

// decodeRoute decodes a struct rtmsg with its attributes into m, whose former
// content is lost. It reports false for a family that is not IP.
func decodeRoute(b []byte, m *routeMessage) (bool, error) {
	if len(b) < unix.SizeofRtMsg {
		return false, fmt.Errorf("route: %w", errShort)
	}
	*m = routeMessage{Route: fact.Route{
		Family: fact.Family(b[0]), TOS: b[3], Table: uint32(b[4]),
		Protocol: fact.RouteProtocol(b[5]), Scope: fact.Scope(b[6]),
		Type: fact.RouteType(b[7]),
	}}
	if m.Family != fact.IPv4 && m.Family != fact.IPv6 {
		return false, nil
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	m.cloned = flags&unix.RTM_F_CLONED != 0
	m.Flags = fact.RouteFlags(flags & 0xff)
	dst, src := unspecified(m.Family), netip.Addr{}
	var hops value
	err := attributes(b[unix.SizeofRtMsg:], func(typ uint16, v value) {
		switch typ {
		case unix.RTA_DST:
			dst = v.addr()
		case unix.RTA_SRC:
			src = v.addr()
		case unix.RTA_MULTIPATH:
			hops = v
		default:
			m.attribute(typ, v)
		}
	})
	if err != nil {
		return false, fmt.Errorf("route: %w", err)
	}
	if m.Dst, err = prefix(m.Family, dst, b[1]); err != nil {
		return false, fmt.Errorf("route: %w", err)
	}
	if b[2] != 0 {
		if m.Src, err = prefix(m.Family, src, b[2]); err != nil {
			return false, fmt.Errorf("route source: %w", err)
		}
	}
	if m.Nexthops, err = decodeHops(hops); err != nil {
		return false, fmt.Errorf("route to %s: %w", m.Dst, err)
	}
	return true, nil
}

func (m *routeMessage) attribute(typ uint16, v value) {
	switch typ {
	case unix.RTA_OIF:
		m.Index = int(v.u32())
	case unix.RTA_GATEWAY:
		m.Gateway = v.addr()
	case unix.RTA_VIA:
		// struct rtvia: the family, then the address.
		if len(v) > 2 {
			m.Gateway = v[2:].addr()
		}
	case unix.RTA_PRIORITY:
		m.Metric = v.u32()
	case unix.RTA_PREFSRC:
		m.PrefSrc = v.addr()
	case unix.RTA_TABLE:
		m.Table = v.u32()
	case unix.RTA_METRICS:
		m.MTU = routeMTU(v)
	case unix.RTA_PREF:
		m.Pref = v.u8()
	case rtaNexthopID:
		m.NexthopID = v.u32()
	case unix.RTA_CACHEINFO:
		// rta_expires is the third word of struct rta_cacheinfo, signed.
		if len(v) >= 12 {
			m.left = time.Duration(int32(v[8:].u32())) * time.Second / userHZ
		}
	}
}

// routeMTU reads RTAX_MTU; a malformed list has none.
func routeMTU(b []byte) (mtu uint32) {
	_ = attributes(b, func(typ uint16, v value) {
		if typ == unix.RTAX_MTU {
			mtu = v.u32()
		}
	})
	return mtu
}

// decodeLegs decodes a sequence of struct rtnexthop.
func decodeHops(b []byte) ([]fact.Hop, error) {
	var hops []fact.Hop
	for len(b) >= unix.SizeofRtNexthop {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtNexthop || n > len(b) {
			return nil, fmt.Errorf("next hop of %d bytes in %d: %w", n, len(b), errShort)
		}
		leg := fact.Hop{
			Flags:  fact.RouteFlags(b[2]),
			Weight: int(b[3]) + 1,
			Index:  int(int32(binary.NativeEndian.Uint32(b[4:]))),
		}
		err := attributes(b[unix.SizeofRtNexthop:n], func(typ uint16, v value) {
			switch {
			case typ == unix.RTA_GATEWAY:
				leg.Gateway = v.addr()
			case typ == unix.RTA_VIA && len(v) > 2:
				leg.Gateway = v[2:].addr()
			}
		})
		if err != nil {
			return nil, err
		}
		hops = append(hops, leg)
		b = b[min(align(n), len(b)):]
	}
	return hops, nil
}

func unspecified(f fact.Family) netip.Addr {
	if f == fact.IPv6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// prefix makes the prefix of an address of family f.
func prefix(f fact.Family, a netip.Addr, bits uint8) (netip.Prefix, error) {
	if (f == fact.IPv4) != a.Is4() || !a.IsValid() || int(bits) > a.BitLen() {
		return netip.Prefix{}, fmt.Errorf("%s/%d is no prefix of family %s", a, bits, f)
	}
	return netip.PrefixFrom(a, int(bits)), nil
}
