package lan

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Request says what link to look at, and how.
type Request struct {
	// Index is the interface, and Name its name.
	Index int
	Name  string
	// Quiet leaves addresses unasked: what the kernel knows and what is announced
	// is all.
	Quiet bool
	// Raw is whether pings take a raw socket.
	Raw bool
	// Look reads the state of this machine, as it is at that time.
	Look func(func(*state.State))
}

// A Scan is what was found on a link.
type Scan struct {
	Hosts []*Host
	// Prefixes are those of the link, IPv4 first.
	Prefixes []netip.Prefix
	// Asked counts the addresses that were asked, and All is whether they were all
	// of the prefixes of IPv4.
	Asked int
	All   bool
	// Makers is whether there was a list of makers to be found on this machine.
	Makers bool
	// Notes say what was not done, and why.
	Notes []fact.Untrusted
	Took  time.Duration
}

// Rate is how many addresses or ports are asked in a second.
const Rate = 200

// pace is the time between two packets of a burst, and perPace how many are sent
// at once then: timers cost more than packets.
const (
	pace    = 20 * time.Millisecond
	perPace = Rate * int(pace) / int(time.Second)
)

// linkPrefixes returns the prefixes of a link, and its own IPv4 address in the
// first of them.
func linkPrefixes(s *state.State, index int) (list []netip.Prefix, own netip.Addr) {
	for _, f := range fact.Families {
		for _, a := range s.Addresses {
			if a.Index != index || a.Family() != f || a.Local.IsLinkLocalUnicast() && f == fact.IPv6 {
				continue
			}
			if f == fact.IPv4 && !own.IsValid() {
				own = a.Local
			}
			list = append(list, netip.PrefixFrom(a.Local, int(a.PrefixLen)).Masked())
		}
	}
	return list, own
}

// OnLink reports whether an address is one of the link's own prefixes, or of its
// neighbours.
func OnLink(s *state.State, index int, a netip.Addr) bool {
	prefixes, _ := linkPrefixes(s, index)
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	for _, n := range s.Neighbours {
		if n.Index == index && n.Dst == a {
			return true
		}
	}
	return false
}
