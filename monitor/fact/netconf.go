package fact

import "strconv"

// A Netconf is the IP settings of an interface that alter routing
// (RTM_NEWNETCONF), such as ignore_routes_with_linkdown.
type Netconf struct {
	Family Family `json:"family"`
	// Index is the interface, or -1 for "all", -2 for "default".
	Index                    int  `json:"ifindex"`
	IgnoreRoutesWithLinkdown bool `json:"ignore_routes_with_linkdown,omitempty"`
	// Forwarding is whether packets of others are passed on. IPv6 takes no router
	// advertisement then, unless accept_ra is 2.
	Forwarding bool `json:"forwarding,omitempty"`
	// RPFilter is how the source of what arrives is checked (RFC 3704): 0 not, 1 by the
	// best way back, 2 by any. The kernel takes the greater of "all" and the interface's.
	RPFilter uint8 `json:"rp_filter,omitempty"`
}

// Kind implements Fact.
func (*Netconf) Kind() Kind { return KindNetconf }

// Row implements Fact.
func (*Netconf) Row() bool { return true }

// Interface implements Fact.
func (*Netconf) Interface() int { return 0 }

// Words implements Fact.
func (n *Netconf) Words() Untrusted {
	out := n.Family.String() + " ignore_routes_with_linkdown " + string(verbIf(n.IgnoreRoutesWithLinkdown, "on", "off"))
	if n.Forwarding {
		out += ", forwarding"
	}
	if n.RPFilter != 0 {
		out += ", rp_filter " + strconv.Itoa(int(n.RPFilter))
	}
	return Untrusted(out)
}

// A NetconfKey identifies a setting.
type NetconfKey struct {
	Family Family
	Index  int
}

// Key returns the identity of the setting.
func (n *Netconf) Key() NetconfKey { return NetconfKey{n.Family, n.Index} }
