package fact

// A Netconf is a change of a per-interface IP setting that alters routing
// (RTM_NEWNETCONF), such as ignore_routes_with_linkdown.
type Netconf struct {
	Family Family `json:"family"`
	// Index is the interface, or -1 for "all", -2 for "default".
	Index                    int  `json:"ifindex"`
	IgnoreRoutesWithLinkdown bool `json:"ignore_routes_with_linkdown,omitempty"`
}

// Kind implements Fact.
func (*Netconf) Kind() Kind { return KindNetconf }

// Row implements Fact.
func (*Netconf) Row() bool { return true }

// Interface implements Fact.
func (*Netconf) Interface() int { return 0 }

// Words implements Fact.
func (n *Netconf) Words() Untrusted {
	return Untrusted(n.Family.String()+" ignore_routes_with_linkdown ") + verbIf(n.IgnoreRoutesWithLinkdown, "on", "off")
}

// A NetconfKey identifies a setting.
type NetconfKey struct {
	Family Family
	Index  int
}

// Key returns the identity of the setting.
func (n *Netconf) Key() NetconfKey { return NetconfKey{n.Family, n.Index} }
