package vmlab

import (
	"fmt"
	"strings"
	"testing"
)

// spareRadio makes a monitor interface of the radio that nobody uses, from which
// anything can be sent, on a channel.
func spareRadio(channel int) string {
	return fmt.Sprintf(`ip netns exec ap iw phy phy3 interface add mon0 type monitor
		ip -n ap link set mon0 up; ip netns exec ap iw dev mon0 set channel %d`, channel)
}

// forged is a deauthentication of the station that says it is of an access point
// (IEEE 802.11-2020, 9.3.3.1: type and subtype, flags, duration, to, from, BSSID,
// sequence, reason), sent some times from the spare radio.
func forged(bssid string, reason, times int) string {
	plain := func(mac string) string { return strings.ReplaceAll(mac, ":", "") }
	return fmt.Sprintf("ip netns exec ap inject mon0 c0000000%s%s%s0000%02x00 %d 50ms",
		plain(stationAddress), plain(bssid), plain(bssid), reason, times)
}

// signedSteps are of a network whose management frames are signed.
var signedSteps = []radioStep{
	{
		name: "forged", words: "another station forges three deauthentications, reason 7", do: forged(firstAP, 7, 3) + "; sleep 2",
		iw:   []string{"unprotected deauth AP → us reason 7"},
		told: []string{"unprotected_deauth (reason 7)"},
	},
	{
		name: "kick", words: "the access point deauthenticates the station, reason 4, and is out of reach for 1.4 s", do: kick(4) + "; " + blink + "; " + awaitUp,
		iw:   []string{"deauth AP → us reason 4", "disconnected (by AP) reason 4", "connected to AP"},
		told: []string{"deauthenticated by AP, signed (reason 4)", "associated"},
		what: "deauthenticated", text: "wlan0 was deauthenticated by AP (reason 4: it heard nothing) at -30 dBm",
	},
}

// TestSignedManagement forges a deauthentication where management frames are signed:
// nothing is lost, and it is told; that of the access point itself is known as genuine.
func TestSignedManagement(t *testing.T) {
	nightly(t)
	underKernels(t, signedManagementUnder)
}

func signedManagementUnder(t *testing.T, m *Machine) {
	m.Run(t, radioConfig+iwEvents)
	m.Run(t, spareRadio(1))
	m.Run(t, `for f in ap1 station; do sed -i 's/WPA-PSK/WPA-PSK-SHA256/; s/^\(wpa=2\|ssid="lab"\)$/&\nieee80211w=2/' /etc/$f.conf; done; `+restartAP("ap1"))
	w := follow(t, m, "", "--no-probes", "--all")
	w.step(associate)
	w.becomes("machine", "satisfied")
	var rows []string
	for _, s := range signedSteps {
		w.part(s.name, func() { rows = append(rows, w.try(&s)) })
	}
	documentRows(t, "TestSignedManagement", stepsHead, rows)
}
