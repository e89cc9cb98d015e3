//go:build linux

package kernel

import "encoding/binary"

// Message types and attributes that package unix has no names for
// (linux/rtnetlink.h, linux/netconf.h, linux/fib_rules.h, linux/if_addr.h).
const (
	rtmNewNexthop = 104
	rtmDelNexthop = 105
	rtmGetNexthop = 106
	rtmNewPrefix  = 52
	rtmNewUserOpt = 68
	rtmNewNetconf = 80
	rtmDelNetconf = 81
	rtmGetNetconf = 82

	ifaProto        = 11
	rtaNexthopID    = 30
	nhaFDB          = 11
	iflaLinkNetnsid = 37

	netconfIfindex        = 1
	netconfForwarding     = 2
	netconfRPFilter       = 3
	netconfIgnoreLinkdown = 6

	// Places in IFLA_INET6_CONF (linux/ipv6.h).
	devconfAcceptRA    = 3
	devconfUseTempaddr = 10
	devconfDisableIPv6 = 26

	extFilterSkipStats = 1 << 3
)

// swap16 and swap32 turn a number of this machine into the order in which a
// socket filter loads it.
func swap16(v uint16) uint32 {
	return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, v)))
}

func swap32(v uint32) uint32 {
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, v))
}
