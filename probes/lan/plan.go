package lan

import (
	"net/netip"
)

// MaxAsked bounds how many addresses of a link are asked.
const MaxAsked = 1024

// Addresses returns those of an IPv4 prefix that can be a host's, but for own: at
// most MaxAsked, those around own, and whether they are all.
func Addresses(p netip.Prefix, own netip.Addr) (list []netip.Addr, all bool) {
	if !p.IsValid() || !p.Addr().Is4() || p.Bits() == 32 {
		return nil, true
	}
	all = true
	if 32-p.Bits() > 10 {
		p, all = netip.PrefixFrom(own, 22), false
	}
	p = p.Masked()
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		// RFC 3021: a prefix of 31 bits has neither of the two.
		edge := p.Bits() < 31 && all && (a == p.Addr() || !p.Contains(a.Next()))
		if a != own && !edge {
			list = append(list, a)
		}
	}
	return list, all
}
