package fact

// A Metering is what NetworkManager says of what traffic by an interface costs.
type Metering struct {
	// Name is the interface.
	Name Untrusted `json:"ifname"`
	// Guessed is whether it follows from how the network looks (a phone that
	// shares its connection says so over DHCP), and not from the user's choice.
	Guessed bool `json:"guessed,omitempty"`
}

// KindMetering is the kind of Metering.
const KindMetering Kind = "metering"

// Kind implements Fact.
func (*Metering) Kind() Kind { return KindMetering }

// Row implements Fact.
func (*Metering) Row() bool { return true }

// Interface implements Fact.
func (*Metering) Interface() int { return 0 }

// Words implements Fact.
func (m *Metering) Words() Untrusted {
	if m.Guessed {
		return m.Name + " is metered, by the look of its network"
	}
	return m.Name + " is metered, by choice"
}
