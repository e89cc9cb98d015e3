package fact

import (
	"fmt"
	"net/netip"
)

// A Family is an address family, with the kernel's number.
type Family uint8

// The families that a path can have (linux/socket.h).
const (
	IPv4 Family = 2
	IPv6 Family = 10
)

// Families are both families in the order in which they are shown.
var Families = [2]Family{IPv4, IPv6}

// FamilyOf returns the family of an address, IPv4 of one that is mapped into IPv6.
func FamilyOf(a netip.Addr) Family {
	if a.Is4() || a.Is4In6() {
		return IPv4
	}
	return IPv6
}

// String returns "inet" or "inet6", as ip(8) prints it.
func (f Family) String() string {
	switch f {
	case IPv4:
		return "inet"
	case IPv6:
		return "inet6"
	}
	return fmt.Sprintf("family-%d", uint8(f))
}

// Scope returns the scope word of the family: "ipv4" or "ipv6".
func (f Family) Scope() string {
	if f == IPv6 {
		return "ipv6"
	}
	return "ipv4"
}

// Title returns the name of the family for people: "IPv4" or "IPv6".
func (f Family) Title() string {
	if f == IPv6 {
		return "IPv6"
	}
	return "IPv4"
}

// MarshalText encodes the String form.
func (f Family) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText decodes the String form.
func (f *Family) UnmarshalText(b []byte) error {
	switch string(b) {
	case "inet":
		*f = IPv4
	case "inet6":
		*f = IPv6
	default:
		var n uint8
		if _, err := fmt.Sscanf(string(b), "family-%d", &n); err != nil {
			return fmt.Errorf("address family %q: want inet or inet6", b)
		}
		*f = Family(n)
	}
	return nil
}
