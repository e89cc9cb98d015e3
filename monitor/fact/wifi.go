package fact

import (
	"strconv"
	"time"
)

// A Wifi is what last became of the association of one interface: what an access
// point and the radio said about it.
type Wifi struct {
	Index int `json:"ifindex"`
	// Event is one of the Wifi constants.
	Event Untrusted `json:"event"`
	// SSID is the name of the network: any 32 bytes, which anybody near can choose.
	SSID  Untrusted `json:"ssid,omitempty"`
	BSSID Untrusted `json:"bssid,omitempty"`
	// Reason is the reason code of an end, of either side (IEEE 802.11 9.4.1.7).
	Reason uint16 `json:"reason_code,omitempty"`
	// ByAP is whether the access point asked for it.
	ByAP bool `json:"by_ap,omitempty"`
	// Status is the status code of a try that was refused (IEEE 802.11 9.4.1.9).
	Status uint16 `json:"status_code,omitempty"`
	// Confirm is whether a try was refused when it had to prove that it knows the
	// password (SAE, which WPA3 uses).
	Confirm bool `json:"sae_confirm,omitempty"`
	// Protected is whether the frame that ended it was signed, so that nobody
	// else can have sent it.
	Protected bool `json:"protected,omitempty"`
	// Everybody is whether the access point ended it for all stations at once.
	Everybody bool `json:"everybody,omitempty"`
	// From is the BSSID before, of a roam.
	From Untrusted `json:"from_bssid,omitempty"`
	// Frequency and Width are those of the channel, in MHz.
	Frequency int `json:"frequency_mhz,omitempty"`
	Width     int `json:"width_mhz,omitempty"`
	// Signal and BeaconSignal are the averages of what was received last, in dBm,
	// or 0 where the driver does not say.
	Signal       int `json:"signal_dbm,omitempty"`
	BeaconSignal int `json:"beacon_signal_dbm,omitempty"`
	// Held is how long an association that ended had lasted, in seconds.
	Held time.Duration `json:"held_ns,omitempty"`
}

// What can become of an association.
const (
	WifiAssociated      = "associated"
	WifiRoamed          = "roamed"
	WifiDeauthenticated = "deauthenticated"
	WifiDisassociated   = "disassociated"
	// WifiDisconnected is the word of a driver that does not show frames.
	WifiDisconnected = "disconnected"
	// WifiBeaconLost is the verdict of this machine that the access point is out of
	// range, or off.
	WifiBeaconLost = "beacon_lost"
	// WifiRefused and WifiUnanswered end a try to associate.
	WifiRefused    = "refused"
	WifiUnanswered = "unanswered"
)

// Kind implements Fact.
func (*Wifi) Kind() Kind { return KindWifi }

// Row implements Fact.
func (*Wifi) Row() bool { return true }

// Interface implements Fact.
func (w *Wifi) Interface() int { return w.Index }

// Words returns the event in words: "deauthenticated by AP (reason 4: …)".
func (w *Wifi) Words() Untrusted {
	switch w.Event {
	case WifiBeaconLost:
		return "lost the AP: no beacons" + w.at()
	case WifiRefused:
		return "refused by AP" + w.why() + w.at()
	case WifiUnanswered:
		return "AP does not answer" + w.at()
	}
	words := w.Event
	if w.SSID != "" && w.Gain() {
		words += " " + w.SSID
	}
	if w.From != "" {
		words += " from " + w.From + " to " + w.BSSID
	}
	if w.ByAP {
		words += " by AP"
	} else if w.Reason != 0 {
		words += " by this machine"
	}
	words += w.why()
	if !w.Gain() {
		words += w.at()
	}
	return words
}

// StatusWords says in plain words why an access point refused a station, or "". Of a
// password that is not its own an access point says no more than that something failed.
func (w *Wifi) StatusWords() string {
	const unspecified = 1
	if w.Confirm && w.Status == unspecified {
		return "wrong password"
	}
	return statuses[w.Status]
}

// at says how strong the access point was heard last.
func (w *Wifi) at() Untrusted {
	if w.Signal == 0 {
		return ""
	}
	return Untrusted(" at " + strconv.Itoa(w.Signal) + " dBm")
}

// why is the code of the event and what it means, in parentheses.
func (w *Wifi) why() Untrusted {
	code, meaning := "", ""
	switch {
	case w.Status != 0:
		code, meaning = "status "+strconv.Itoa(int(w.Status)), w.StatusWords()
	case w.Reason != 0 && w.ByAP:
		code, meaning = "reason "+strconv.Itoa(int(w.Reason)), ReasonWords(w.Reason)
	case w.Reason != 0:
		code, meaning = "reason "+strconv.Itoa(int(w.Reason)), localReasons[w.Reason]
	default:
		return ""
	}
	if meaning != "" {
		code += ": " + meaning
	}
	return Untrusted(" (" + code + ")")
}

// Gain reports whether the interface has an access point after the event.
func (w *Wifi) Gain() bool { return w.Event == WifiAssociated || w.Event == WifiRoamed }

// Ended reports whether the event is the end of an association, and not of a try.
func (w *Wifi) Ended() bool {
	return !w.Gain() && w.Event != WifiRefused && w.Event != WifiUnanswered
}

// Channel returns the number of the channel at a frequency in MHz and the name of
// its band, or 0 and "" for none of Wi-Fi (IEEE 802.11 annex E).
func Channel(mhz int) (channel int, band string) {
	switch {
	case mhz == 2484:
		return 14, "2.4 GHz"
	case mhz >= 2412 && mhz <= 2472:
		return (mhz - 2407) / 5, "2.4 GHz"
	case mhz >= 5160 && mhz <= 5885:
		return (mhz - 5000) / 5, "5 GHz"
	case mhz == 5935:
		return 2, "6 GHz"
	case mhz >= 5955 && mhz <= 7115:
		return (mhz - 5950) / 5, "6 GHz"
	}
	return 0, ""
}
