//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
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
		return false, fmt.Errorf("route: %w", nlwire.ErrShort)
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
	var hops nlwire.Value
	for a, err := range nlwire.Attributes(b[unix.SizeofRtMsg:]) {
		if err != nil {
			return false, fmt.Errorf("route: %w", err)
		}
		switch a.Type {
		case unix.RTA_DST:
			dst = a.Addr()
		case unix.RTA_SRC:
			src = a.Addr()
		case unix.RTA_MULTIPATH:
			hops = a.Value
		default:
			m.attribute(a)
		}
	}
	var err error
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

func (m *routeMessage) attribute(a nlwire.Attribute) {
	switch a.Type {
	case unix.RTA_OIF:
		m.Index = int(a.U32())
	case unix.RTA_GATEWAY:
		m.Gateway = a.Addr()
	case unix.RTA_VIA:
		// struct rtvia: the family, then the address.
		if len(a.Value) > 2 {
			m.Gateway = a.Value[2:].Addr()
		}
	case unix.RTA_PRIORITY:
		m.Metric = a.U32()
	case unix.RTA_PREFSRC:
		m.PrefSrc = a.Addr()
	case unix.RTA_TABLE:
		m.Table = a.U32()
	case unix.RTA_METRICS:
		m.MTU = routeMTU(a.Value)
	case unix.RTA_PREF:
		m.Pref = a.U8()
	case rtaNexthopID:
		m.NexthopID = a.U32()
	case unix.RTA_CACHEINFO:
		// rta_expires is the third word of struct rta_cacheinfo, signed.
		if len(a.Value) >= 12 {
			m.left = time.Duration(int32(a.Value[8:].U32())) * time.Second / userHZ
		}
	}
}

// routeMTU reads RTAX_MTU; a malformed list has none.
func routeMTU(b []byte) (mtu uint32) {
	for a := range nlwire.Readable(b) {
		if a.Type == unix.RTAX_MTU {
			mtu = a.U32()
		}
	}
	return mtu
}

// decodeLegs decodes a sequence of struct rtnexthop.
func decodeHops(b []byte) ([]fact.Hop, error) {
	var hops []fact.Hop
	for len(b) >= unix.SizeofRtNexthop {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtNexthop || n > len(b) {
			return nil, fmt.Errorf("next hop of %d bytes in %d: %w", n, len(b), nlwire.ErrShort)
		}
		leg := fact.Hop{
			Flags:  fact.RouteFlags(b[2]),
			Weight: int(b[3]) + 1,
			Index:  int(int32(binary.NativeEndian.Uint32(b[4:]))),
		}
		for a, err := range nlwire.Attributes(b[unix.SizeofRtNexthop:n]) {
			if err != nil {
				return nil, err
			}
			switch {
			case a.Type == unix.RTA_GATEWAY:
				leg.Gateway = a.Addr()
			case a.Type == unix.RTA_VIA && len(a.Value) > 2:
				leg.Gateway = a.Value[2:].Addr()
			}
		}
		hops = append(hops, leg)
		b = b[min(nlwire.Align(n), len(b)):]
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
