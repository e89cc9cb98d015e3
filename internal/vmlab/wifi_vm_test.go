package vmlab

import (
	"strings"
	"testing"
)

// TestWifi associates with an access point and loses it again, in the radios
// that mac80211_hwsim simulates.
func TestWifi(t *testing.T) {
	nightly(t)
	m := lab(t, Options{
		Modules:  []string{"mac80211_hwsim"},
		Programs: []string{"iw", "hostapd"},
		Files: map[string][]byte{
			"/etc/hostapd.conf": []byte("interface=wlan1\ndriver=nl80211\nssid=lab\nhw_mode=g\nchannel=1\n"),
		},
	})
	m.Run(t, `ip netns add ap; iw phy phy1 set netns name ap
		ip netns exec ap hostapd -B -P /run/hostapd.pid /etc/hostapd.conf >/run/hostapd.log 2>&1
		ip -n ap addr add 192.0.2.1/24 dev wlan1; ip link set wlan0 up`)
	w := follow(t, m, "", "--no-probes")
	if p := w.seen[0].Path; p.String() != "unsatisfied not_associated wlan0" {
		t.Errorf("before the association: got %s, want not_associated", p)
	}
	w.part("associated", func() {
		w.step("iw dev wlan0 connect -w lab >/run/iw.log 2>&1; ip addr add 192.0.2.7/24 dev wlan0; ip route add default via 192.0.2.1")
		if e := w.becomes("machine", "satisfied"); e.Path.Type != "wifi" || e.Path.Interface != "wlan0" {
			w.Errorf("got %s of type %s, want wlan0, wifi", e.Path, e.Path.Type)
		}
	})
	w.part("access-point-gone", func() {
		w.step("kill $(cat /run/hostapd.pid)")
		if got := w.becomes("machine", "unsatisfied not_associated").chain(); !strings.Contains(got, "wlan0 carrier lost") {
			w.Errorf("cause: got %q", got)
		}
	})
	w.part("radio-off", func() {
		w.step("for s in /sys/class/net/wlan0/phy80211/rfkill*/soft; do echo 1 >$s; done")
		if got := w.becomes("machine", "unsatisfied radio_off").chain(); !strings.Contains(got, "wlan0 radio switched off") {
			w.Errorf("cause: got %q", got)
		}
		w.step("for s in /sys/class/net/wlan0/phy80211/rfkill*/soft; do echo 0 >$s; done")
		w.await("the radio is on", func(e event) bool { return e.Scope == "machine" && e.Reason != "radio_off" })
	})
}
