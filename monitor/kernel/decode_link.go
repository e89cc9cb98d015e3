//go:build linux

package kernel

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// decodeLink decodes a struct ifinfomsg with its attributes. It returns nil for
// the bridge's and IPv6's views of a link, which come in the same groups, and for
// an event of the wireless extensions: the kernel sends those as a link with its
// name and nothing else of it (rtnetlink_ifinfo_prep), at each association and
// at the end of each scan, so that the state they do not have reads as unknown.
func decodeLink(b []byte) (*fact.Link, error) {
	if len(b) < unix.SizeofIfInfomsg {
		return nil, fmt.Errorf("link: %w", nlwire.ErrShort)
	}
	if b[0] != unix.AF_UNSPEC {
		return nil, nil
	}
	l := &fact.Link{
		Hardware: binary.NativeEndian.Uint16(b[2:]),
		Index:    int(int32(binary.NativeEndian.Uint32(b[4:]))),
		Flags:    fact.LinkFlags(binary.NativeEndian.Uint32(b[8:])),
	}
	var wireless, whole bool
	for a, err := range nlwire.Attributes(b[unix.SizeofIfInfomsg:]) {
		if err == nil {
			err = linkAttribute(l, a)
		}
		if err != nil {
			return nil, fmt.Errorf("link %d: %w", l.Index, err)
		}
		wireless = wireless || a.Type == unix.IFLA_WIRELESS
		whole = whole || a.Type == unix.IFLA_MTU || a.Type == unix.IFLA_OPERSTATE
	}
	if l.Index <= 0 {
		return nil, fmt.Errorf("link: index %d", l.Index)
	}
	if wireless && !whole {
		return nil, nil
	}
	return l, nil
}

func linkAttribute(l *fact.Link, a nlwire.Attribute) error {
	switch a.Type {
	case unix.IFLA_IFNAME:
		l.Name = fact.Untrusted(a.Text())
	case unix.IFLA_ADDRESS:
		l.Address = fact.Untrusted(a.Hardware())
	case unix.IFLA_MTU:
		l.MTU = a.U32()
	case unix.IFLA_LINK:
		l.Parent = int(int32(a.U32()))
	case iflaLinkNetnsid:
		l.ParentElsewhere = true
	case unix.IFLA_MASTER:
		l.Master = int(int32(a.U32()))
	case unix.IFLA_TXQLEN:
		l.TxQueueLen = a.U32()
	case unix.IFLA_OPERSTATE:
		l.OperState = fact.OperState(a.U8())
	case unix.IFLA_LINKMODE:
		l.LinkMode = a.U8()
	case unix.IFLA_GROUP:
		l.Group = a.U32()
	case unix.IFLA_CARRIER_CHANGES:
		l.CarrierChanges = a.U32()
	case unix.IFLA_IFALIAS:
		l.Alias = fact.Untrusted(a.Text())
	case unix.IFLA_LINKINFO, unix.IFLA_AF_SPEC, unix.IFLA_PROP_LIST:
		for in, err := range nlwire.Attributes(a.Value) {
			if err != nil {
				return err
			}
			nestedAttribute(l, a.Type, in)
		}
	}
	return nil
}

// nestedAttribute takes an attribute that is within one of type outer.
func nestedAttribute(l *fact.Link, outer uint16, a nlwire.Attribute) {
	switch [2]uint16{outer, a.Type} {
	case [2]uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_KIND}:
		l.LinkKind = fact.Untrusted(a.Text())
	case [2]uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_SLAVE_KIND}:
		l.SlaveKind = fact.Untrusted(a.Text())
	case [2]uint16{unix.IFLA_AF_SPEC, unix.AF_INET6}:
		l.IPv6 = decodeIPv6Settings(a.Value)
	case [2]uint16{unix.IFLA_PROP_LIST, unix.IFLA_ALT_IFNAME}:
		l.AltNames = append(l.AltNames, fact.Untrusted(a.Text()))
	}
}

// decodeIPv6Settings decodes what IFLA_AF_SPEC has of IPv6: IFLA_INET6_CONF is an
// array of numbers, to which newer kernels append.
func decodeIPv6Settings(b nlwire.Value) (s *fact.IPv6Settings) {
	for a := range nlwire.Readable(b) {
		at := func(i int) int32 { return int32(binary.NativeEndian.Uint32(a.Value[4*i:])) }
		if a.Type == unix.IFLA_INET6_CONF && len(a.Value) >= 4*(devconfDisableIPv6+1) {
			s = &fact.IPv6Settings{AcceptRA: at(devconfAcceptRA), UseTempaddr: at(devconfUseTempaddr), Disabled: at(devconfDisableIPv6) != 0}
		}
	}
	return s
}
