//go:build linux

package wireless

import (
	"encoding/binary"

	"flapscope/monitor/fact"
)

// The elements of a beacon that say by what an access point lets stations in, and how
// full it is (IEEE 802.11 9.4.2.24, 9.4.2.26, 9.4.2.27).
const (
	elementLoad   = 11
	elementRSN    = 48
	elementVendor = 221
)

// capabilityPrivacy is the bit of the capabilities that frames are encrypted.
const capabilityPrivacy = 1 << 4

// An advert is what a beacon says of its access point.
type advert struct {
	ssid     fact.Untrusted
	security fact.Untrusted
	load     bool
	stations int
	// busy is how much of the time the channel is, in per cent.
	busy int
}

// decodeAdvert reads the elements of a beacon. The first of each counts, and a bad
// one ends the walk.
func decodeAdvert(b []byte, capability uint16) (a advert) {
	a.ssid = ssidOf(b)
	rsn, wpa := false, false
	for id, e := range elements(b) {
		switch {
		case id == elementRSN && !rsn:
			rsn, a.security = true, securityOf(e)
		case id == elementVendor && len(e) >= 4 && [4]byte(e) == [4]byte{0x00, 0x50, 0xf2, 1}:
			wpa = true
		case id == elementLoad && !a.load && len(e) >= 3:
			a.load, a.stations, a.busy = true, int(binary.LittleEndian.Uint16(e)), (int(e[2])*100+127)/255
		}
	}
	switch {
	case rsn:
	case wpa:
		a.security = "WPA"
	case capability&capabilityPrivacy != 0:
		a.security = "WEP"
	default:
		a.security = "open"
	}
	return a
}

// securityOf names the ways to authenticate of an RSN element: version, cipher of the
// group, ciphers of pairs, and then the suites, each list after its length.
func securityOf(e []byte) fact.Untrusted {
	const unknown = "RSN"
	if len(e) < 8 {
		return unknown
	}
	pairs := int(binary.LittleEndian.Uint16(e[6:]))
	if len(e) < 8+4*pairs+2 {
		return unknown
	}
	e = e[8+4*pairs:]
	n := int(binary.LittleEndian.Uint16(e))
	var psk, sae, eap, owe bool
	for e = e[2:]; n > 0 && len(e) >= 4; n, e = n-1, e[4:] {
		if [3]byte(e) != [3]byte{0x00, 0x0f, 0xac} {
			continue
		}
		switch e[3] {
		case 1, 3, 5, 11, 12, 13:
			eap = true
		case 2, 4, 6:
			psk = true
		case 8, 9, 24, 25:
			sae = true
		case 18:
			owe = true
		}
	}
	switch {
	case eap:
		return "802.1X"
	case psk && sae:
		return "WPA2/3"
	case sae:
		return "WPA3"
	case psk:
		return "WPA2"
	case owe:
		return "OWE"
	}
	return unknown
}
