package vmlab

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The addresses that mac80211_hwsim gives its radios: the station's, and those of
// the access points.
const (
	stationAddress = "02:00:00:00:00:00"
	firstAP        = "02:00:00:00:01:00"
	secondAP       = "02:00:00:00:02:00"
)

// newerKernel is the kernel, besides that of Debian's release, under which what radios
// tell is looked at, too.
const newerKernel = "6.12"

// underKernels runs a test under the kernel of Debian's release, and in the night under
// a newer one, too.
func underKernels(t *testing.T, test func(t *testing.T, m *Machine)) {
	t.Helper()
	for _, kernel := range some(1, []string{"", newerKernel}) {
		t.Run(cmp.Or(kernel, "release"), func(t *testing.T) { test(t, radioLab(t, kernel)) })
	}
}

// radioLab boots a machine with a station, wlan0, and two radios for access
// points with WPA2 in namespace ap, wlan1 on channel 1 and wlan2 on channel 6, of
// one network and bridged: what a home has. Nothing is associated yet.
func radioLab(t *testing.T, kernel string) *Machine {
	t.Helper()
	ap := func(n, channel int) []byte {
		return fmt.Appendf(nil, "interface=wlan%d\ndriver=nl80211\nctrl_interface=/run/hostapd%d\nbridge=br0\nssid=lab\n"+
			"hw_mode=g\nchannel=%d\nieee80211n=1\nwmm_enabled=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=password1\nbss_load_update_period=50\n", n, n, channel)
	}
	const station = "ctrl_interface=/run/wpa\np2p_disabled=1\nnetwork={\nssid=\"lab\"\npsk=\"password1\"\nkey_mgmt=WPA-PSK\nscan_freq=2412 2437\n}\n"
	m := lab(t, Options{
		Kernel:    kernel,
		CPUs:      2,
		Modules:   []string{"mac80211_hwsim"},
		OnDemand:  []string{"ccm", "ctr", "cmac", "gcm", "gf128mul", "ghash_generic", "bridge"},
		Programs:  []string{"iw", "hostapd", "hostapd_cli", "wpa_supplicant", "wpa_cli", "setpriv"},
		HostFiles: radioFiles(t),
		Files: map[string][]byte{
			"/etc/modprobe.d/hwsim.conf": []byte("options mac80211_hwsim radios=4\n"),
			"/etc/ap1.conf":              ap(1, 1),
			"/etc/ap2.conf":              ap(2, 6),
			"/etc/full.conf":             append(ap(1, 1), "max_num_sta=0\n"...),
			"/etc/station.conf":          []byte(station),
		},
	})
	m.Run(t, `mount -t debugfs d /sys/kernel/debug
		ip netns add ap; for p in 1 2 3; do iw phy phy$p set netns name ap; done
		ip -n ap link add br0 type bridge; ip -n ap link set br0 up; ip -n ap addr add 192.0.2.1/24 dev br0
		ip netns exec ap hostapd -B -P /run/h1.pid /etc/ap1.conf >/run/ap1.log`)
	return m
}

// radioFiles are the program that forges frames, and the domains that a radio may be
// told to be in, which package wireless-regdb has.
func radioFiles(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"/bin/inject": product(t, "inject")}
	for _, file := range []string{"/lib/firmware/regulatory.db", "/lib/firmware/regulatory.db.p7s"} {
		if _, err := os.Stat(file); err == nil {
			out[file] = file
		}
	}
	return out
}

// associate starts the supplicant and waits until the link is up, which then has
// an address and a default route.
const associate = `
	wpa_supplicant -B -P /run/wpa.pid -i wlan0 -c /etc/station.conf >/run/wpa.log
	wpa_cli -p /run/wpa -i wlan0 scan_interval 1 >/dev/null
	` + awaitUp + `
	ip addr add 192.0.2.7/24 dev wlan0; ip route add default via 192.0.2.1`

// awaitUp waits until the link of the station is up.
const awaitUp = `until [ "$(cat /sys/class/net/wlan0/operstate)" = up ]; do sleep 0.05; done`

// kick makes the first access point drop the station for a reason.
func kick(reason int) string {
	return fmt.Sprintf("hostapd_cli -p /run/hostapd1 -i wlan1 deauthenticate %s reason=%d >/dev/null", stationAddress, reason)
}

// raws counts the raw losses and gains of the machine's path since the newest
// step.
func (w *watch) raws() (losses, gains int) {
	for _, e := range w.seen[w.from:] {
		switch {
		case e.Scope != "machine" || e.Phase != "raw" || e.Initial:
		case e.From == "satisfied" && e.To != "satisfied":
			losses++
		case e.From != "satisfied" && e.To == "satisfied":
			gains++
		}
	}
	return losses, gains
}

// TestWifiOnce counts an association and each kick as one gain and one loss: the
// events of the wireless extensions, which come as links without a state, are no
// news of the link.
func TestWifiOnce(t *testing.T) {
	nightly(t)
	m := radioLab(t, "")
	w := follow(t, m, "", "--no-probes", "--all")
	w.part("association", func() { w.once(associate, 0) })
	for _, reason := range []int{1, 4, 8} {
		w.part(fmt.Sprintf("kick-%d", reason), func() { w.once(kick(reason), 1) })
	}
}

// once does what ends in one raw gain, after so many losses.
func (w *watch) once(script string, lost int) {
	w.Helper()
	w.step(script)
	w.await("the path as it was, or better", func(e event) bool {
		return e.Phase == "raw" && e.Scope == "machine" && e.To == "satisfied" && !e.Initial
	})
	w.pause()
	w.take()
	if losses, gains := w.raws(); losses != lost || gains != 1 {
		w.Errorf("got %d losses and %d gains, want %d and one", losses, gains, lost)
	}
}

// TestRadioOffUnprivileged throws the switch of the radio where the rfkill device
// is closed to the user who watches.
func TestRadioOffUnprivileged(t *testing.T) {
	nightly(t)
	m := radioLab(t, "")
	m.Run(t, "chmod 600 /dev/rfkill; ip link set wlan0 up")
	w := follow(t, m, nobody, "--no-probes")
	const all = "for s in /sys/class/net/wlan0/phy80211/rfkill*/soft; do echo %d >$s; done"
	w.part("off", func() {
		w.step(fmt.Sprintf(all, 1))
		if got := w.becomes("machine", "unsatisfied radio_off").chain(); !strings.Contains(got, "wlan0 radio switched off") {
			w.Errorf("cause: got %q", got)
		}
	})
	w.part("on", func() {
		w.step(fmt.Sprintf(all, 0))
		w.await("the radio is on", func(e event) bool { return e.Scope == "machine" && e.Reason != "radio_off" })
	})
}
