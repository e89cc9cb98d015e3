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

// forever is the lifetime that never ends (INFINITY_LIFE_TIME).
const forever = 0xffffffff

// decodeAddress decodes a struct ifaddrmsg with its attributes; now is the
// CLOCK_BOOTTIME at which the message was read, from which lifetimes count. It
// returns nil for a family that is not IP.
func decodeAddress(b []byte, now time.Duration) (*fact.Address, error) {
	if len(b) < unix.SizeofIfAddrmsg {
		return nil, fmt.Errorf("address: %w", nlwire.ErrShort)
	}
	family := fact.Family(b[0])
	if family != fact.IPv4 && family != fact.IPv6 {
		return nil, nil
	}
	a := &fact.Address{
		PrefixLen: b[1],
		Flags:     fact.AddressFlags(b[2]),
		Scope:     fact.Scope(b[3]),
		Index:     int(binary.NativeEndian.Uint32(b[4:])),
	}
	var address, local netip.Addr
	for attr, err := range nlwire.Attributes(b[unix.SizeofIfAddrmsg:]) {
		if err != nil {
			return nil, fmt.Errorf("address: %w", err)
		}
		switch attr.Type {
		case unix.IFA_ADDRESS:
			address = attr.Addr()
		case unix.IFA_LOCAL:
			local = attr.Addr()
		default:
			addressAttribute(a, attr, now)
		}
	}
	// IFA_LOCAL is the own address and IFA_ADDRESS then the peer's; IPv6
	// without a peer has only IFA_ADDRESS.
	a.Local = local
	switch {
	case !local.IsValid():
		a.Local = address
	case address.IsValid() && address != local:
		a.Peer = address
	}
	if !a.Local.IsValid() || a.Family() != family || int(a.PrefixLen) > a.Local.BitLen() {
		return nil, fmt.Errorf("address %s/%d of family %s", a.Local, a.PrefixLen, family)
	}
	return a, nil
}

func addressAttribute(a *fact.Address, attr nlwire.Attribute, now time.Duration) {
	switch attr.Type {
	case unix.IFA_LABEL:
		a.Label = fact.Untrusted(attr.Text())
	case unix.IFA_BROADCAST:
		a.Broadcast = attr.Addr()
	case unix.IFA_FLAGS:
		a.Flags = fact.AddressFlags(attr.U32())
	case unix.IFA_RT_PRIORITY:
		a.Metric = attr.U32()
	case ifaProto:
		a.Protocol = attr.U8()
	case unix.IFA_CACHEINFO:
		if len(attr.Value) >= 8 {
			a.PreferredUntil = until(now, attr.U32())
			a.ValidUntil = until(now, attr.Value[4:].U32())
		}
	}
}

// until returns the end of a lifetime of seconds, or 0 for one without end.
func until(now time.Duration, seconds uint32) time.Duration {
	if seconds == forever {
		return 0
	}
	return now + time.Duration(seconds)*time.Second
}
