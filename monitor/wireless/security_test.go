//go:build linux

package wireless

import (
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// rsn is an RSN element with one cipher of pairs and some suites.
func rsn(suites ...byte) []byte {
	e := []byte{1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4}
	e = binary.LittleEndian.AppendUint16(e, uint16(len(suites)))
	for _, s := range suites {
		e = append(e, 0, 0x0f, 0xac, s)
	}
	return append([]byte{elementRSN, byte(len(e))}, e...)
}

// TestAdvert: what beacons say, and what they say wrongly.
func TestAdvert(t *testing.T) {
	name := []byte{0, 3, 'l', 'a', 'b'}
	load := []byte{elementLoad, 5, 14, 0, 156, 0, 0}
	wpa := []byte{elementVendor, 6, 0x00, 0x50, 0xf2, 1, 1, 0}
	for _, tt := range []struct {
		name       string
		elements   [][]byte
		capability uint16
		want       advert
	}{
		{"open", [][]byte{name}, 1, advert{ssid: "lab", security: "open"}},
		{"wep", [][]byte{name}, capabilityPrivacy, advert{ssid: "lab", security: "WEP"}},
		{"wpa", [][]byte{name, wpa}, capabilityPrivacy, advert{ssid: "lab", security: "WPA"}},
		{"wpa2", [][]byte{name, rsn(2), wpa}, capabilityPrivacy, advert{ssid: "lab", security: "WPA2"}},
		{"both", [][]byte{name, rsn(2, 8)}, capabilityPrivacy, advert{ssid: "lab", security: "WPA2/3"}},
		{"wpa3", [][]byte{name, rsn(8)}, capabilityPrivacy, advert{ssid: "lab", security: "WPA3"}},
		{"login", [][]byte{name, rsn(5)}, capabilityPrivacy, advert{ssid: "lab", security: "802.1X"}},
		{"owe", [][]byte{name, rsn(18)}, capabilityPrivacy, advert{ssid: "lab", security: "OWE"}},
		{"unknown-suite", [][]byte{name, rsn(99)}, capabilityPrivacy, advert{ssid: "lab", security: "RSN"}},
		{"short-rsn", [][]byte{name, {elementRSN, 3, 1, 0, 0}}, capabilityPrivacy, advert{ssid: "lab", security: "RSN"}},
		{"lying-rsn", [][]byte{name, {elementRSN, 10, 1, 0, 0, 0x0f, 0xac, 4, 255, 255, 0, 0}}, capabilityPrivacy, advert{ssid: "lab", security: "RSN"}},
		{"load", [][]byte{name, load}, 1, advert{ssid: "lab", security: "open", load: true, stations: 14, busy: 61}},
		{"full", [][]byte{name, {elementLoad, 3, 0, 1, 255}}, 1, advert{ssid: "lab", security: "open", load: true, stations: 256, busy: 100}},
		{"idle", [][]byte{name, {elementLoad, 5, 0, 0, 0, 0, 0}}, 1, advert{ssid: "lab", security: "open", load: true}},
		{"short-load", [][]byte{name, {elementLoad, 1, 9}}, 1, advert{ssid: "lab", security: "open"}},
		{"cut", [][]byte{name, {elementLoad, 200, 9}}, 1, advert{ssid: "lab", security: "open"}},
		{"two-loads", [][]byte{name, load, {elementLoad, 5, 0, 0, 0, 0, 0}}, 1, advert{ssid: "lab", security: "open", load: true, stations: 14, busy: 61}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeAdvert(slices.Concat(tt.elements...), tt.capability); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestHeard: a list has the strongest first, the one in use whatever its strength,
// and no more than there is room for.
func TestHeard(t *testing.T) {
	var all []cell
	for i := range 3 * maxHeard {
		all = append(all, cell{bssid: mac{5: byte(i)}, signal: -30 - i%60, advert: advert{ssid: fact.Untrusted(rune('a' + i%26))}})
	}
	all[len(all)-1].associated, all[len(all)-1].signal = true, -95
	all[4].signal = 0 // not known
	got := heard(3, all)
	if got.Index != 3 || len(got.List) != maxHeard || !got.List[0].Associated || got.List[1].Signal != -30 {
		t.Errorf("%d are heard, the first two %+v", len(got.List), got.List[:2])
	}
	for i := 2; i < len(got.List); i++ {
		if got.List[i].Signal > got.List[i-1].Signal || got.List[i].Signal == 0 {
			t.Errorf("%d dBm after %d dBm", got.List[i].Signal, got.List[i-1].Signal)
		}
	}
}

// FuzzCell gives the decoder of what was heard what anybody near can send.
func FuzzCell(f *testing.F) {
	f.Add(slices.Concat([]byte{0, 3, 'l', 'a', 'b'}, rsn(2, 8), []byte{elementLoad, 5, 14, 0, 156, 0, 0}))
	f.Add([]byte{elementRSN, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		a := decodeAdvert(b, 0)
		if len(a.ssid) > maxSSID || a.busy < 0 || a.busy > 100 || a.stations < 0 || a.security == "" {
			t.Errorf("%+v of %x", a, b)
		}
		c := decodeCell(b)
		if c.signal > 0 {
			t.Errorf("signal %d", c.signal)
		}
		nested := []byte{0, 0, byte(unix.NL80211_ATTR_BSS), 0}
		nested = append(nested, b...)
		binary.LittleEndian.PutUint16(nested, uint16(min(len(nested), 1<<15)))
		decodeCell(nested)
	})
}
