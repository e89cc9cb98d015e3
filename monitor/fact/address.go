package fact

import (
	"net/netip"
	"time"
)

// An Address is one interface address (RTM_NEWADDR).
type Address struct {
	// Index is the interface that holds the address.
	Index int `json:"ifindex"`
	// Local is the machine's own address.
	Local netip.Addr `json:"local"`
	// PrefixLen is the length of the on-link prefix in bits.
	PrefixLen uint8 `json:"prefixlen"`
	// Peer is the other end of a point-to-point link, or the zero Addr.
	Peer netip.Addr `json:"peer,omitzero"`
	// Broadcast is the IPv4 broadcast address, or the zero Addr.
	Broadcast netip.Addr `json:"broadcast,omitzero"`
	// Scope is the address scope.
	Scope Scope `json:"scope"`
	// Flags are the IFA_F_ flags.
	Flags AddressFlags `json:"flags"`
	// Label is the IPv4 label.
	Label Untrusted `json:"label,omitempty"`
	// Protocol says who added it (IFA_PROTO): 0 unknown, 1 loopback, 2 router
	// advertisement, 3 link-local.
	Protocol uint8 `json:"protocol,omitempty"`
	// Metric is the priority of the prefix route (IFA_RT_PRIORITY).
	Metric uint32 `json:"metric,omitempty"`
	// ValidUntil and PreferredUntil are ends of lifetimes on the CLOCK_BOOTTIME
	// axis, or zero for "forever".
	ValidUntil     time.Duration `json:"valid_until_ns,omitempty"`
	PreferredUntil time.Duration `json:"preferred_until_ns,omitempty"`
}

// Kind implements Fact.
func (*Address) Kind() Kind { return KindAddress }

// Row implements Fact.
func (*Address) Row() bool { return true }

// Interface implements Fact.
func (a *Address) Interface() int { return a.Index }

// Words implements Fact.
func (a *Address) Words() Untrusted {
	return Untrusted(netip.PrefixFrom(a.Local, int(a.PrefixLen)).String())
}

// Change says what o, which is about the address, does to it; old is the
// address before, or nil. It is empty when nothing of meaning changes.
func (a *Address) Change(o *Observation, old *Address) Untrusted {
	switch {
	case o.Op == Delete && LifetimeEnded(o, a.ValidUntil):
		return a.Words() + " expired"
	case o.Op == Delete:
		return a.Words() + " removed"
	case old == nil && a.Readiness() == "tentative":
		return a.Words() + " added, tentative"
	case old != nil && old.Readiness() == a.Readiness():
		return ""
	case a.Readiness() == "dadfailed":
		return a.Words() + " failed duplicate address detection"
	case old == nil:
		return a.Words() + " added"
	case a.Readiness() == "tentative":
		return a.Words() + " tentative again"
	}
	return a.Words() + " ready, duplicate address detection passed"
}

// Until returns the address with other lifetimes.
func (a *Address) Until(valid, preferred time.Duration) Address {
	out := *a
	out.ValidUntil, out.PreferredUntil = valid, preferred
	return out
}

// Family returns the family of the address.
func (a *Address) Family() Family {
	if a.Local.Is4() {
		return IPv4
	}
	return IPv6
}

// Usable reports whether the address can be the source of traffic beyond the
// link: wider than link scope, neither tentative (unless optimistic, RFC 4429)
// nor failed by duplicate address detection (RFC 4862 §5.4).
func (a *Address) Usable() bool {
	if a.Scope >= ScopeLink || a.Flags&AddrDADFailed != 0 {
		return false
	}
	return a.Flags&AddrTentative == 0 || a.Flags&AddrOptimistic != 0
}

// AddressFlags are IFA_F_ flags.
type AddressFlags uint32

// The IFA_F_ flags that matter here (linux/if_addr.h).
const (
	AddrSecondary  AddressFlags = 0x01
	AddrOptimistic AddressFlags = 0x04
	AddrDADFailed  AddressFlags = 0x08
	AddrDeprecated AddressFlags = 0x20
	AddrTentative  AddressFlags = 0x40
	AddrPermanent  AddressFlags = 0x80
)

// The words are those of "ip -j address"; 0x01 is printed as "temporary" for
// IPv6 there, and kept as one word here.
var addressFlagNames = bitNames{
	{0x01, "secondary"},
	{0x02, "nodad"},
	{0x04, "optimistic"},
	{0x08, "dadfailed"},
	{0x10, "home"},
	{0x20, "deprecated"},
	{0x40, "tentative"},
	{0x80, "permanent"},
	{0x100, "mngtmpaddr"},
	{0x200, "noprefixroute"},
	{0x400, "autojoin"},
	{0x800, "stable-privacy"},
}

// MarshalJSON encodes the names of the set flags.
func (f AddressFlags) MarshalJSON() ([]byte, error) { return addressFlagNames.marshal(uint32(f)) }

// UnmarshalJSON decodes names of flags.
func (f *AddressFlags) UnmarshalJSON(b []byte) error {
	v, err := addressFlagNames.unmarshal(b)
	*f = AddressFlags(v)
	return err
}

// A Scope is an address or route scope with the kernel's number; a larger
// number is narrower.
type Scope uint8

// The scopes (linux/rtnetlink.h).
const (
	ScopeGlobal  Scope = 0
	ScopeSite    Scope = 200
	ScopeLink    Scope = 253
	ScopeHost    Scope = 254
	ScopeNowhere Scope = 255
)

var scopeNames = map[Scope]string{
	ScopeGlobal: "global", ScopeSite: "site", ScopeLink: "link",
	ScopeHost: "host", ScopeNowhere: "nowhere",
}

// String returns the name that ip(8) prints.
func (s Scope) String() string {
	if n, ok := scopeNames[s]; ok {
		return n
	}
	return numberNames(nil).name(uint8(s))
}

// MarshalText encodes the String form.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText decodes the String form.
func (s *Scope) UnmarshalText(b []byte) error {
	for v, n := range scopeNames {
		if n == string(b) {
			*s = v
			return nil
		}
	}
	v, err := numberNames(nil).number(b)
	*s = Scope(v)
	return err
}

// An AddressKey identifies an address: IPv4 allows one address with several
// prefix lengths on a link.
type AddressKey struct {
	Index     int
	Local     netip.Addr
	PrefixLen uint8
	Peer      netip.Addr
}

// Key returns the identity of the address.
func (a *Address) Key() AddressKey {
	return AddressKey{a.Index, a.Local, a.PrefixLen, a.Peer}
}

// Readiness returns "ready", or "tentative" or "dadfailed" while duplicate
// address detection keeps the address from being used (RFC 4862).
func (a *Address) Readiness() string {
	switch {
	case a.Flags&AddrDADFailed != 0:
		return "dadfailed"
	case a.Flags&AddrTentative != 0 && a.Flags&AddrOptimistic == 0:
		return "tentative"
	}
	return "ready"
}
