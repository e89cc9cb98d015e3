package redact

import (
	"encoding/binary"
	"net/netip"

	"flapscope/monitor/fact"
)

// wellKnown are addresses of everybody's: what the program itself asks by
// default, and public name servers.
var wellKnown = func() map[netip.Addr]bool {
	m := map[netip.Addr]bool{}
	for _, s := range []string{
		"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220",
		"2606:4700:4700::1111", "2606:4700:4700::1001", "2001:4860:4860::8888", "2001:4860:4860::8844", "2620:fe::fe", "2620:fe::9",
	} {
		m[netip.MustParseAddr(s)] = true
	}
	for _, f := range fact.Families {
		for _, a := range fact.Destinations(f) {
			m[a] = true
		}
	}
	return m
}()

// A space is a class of addresses that a pseudonym stays in: those that begin as
// prefix does.
type space struct {
	prefix netip.Prefix
	// kept is whether the addresses say nothing, and stay.
	kept bool
	// private is whether they are of a private network.
	private bool
}

func spaces(list ...any) (out []space) {
	for i := 0; i < len(list); i += 2 {
		what := list[i+1].(string)
		out = append(out, space{netip.MustParsePrefix(list[i].(string)), what == "kept", what == "private"})
	}
	return out
}

// The spaces of IANA's registries for special purposes; what is in none is
// global.
var (
	spaces4 = spaces(
		"0.0.0.0/8", "kept", "127.0.0.0/8", "kept", "224.0.0.0/4", "kept", "255.255.255.255/32", "kept",
		"10.0.0.0/8", "private", "172.16.0.0/12", "private", "192.168.0.0/16", "private",
		"100.64.0.0/10", "private", "169.254.0.0/16", "private",
		"192.0.2.0/24", "", "198.51.100.0/24", "", "203.0.113.0/24", "", "198.18.0.0/15", "",
		"192.0.0.0/24", "", "192.88.99.0/24", "", "240.0.0.0/4", "",
	)
	spaces6 = spaces(
		"::/127", "kept", "64:ff9b::/96", "", "100::/64", "", "fe80::/64", "private", "fe80::/10", "private", "fc00::/8", "private", "fd00::/8", "private",
		"ff02::1:ff00:0/104", "", "2001:db8::/32", "", "2001::/32", "", "2002::/16", "", "3fff::/20", "",
	)
	global4 = space{prefix: netip.MustParsePrefix("0.0.0.0/0")}
	global6 = space{prefix: netip.MustParsePrefix("2000::/3")}
	other6  = space{prefix: netip.MustParsePrefix("::/8")}
	// benchmark is where documentation's addresses go: three small networks have
	// no room for pseudonyms.
	benchmark = netip.MustParsePrefix("198.18.0.0/15")
)

func spaceOf(a netip.Addr) space {
	list, rest := spaces4, global4
	if a.Is6() {
		list, rest = spaces6, other6
		if global6.prefix.Contains(a) {
			rest = global6
		}
	}
	for _, s := range list {
		if s.prefix.Contains(a) {
			return s
		}
	}
	return rest
}

// An addresser maps addresses to pseudonyms of the same kind.
type addresser struct {
	bits, ids permuter
	hardware  *hardwarer
	// private keeps private addresses.
	private bool
}

// address returns the pseudonym of an address without a zone.
func (m *addresser) address(a netip.Addr) netip.Addr {
	s := spaceOf(a)
	if s.kept || wellKnown[a] || m.private && s.private && a.Is4() {
		return a
	}
	if a.Is4() {
		return m.four(a, s)
	}
	if a.Is4In6() {
		return netip.AddrFrom16(m.address(a.Unmap()).As16())
	}
	return m.six(a, s)
}

func (m *addresser) four(a netip.Addr, s space) netip.Addr {
	b := a.As4()
	if s.prefix.Bits() == 24 && b != [4]byte{192, 0, 0, b[3]} && b[1] != 88 {
		// Any three will do, one for each.
		b = [4]byte{198, 19, b[0] ^ b[1] ^ b[2], b[3]}
		s.prefix = benchmark
	}
	for {
		m.bits.permute(b[:], s.prefix.Bits())
		// A pseudonym of another kind would say something else: the next one of
		// its cycle has the kind of a at the latest where a itself comes.
		p := netip.AddrFrom4(b)
		if !wellKnown[p] && spaceOf(p).prefix == s.prefix {
			return p
		}
	}
}

func (m *addresser) six(a netip.Addr, s space) netip.Addr {
	b := a.As16()
	switch s.prefix.Bits() {
	case 96: // NAT64
		four := m.address(netip.AddrFrom4([4]byte(b[12:]))).As4()
		copy(b[12:], four[:])
		return netip.AddrFrom16(b)
	case 104: // the last bits of an address that is asked for
		m.bits.permute(b[:], 104)
		return netip.AddrFrom16(b)
	}
	if b[0] == 0xff {
		return multicast(b, m.bits)
	}
	if s.prefix.Addr() == netip.MustParseAddr("2002::") {
		four := m.address(netip.AddrFrom4([4]byte(b[2:6]))).As4()
		copy(b[2:6], four[:])
		m.bits.permute(b[:8], 48)
	} else if m.private && s.private {
		if mac, ok := embedded([8]byte(b[8:])); ok {
			copy(b[8:], embed(m.hardware.six(mac)))
		}
		return netip.AddrFrom16(b)
	} else {
		m.network(&b, s)
	}
	copy(b[8:], m.host([8]byte(b[8:])))
	return netip.AddrFrom16(b)
}

// network permutes the first 64 bits.
func (m *addresser) network(b *[16]byte, s space) {
	for {
		m.bits.permute(b[:8], s.prefix.Bits())
		p := netip.AddrFrom16(*b)
		if !wellKnown[p] && spaceOf(p).prefix == s.prefix {
			return
		}
	}
}

// multicast keeps the groups that have a number, and permutes those that are
// made from a prefix (RFC 3306).
func multicast(b [16]byte, bits permuter) netip.Addr {
	if b[1]>>4 != 0 {
		bits.permute(b[:], 16)
	}
	return netip.AddrFrom16(b)
}

// host returns the pseudonym of an interface identifier. It is the same in every
// network, as identifiers are; one that is made from a hardware address (RFC
// 4291, appendix A) follows that, and a small one was given by hand.
func (m *addresser) host(id [8]byte) []byte {
	if mac, ok := embedded(id); ok {
		return embed(m.hardware.six(mac))
	}
	if binary.BigEndian.Uint64(id[:]) < 1<<16 {
		return id[:]
	}
	for {
		m.ids.permute(id[:], 0)
		if _, ok := embedded(id); !ok && binary.BigEndian.Uint64(id[:]) >= 1<<16 {
			return id[:]
		}
	}
}

// embedded returns the hardware address in an interface identifier.
func embedded(id [8]byte) (mac [6]byte, ok bool) {
	if id[3] != 0xff || id[4] != 0xfe {
		return mac, false
	}
	return [6]byte{id[0] ^ 2, id[1], id[2], id[5], id[6], id[7]}, true
}

func embed(mac [6]byte) []byte {
	return []byte{mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}
}

// shortest are the shortest prefixes that are mapped: a shorter one is a part of
// the whole internet.
const shortest4, shortest6 = 8, 16

// prefix returns the pseudonym of a prefix: the same as that of the addresses in
// it.
func (m *addresser) prefix(p netip.Prefix) netip.Prefix {
	a, bits := p.Addr(), p.Bits()
	if bits < 0 || a.Is4() && bits < shortest4 || a.Is6() && bits < shortest6 {
		return p
	}
	// An address of a family has a prefix of as many bits.
	mapped, _ := m.address(p.Masked().Addr()).Prefix(bits)
	return mapped
}
