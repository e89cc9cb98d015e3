package fact

import "fmt"

// A Link is one network interface as the kernel shows it (RTM_NEWLINK).
type Link struct {
	// Index is the kernel's interface index, the identity of a link.
	Index int `json:"ifindex"`
	// Name is the interface name: any bytes but '/', ':' and white space.
	Name Untrusted `json:"ifname"`
	// LinkKind is the kernel's link kind (IFLA_INFO_KIND): "veth", "bridge",
	// "wireguard", "tun"…; empty for hardware.
	LinkKind Untrusted `json:"kind,omitempty"`
	// SlaveKind is the kind of the master that this link is a port of
	// ("bridge", "bond", "vrf"…), IFLA_INFO_SLAVE_KIND.
	SlaveKind Untrusted `json:"slave_kind,omitempty"`
	// Type is what the interface is for a person; see LinkType.
	Type LinkType `json:"type"`
	// Hardware is the ARPHRD_ number (linux/if_arp.h): 1 ethernet, 772 loopback.
	Hardware uint16 `json:"hardware"`
	// Flags are the IFF_ flags (linux/if.h).
	Flags LinkFlags `json:"flags"`
	// OperState is the RFC 2863 state (IFLA_OPERSTATE).
	OperState OperState `json:"operstate"`
	// MTU is in bytes.
	MTU uint32 `json:"mtu"`
	// Address is the link-layer address in lower-case hex with colons.
	Address Untrusted `json:"address,omitempty"`
	// Master is the index of the bridge, bond or VRF above, or 0.
	Master int `json:"master_index,omitempty"`
	// Parent is the index of the link below (IFLA_LINK), possibly in another
	// namespace, or 0.
	Parent int `json:"link_index,omitempty"`
	// ParentElsewhere is whether Parent is in another network namespace.
	ParentElsewhere bool `json:"link_netns,omitempty"`
	// CarrierChanges counts carrier ups and downs since the link was made
	// (IFLA_CARRIER_CHANGES): the only trace of a flap that the kernel folded.
	CarrierChanges uint32 `json:"carrier_changes"`
	// Group is the link group number.
	Group uint32 `json:"group,omitempty"`
	// LinkMode is 1 for "dormant" (IFLA_LINKMODE).
	LinkMode uint8 `json:"linkmode,omitempty"`
	// TxQueueLen is the transmit queue length in packets.
	TxQueueLen uint32 `json:"txqlen,omitempty"`
	// Alias is the administrator's text (IFLA_IFALIAS).
	Alias Untrusted `json:"ifalias,omitempty"`
	// AltNames are the alternative names (IFLA_PROP_LIST).
	AltNames []Untrusted `json:"altnames,omitempty"`
	// RadioOff is whether rfkill blocks the radio of this interface.
	RadioOff bool `json:"radio_off,omitempty"`
	// Expensive is whether traffic costs money: cellular hardware, or metered
	// by NetworkManager.
	Expensive bool `json:"expensive,omitempty"`
	// IPv6 is how it takes part in IPv6, as the kernel's last message about the link
	// said: writing a setting makes no message. Nil where it does not.
	IPv6 *IPv6Settings `json:"ipv6,omitempty"`
}

// IPv6Settings decide which addresses and routes an interface gets of routers
// (net.ipv6.conf.*).
type IPv6Settings struct {
	// AcceptRA is whether router advertisements are taken: 0 never, 1 unless it
	// forwards, 2 always.
	AcceptRA int32 `json:"accept_ra"`
	// UseTempaddr is whether it has temporary addresses (RFC 8981): 1 beside the lasting
	// ones, 2 and prefers them.
	UseTempaddr int32 `json:"use_tempaddr"`
	Disabled    bool  `json:"disabled,omitempty"`
}

// Kind implements Fact.
func (*Link) Kind() Kind { return KindLink }

// Row implements Fact.
func (*Link) Row() bool { return true }

// Interface implements Fact.
func (l *Link) Interface() int { return l.Index }

// Words implements Fact.
func (l *Link) Words() Untrusted {
	state := "down"
	switch {
	case l.Carrier():
		state = "up, carrier up"
	case l.Up():
		state = "up, carrier down"
	}
	return Untrusted(fmt.Sprintf("%s, %s, mtu %d", state, l.OperState, l.MTU))
}

// A LinkChange is what became of one layer of a link, in words.
type LinkChange struct {
	Layer Layer
	// Gain is whether something came up.
	Gain bool
	Text Untrusted
}

// The words for a link that is gone or was taken down.
const (
	LinkRemoved = "interface removed"
	LinkSetDown = "set down"
)

// Changes returns what is different from old, which is nil for a new link: the
// lowest layer first.
func (l *Link) Changes(old *Link) (out []LinkChange) {
	if old == nil {
		out = append(out, LinkChange{LayerAdmin, l.Up(), verbIf(l.Up(), "interface appeared", "interface appeared, down")})
		if l.Carrier() {
			out = append(out, LinkChange{LayerCarrier, true, "carrier present"})
		}
		return out
	}
	if old.RadioOff != l.RadioOff {
		out = append(out, LinkChange{LayerRadio, !l.RadioOff, verbIf(l.RadioOff, "radio switched off", "radio switched on")})
	}
	switch {
	case old.Up() && !l.Up():
		// Taking a link down takes its carrier: one fact, not two.
		return append(out, LinkChange{LayerAdmin, false, LinkSetDown})
	case !old.Up() && l.Up():
		out = append(out, LinkChange{LayerAdmin, true, "set up"})
	}
	if old.Carrier() != l.Carrier() {
		out = append(out, LinkChange{LayerCarrier, l.Carrier(), verbIf(l.Carrier(), "carrier back", "carrier lost")})
	}
	return out
}

// Up reports whether the link is administratively up (IFF_UP).
func (l *Link) Up() bool { return l.Flags&FlagUp != 0 }

// LowerUp reports whether the driver signals carrier (IFF_LOWER_UP).
func (l *Link) LowerUp() bool { return l.Flags&FlagLowerUp != 0 }

// Carrier reports whether frames can leave: up, with carrier, and an
// operational state that does not forbid it. A tunnel, tap or loopback says
// "unknown", which is usable (RFC 2863 by way of dev_get_flags). Right
// after "link up" the kernel shows LOWER_UP with operstate "down" until its
// linkwatch has run, up to a second later; only then is the link usable.
func (l *Link) Carrier() bool {
	if !l.Up() || !l.LowerUp() {
		return false
	}
	return l.OperState == OperUp || l.OperState == OperUnknown
}

// Authenticating reports whether Wi-Fi is associated and waits for its keys: a
// supplicant holds the link dormant until they are installed (IFLA_LINKMODE, RFC
// 2863), which takes 30 ms where the password is right and for ever where it isn't.
func (l *Link) Authenticating() bool {
	return l.Type == TypeWifi && l.Up() && l.LowerUp() && l.OperState == OperDormant
}

// LinkFlags are IFF_ flags.
type LinkFlags uint32

// The IFF_ flags that matter here (linux/if.h).
const (
	FlagUp           LinkFlags = 1 << 0
	FlagBroadcast    LinkFlags = 1 << 1
	FlagLoopback     LinkFlags = 1 << 3
	FlagPointToPoint LinkFlags = 1 << 4
	FlagRunning      LinkFlags = 1 << 6
	FlagNoARP        LinkFlags = 1 << 7
	FlagLowerUp      LinkFlags = 1 << 16
	FlagDormant      LinkFlags = 1 << 17
)

var linkFlagNames = bitNames{
	{1 << 3, "LOOPBACK"},
	{1 << 1, "BROADCAST"},
	{1 << 4, "POINTOPOINT"},
	{1 << 12, "MULTICAST"},
	{1 << 7, "NOARP"},
	{1 << 9, "ALLMULTI"},
	{1 << 8, "PROMISC"},
	{1 << 10, "MASTER"},
	{1 << 11, "SLAVE"},
	{1 << 2, "DEBUG"},
	{1 << 15, "DYNAMIC"},
	{1 << 14, "AUTOMEDIA"},
	{1 << 13, "PORTSEL"},
	{1 << 5, "NOTRAILERS"},
	{1 << 0, "UP"},
	{1 << 16, "LOWER_UP"},
	{1 << 17, "DORMANT"},
	{1 << 18, "ECHO"},
	{1 << 6, "RUNNING"},
}

// MarshalJSON encodes the names of the set flags.
func (f LinkFlags) MarshalJSON() ([]byte, error) { return linkFlagNames.marshal(uint32(f)) }

// UnmarshalJSON decodes names of flags.
func (f *LinkFlags) UnmarshalJSON(b []byte) error {
	v, err := linkFlagNames.unmarshal(b)
	*f = LinkFlags(v)
	return err
}

// An OperState is an RFC 2863 operational state with the kernel's number.
type OperState uint8

// The operational states (linux/if.h).
const (
	OperUnknown OperState = iota
	OperNotPresent
	OperDown
	OperLowerLayerDown
	OperTesting
	OperDormant
	OperUp
)

var operNames = numberNames{"UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"}

// String returns the name that ip(8) prints.
func (s OperState) String() string { return operNames.name(uint8(s)) }

// MarshalText encodes the String form.
func (s OperState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText decodes the String form.
func (s *OperState) UnmarshalText(b []byte) error {
	v, err := operNames.number(b)
	*s = OperState(v)
	return err
}

// A LinkType says what an interface is for a person, by kernel link kind and
// sysfs, never by name.
type LinkType string

// The interface types.
const (
	TypeWifi     LinkType = "wifi"
	TypeWired    LinkType = "wired"
	TypeCellular LinkType = "cellular"
	TypeTunnel   LinkType = "tunnel"
	TypeBridge   LinkType = "bridge"
	TypeVirtual  LinkType = "virtual"
	TypeLoopback LinkType = "loopback"
	TypeOther    LinkType = "other"
)
