package fact

import "net/netip"

// A Neighbour is one entry of the ARP or ND cache (RTM_NEWNEIGH), or a proxy
// entry.
type Neighbour struct {
	Index int        `json:"ifindex"`
	Dst   netip.Addr `json:"dst"`
	// LLAddr is the link-layer address in lower-case hex with colons.
	LLAddr Untrusted      `json:"lladdr,omitempty"`
	State  NeighbourState `json:"state"`
	// Router is whether ND learned that it is a router (NTF_ROUTER).
	Router bool `json:"router,omitempty"`
	// Proxy is whether this is a proxy entry (NTF_PROXY).
	Proxy bool `json:"proxy,omitempty"`
	// Flags are the remaining NTF_ flags.
	Flags uint8 `json:"ntf,omitempty"`
}

// Kind implements Fact.
func (*Neighbour) Kind() Kind { return KindNeighbour }

// Row implements Fact.
func (*Neighbour) Row() bool { return true }

// Interface implements Fact.
func (n *Neighbour) Interface() int { return n.Index }

// Words implements Fact.
func (n *Neighbour) Words() Untrusted {
	words := Untrusted(n.Dst.String())
	if n.LLAddr != "" {
		words += " " + n.LLAddr
	}
	return words + " " + Untrusted(n.State.String())
}

// Change says what o, which is about the neighbour, does to it; old is the
// entry before, or nil. It is empty unless the neighbour ceases or begins to
// answer.
func (n *Neighbour) Change(o *Observation, old *Neighbour) Untrusted {
	was := old != nil && old.State&NeighbourFailed != 0
	if n.Failed(o) == was {
		return ""
	}
	return Untrusted(n.Dst.String()) + verbIf(n.Failed(o), " no longer answers", " answers again")
}

// Failed reports whether the neighbour does not answer after o.
func (n *Neighbour) Failed(o *Observation) bool { return o.Op == Put && n.State&NeighbourFailed != 0 }

// A NeighbourState is a NUD_ bit.
type NeighbourState uint16

// The states (linux/neighbour.h, RFC 4861 §7.3.2).
const (
	NeighbourIncomplete NeighbourState = 0x01
	NeighbourReachable  NeighbourState = 0x02
	NeighbourStale      NeighbourState = 0x04
	NeighbourDelay      NeighbourState = 0x08
	NeighbourProbe      NeighbourState = 0x10
	NeighbourFailed     NeighbourState = 0x20
	NeighbourNoARP      NeighbourState = 0x40
	NeighbourPermanent  NeighbourState = 0x80
)

var neighbourStateNames = bitNames{
	{0x01, "INCOMPLETE"},
	{0x02, "REACHABLE"},
	{0x04, "STALE"},
	{0x08, "DELAY"},
	{0x10, "PROBE"},
	{0x20, "FAILED"},
	{0x40, "NOARP"},
	{0x80, "PERMANENT"},
}

// String returns the name that ip(8) prints.
func (s NeighbourState) String() string {
	for name := range neighbourStateNames.of(uint32(s)) {
		return name
	}
	return "NONE"
}

// MarshalJSON encodes the names of the set bits, as "ip -j neigh" does.
func (s NeighbourState) MarshalJSON() ([]byte, error) {
	return neighbourStateNames.marshal(uint32(s))
}

// UnmarshalJSON decodes names of states.
func (s *NeighbourState) UnmarshalJSON(b []byte) error {
	v, err := neighbourStateNames.unmarshal(b)
	*s = NeighbourState(v)
	return err
}

// A NeighbourKey identifies a neighbour entry.
type NeighbourKey struct {
	Index int
	Dst   netip.Addr
	Proxy bool
}

// Key returns the identity of the neighbour.
func (n *Neighbour) Key() NeighbourKey { return NeighbourKey{n.Index, n.Dst, n.Proxy} }
