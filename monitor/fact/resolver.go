package fact

import (
	"net/netip"
	"strings"
)

// Resolvers is the name servers that one source configures, in order of use.
// The source is the identity.
type Resolvers struct {
	// Source is "resolv.conf" or "resolved".
	Source string `json:"source"`
	// Servers are the name servers.
	Servers []Server `json:"servers"`
	// Search are the search domains.
	Search []Untrusted `json:"search,omitempty"`
	// Domains say of which interface's servers names are asked for.
	Domains []Domain `json:"domains,omitempty"`
	// Aside are the interfaces whose servers are asked for names in their domains alone.
	Aside []int `json:"aside,omitempty"`
	// Err says why the source could not be read, or is empty.
	Err Untrusted `json:"err,omitempty"`
}

// A Server is one name server.
type Server struct {
	// Addr is its address, with a zone where it is link-local.
	Addr netip.Addr `json:"addr"`
	// Port is 53 unless configured otherwise.
	Port uint16 `json:"port,omitempty"`
	// Index is the interface that the server belongs to, or 0 for any.
	Index int `json:"ifindex,omitempty"`
}

// A Domain is one whose names are asked of the servers of one interface, those of a
// longer one of another excepted.
type Domain struct {
	// Name is ".", where it is all names.
	Name Untrusted `json:"name"`
	// Index is the interface, or 0 for servers of none.
	Index int `json:"ifindex,omitempty"`
}

// Kind implements Fact.
func (*Resolvers) Kind() Kind { return KindResolver }

// Row implements Fact.
func (*Resolvers) Row() bool { return true }

// Interface implements Fact.
func (*Resolvers) Interface() int { return 0 }

// Words implements Fact.
func (r *Resolvers) Words() Untrusted {
	source := Untrusted(r.Source) + ": "
	if r.Err != "" {
		return source + "cannot be read: " + r.Err
	}
	if len(r.Servers) == 0 {
		return source + "no servers"
	}
	servers := make([]string, len(r.Servers))
	for i, s := range r.Servers {
		servers[i] = s.Addr.String()
	}
	return source + Untrusted(strings.Join(servers, ", "))
}
