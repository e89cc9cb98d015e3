//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// decodeLink decodes a struct ifinfomsg with its attributes. It returns nil for
// the bridge's and IPv6's views of a link, which come in the same groups, and for
// an event of the wireless extensions: the kernel sends those as a link with its
// name and nothing else of it (rtnetlink_ifinfo_prep), at each association and
// at the end of each scan, so that the state they do not have reads as unknown.
func decodeLink(b []byte) (*fact.Link, error) {
	if len(b) < unix.SizeofIfInfomsg {
		return nil, fmt.Errorf("link: %w", errShort)
	}
	if b[0] != unix.AF_UNSPEC {
		return nil, nil
	}
	l := &fact.Link{
		Hardware: binary.NativeEndian.Uint16(b[2:]),
		Index:    int(int32(binary.NativeEndian.Uint32(b[4:]))),
		Flags:    fact.LinkFlags(binary.NativeEndian.Uint32(b[8:])),
	}
	var nested error
	var wireless, whole bool
	err := attributes(b[unix.SizeofIfInfomsg:], func(typ uint16, v value) {
		wireless = wireless || typ == unix.IFLA_WIRELESS
		whole = whole || typ == unix.IFLA_MTU || typ == unix.IFLA_OPERSTATE
		if err := linkAttribute(l, typ, v); err != nil {
			nested = err
		}
	})
	if err == nil {
		err = nested
	}
	if err == nil && l.Index <= 0 {
		err = fmt.Errorf("index %d", l.Index)
	}
	if err != nil {
		return nil, fmt.Errorf("link %d: %w", l.Index, err)
	}
	if wireless && !whole {
		return nil, nil
	}
	return l, nil
}

func linkAttribute(l *fact.Link, typ uint16, v value) error {
	switch typ {
	case unix.IFLA_IFNAME:
		l.Name = fact.Untrusted(v.str())
	case unix.IFLA_ADDRESS:
		l.Address = v.hardware()
	case unix.IFLA_MTU:
		l.MTU = v.u32()
	case unix.IFLA_LINK:
		l.Parent = int(int32(v.u32()))
	case iflaLinkNetnsid:
		l.ParentElsewhere = true
	case unix.IFLA_MASTER:
		l.Master = int(int32(v.u32()))
	case unix.IFLA_TXQLEN:
		l.TxQueueLen = v.u32()
	case unix.IFLA_OPERSTATE:
		l.OperState = fact.OperState(v.u8())
	case unix.IFLA_LINKMODE:
		l.LinkMode = v.u8()
	case unix.IFLA_GROUP:
		l.Group = v.u32()
	case unix.IFLA_CARRIER_CHANGES:
		l.CarrierChanges = v.u32()
	case unix.IFLA_IFALIAS:
		l.Alias = fact.Untrusted(v.str())
	case unix.IFLA_LINKINFO:
		return attributes(v, func(typ uint16, v value) {
			switch typ {
			case unix.IFLA_INFO_KIND:
				l.LinkKind = fact.Untrusted(v.str())
			case unix.IFLA_INFO_SLAVE_KIND:
				l.SlaveKind = fact.Untrusted(v.str())
			}
		})
	case unix.IFLA_AF_SPEC:
		return attributes(v, func(typ uint16, v value) {
			if typ == unix.AF_INET6 {
				l.IPv6 = decodeIPv6Settings(v)
			}
		})
	case unix.IFLA_PROP_LIST:
		return attributes(v, func(typ uint16, v value) {
			if typ == unix.IFLA_ALT_IFNAME {
				l.AltNames = append(l.AltNames, fact.Untrusted(v.str()))
			}
		})
	}
	return nil
}

// decodeIPv6Settings decodes what IFLA_AF_SPEC has of IPv6: IFLA_INET6_CONF is an
// array of numbers, to which newer kernels append.
func decodeIPv6Settings(b value) (s *fact.IPv6Settings) {
	_ = attributes(b, func(typ uint16, v value) {
		at := func(i int) int32 { return int32(binary.NativeEndian.Uint32(v[4*i:])) }
		if typ == unix.IFLA_INET6_CONF && len(v) >= 4*(devconfDisableIPv6+1) {
			s = &fact.IPv6Settings{AcceptRA: at(devconfAcceptRA), UseTempaddr: at(devconfUseTempaddr), Disabled: at(devconfDisableIPv6) != 0}
		}
	})
	return s
}
