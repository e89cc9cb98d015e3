//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// sizeofNexthop is that of struct nhmsg (linux/nexthop.h); sizeofMember that of
// struct nexthop_grp.
const (
	sizeofNexthop = 8
	sizeofMember  = 8
)

// decodeNexthop decodes a struct nhmsg with its attributes.
func decodeNexthop(b []byte) (*fact.Nexthop, error) {
	if len(b) < sizeofNexthop {
		return nil, fmt.Errorf("nexthop: %w", nlwire.ErrShort)
	}
	n := &fact.Nexthop{
		Family: fact.Family(b[0]), Scope: fact.Scope(b[1]),
		Protocol: fact.RouteProtocol(b[2]),
		Flags:    fact.RouteFlags(binary.NativeEndian.Uint32(b[4:])),
	}
	for a, err := range nlwire.Attributes(b[sizeofNexthop:]) {
		if err != nil {
			return nil, fmt.Errorf("nexthop %d: %w", n.ID, err)
		}
		switch a.Type {
		case unix.NHA_ID:
			n.ID = a.U32()
		case unix.NHA_OIF:
			n.Index = int(a.U32())
		case unix.NHA_GATEWAY:
			n.Gateway = a.Addr()
		case unix.NHA_BLACKHOLE:
			n.Blackhole = true
		case nhaFDB:
			n.FDB = true
		case unix.NHA_GROUP:
			for v := a.Value; len(v) >= sizeofMember; v = v[sizeofMember:] {
				// The weight is kept less one, in two bytes since Linux 6.12.
				weight := int(v[4]) | int(v[5])<<8
				n.Group = append(n.Group, fact.NexthopMember{ID: v.U32(), Weight: weight + 1})
			}
		}
	}
	if n.ID == 0 {
		return nil, errors.New("nexthop without an id")
	}
	return n, nil
}

// decodeNeighbour decodes a struct ndmsg with its attributes. It returns nil
// for a family that is not IP (bridge forwarding entries).
func decodeNeighbour(b []byte) (*fact.Neighbour, error) {
	var m rtnetlink.NeighMessage
	if err := m.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("neighbour: %w", err)
	}
	if m.Family != uint16(fact.IPv4) && m.Family != uint16(fact.IPv6) {
		return nil, nil
	}
	if m.Attributes == nil {
		return nil, errors.New("neighbour: no attributes")
	}
	dst, ok := netip.AddrFromSlice(m.Attributes.Address)
	if !ok {
		return nil, fmt.Errorf("neighbour on link %d: address %x", m.Index, []byte(m.Attributes.Address))
	}
	return &fact.Neighbour{
		Index:  int(m.Index),
		Dst:    dst,
		LLAddr: fact.Untrusted(nlwire.Value(m.Attributes.LLAddress).Hardware()),
		State:  fact.NeighbourState(m.State),
		Router: m.Flags&unix.NTF_ROUTER != 0,
		Proxy:  m.Flags&unix.NTF_PROXY != 0,
		Flags:  m.Flags &^ (unix.NTF_ROUTER | unix.NTF_PROXY),
	}, nil
}

// A netconfMessage is a decoded RTM_NEWNETCONF: a notification holds only the
// setting that changed.
type netconfMessage struct {
	fact.Netconf
	// linkdown, forwarding and filter are whether the message has these settings.
	linkdown, forwarding, filter bool
}

// over returns the settings that hold after the message, if these did before.
func (n *netconfMessage) over(row fact.Netconf) fact.Netconf {
	row.Family, row.Index = n.Family, n.Index
	if n.linkdown {
		row.IgnoreRoutesWithLinkdown = n.IgnoreRoutesWithLinkdown
	}
	if n.forwarding {
		row.Forwarding = n.Forwarding
	}
	if n.filter {
		row.RPFilter = n.RPFilter
	}
	return row
}

// decodeNetconf decodes a struct netconfmsg with its attributes. It returns nil
// for a family that is not IP.
func decodeNetconf(b []byte) (*netconfMessage, error) {
	if len(b) < 1 {
		return nil, fmt.Errorf("netconf: %w", nlwire.ErrShort)
	}
	var n netconfMessage
	n.Family = fact.Family(b[0])
	if n.Family != fact.IPv4 && n.Family != fact.IPv6 {
		return nil, nil
	}
	for a, err := range nlwire.Attributes(b[min(nlwire.Align(1), len(b)):]) {
		if err != nil {
			return nil, fmt.Errorf("netconf: %w", err)
		}
		switch a.Type {
		case netconfIfindex:
			n.Index = int(int32(a.U32()))
		case netconfIgnoreLinkdown:
			n.IgnoreRoutesWithLinkdown, n.linkdown = a.U32() != 0, true
		case netconfForwarding:
			n.Forwarding, n.forwarding = a.U32() != 0, true
		case netconfRPFilter:
			n.RPFilter, n.filter = uint8(min(a.U32(), 2)), true
		}
	}
	return &n, nil
}
