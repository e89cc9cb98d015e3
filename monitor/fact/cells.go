package fact

import "flapscope/internal/text"

// Cells are the access points that an interface has heard of, after a scan. It says
// how the air was at an instant, and is no row of a table.
type Cells struct {
	Index int         `json:"ifindex"`
	List  []HeardCell `json:"access_points"`
}

// A HeardCell is an access point as its beacons describe it. Whoever is near can send
// any of them.
type HeardCell struct {
	BSSID Untrusted `json:"bssid"`
	SSID  Untrusted `json:"ssid,omitempty"`
	// Associated is whether the interface is associated with it.
	Associated bool `json:"associated,omitempty"`
	// Frequency is that of its channel in MHz, and Signal how strong it was heard, in
	// dBm.
	Frequency int `json:"frequency_mhz,omitempty"`
	Signal    int `json:"signal_dbm,omitempty"`
	// Security is by what it lets stations in: "open", "WPA2", "WPA3", "802.1X".
	Security Untrusted `json:"security,omitempty"`
	// Load is whether it says how full it is: how many stations it has, and how much
	// of the time its channel is busy, in per cent.
	Load     bool `json:"load,omitempty"`
	Stations int  `json:"stations,omitempty"`
	Busy     int  `json:"busy_percent,omitempty"`
}

// KindCells is the kind of Cells.
const KindCells Kind = "wifi_cells"

// Kind implements Fact.
func (*Cells) Kind() Kind { return KindCells }

// Row implements Fact.
func (*Cells) Row() bool { return false }

// Interface implements Fact.
func (c *Cells) Interface() int { return c.Index }

// Words implements Fact.
func (c *Cells) Words() Untrusted {
	return Untrusted(text.Count(len(c.List), "access point") + " heard")
}
