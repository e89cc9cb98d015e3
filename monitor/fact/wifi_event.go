package fact

import (
	"strconv"

	"flapscope/internal/text"
)

// A WifiEvent is what a radio reports besides the beginning and the end of an
// association. The fields that do not apply are zero.
type WifiEvent struct {
	// Index is the interface, or 0 for what concerns the whole machine.
	Index int `json:"ifindex,omitempty"`
	// Event is one of the WifiEvent constants.
	Event Untrusted `json:"event"`
	// BSSID is the access point in question.
	BSSID Untrusted `json:"bssid,omitempty"`
	// SSID is the network that a scan asks for; "" is a scan for any.
	SSID Untrusted `json:"ssid,omitempty"`
	// Channels is how many channels a scan visits.
	Channels int `json:"channels,omitempty"`
	// Frequency and Width are those of the new channel, in MHz.
	Frequency int `json:"frequency_mhz,omitempty"`
	Width     int `json:"width_mhz,omitempty"`
	// Level is the signal in dBm.
	Level int `json:"level_dbm,omitempty"`
	// Count is how many packets were lost, or beacons pass before a switch.
	Count int `json:"count,omitempty"`
	// Reason is the reason code of a frame that nobody believed.
	Reason uint16 `json:"reason_code,omitempty"`
	// Status is the status code of an answer.
	Status uint16 `json:"status_code,omitempty"`
	// Country is the new regulatory domain: "DE", "00" for the world.
	Country Untrusted `json:"country,omitempty"`
	// Elsewhere is whether it may concern another network namespace alone: changes
	// of the regulatory domain are reported to all.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// KindWifiEvent is the kind of WifiEvent.
const KindWifiEvent Kind = "wifi_event"

// What a radio reports.
const (
	WifiEventScan       = "scan"
	WifiEventScanned    = "scanned"
	WifiEventScanEnded  = "scan_aborted"
	WifiEventTrying     = "authenticated"
	WifiEventBeaconLoss = "beacon_loss"
	WifiEventPacketLoss = "packet_loss"
	WifiEventSignalLow  = "signal_low"
	WifiEventSignalHigh = "signal_high"
	WifiEventSwitching  = "channel_switch"
	WifiEventSwitched   = "channel_switched"
	WifiEventForged     = "unprotected_deauth"
	WifiEventRegulatory = "regulatory"
	WifiEventRadioMade  = "radio_interface"
	WifiEventRadioGone  = "radio_interface_gone"
)

// Kind implements Fact.
func (*WifiEvent) Kind() Kind { return KindWifiEvent }

// Row implements Fact.
func (*WifiEvent) Row() bool { return false }

// Interface implements Fact.
func (e *WifiEvent) Interface() int { return e.Index }

// Words implements Fact.
func (e *WifiEvent) Words() Untrusted {
	switch e.Event {
	case WifiEventScan:
		words := Untrusted("scan of " + text.Count(e.Channels, "channel"))
		if e.SSID != "" {
			words += " for " + e.SSID
		}
		return words
	case WifiEventScanned:
		return "scan over"
	case WifiEventScanEnded:
		return "scan aborted"
	case WifiEventTrying:
		return "authenticated with " + e.BSSID
	case WifiEventBeaconLoss:
		return "no beacons of the AP"
	case WifiEventPacketLoss:
		return Untrusted(text.Count(e.Count, "packet") + " in a row not acknowledged")
	case WifiEventSignalLow, WifiEventSignalHigh:
		return verbIf(e.Event == WifiEventSignalLow, "signal fell", "signal rose") + Untrusted(" to "+strconv.Itoa(e.Level)+" dBm")
	case WifiEventSwitching, WifiEventSwitched:
		return verbIf(e.Event == WifiEventSwitching, "AP is going", "AP went") + Untrusted(" to "+channelWords(e.Frequency))
	case WifiEventForged:
		return "deauthentication without a signature ignored: forged, or the AP lost its keys"
	case WifiEventRegulatory:
		return "regulatory domain " + e.Country + verbIf(e.Elsewhere, ", set by a program, perhaps of another namespace", "")
	case WifiEventRadioMade:
		return "interface of the radio made"
	case WifiEventRadioGone:
		return "interface of the radio removed"
	}
	return e.Event
}

// channelWords names the channel at a frequency: "channel 36 (5 GHz)".
func channelWords(mhz int) string {
	channel, band := Channel(mhz)
	if channel == 0 {
		return strconv.Itoa(mhz) + " MHz"
	}
	return "channel " + strconv.Itoa(channel) + " (" + band + ")"
}
