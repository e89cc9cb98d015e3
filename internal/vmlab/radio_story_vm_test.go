package vmlab

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"flapscope/history/session"
	"flapscope/monitor/path"
)

// radioNet gives the network of the access points what stands for the internet,
// and the program what to probe.
const radioNet = `
	for a in 1.1.1.1 9.9.9.9 8.8.8.8; do ip -n ap addr add $a/32 dev br0; done
	mkdir -p /root/.config/flapscope
	printf '[probes]\nportal_url = ""\n' >/root/.config/flapscope/config.toml`

// heard lets the station hear an access point so strongly, in dBm: what its radio
// adds to the power of the sender, 20 dBm, wrapped as debugfs wants it.
func heard(phy, dbm int) string {
	return fmt.Sprintf("printf %%u %d >/sys/kernel/debug/ieee80211/phy%d/hwsim/rx_rssi\n", dbm-20, phy)
}

// walk lets a signal change from one strength to another, a step a second, with
// the ups and downs of somebody who walks.
func walk(phy, from, to, seconds int) string {
	var b strings.Builder
	for s := range seconds {
		wave := []int{0, 1, -1, 2, 0, -2, 1, 0, -1, 3}[s%10]
		b.WriteString(heard(phy, from+(to-from)*s/max(seconds-1, 1)+wave) + "sleep 1\n")
	}
	return b.String()
}

// roam goes over to another access point.
func roam(bssid string) string {
	return "wpa_cli -p /run/wpa -i wlan0 scan freq=2412,2437 >/dev/null; sleep 2; wpa_cli -p /run/wpa -i wlan0 roam " + bssid + " >/dev/null; sleep 2; " + awaitUp + "\n"
}

// flap lets the first access point drop the station eight seconds after it came
// back, and be out of reach for more than a second then.
const flap = "sleep 8; " + "KICK; " + cut + "; sleep 1.2; " + mend + "\n" + awaitUp + "\n"

// radioStory is a quarter of an hour of a laptop in five minutes.
func radioStory() []string {
	eight := strings.ReplaceAll(flap, "KICK", kick(4))
	refuse := "hostapd_cli -p /run/hostapd1 -i wlan1 deny_acl %s_MAC " + stationAddress + " >/dev/null\n"
	return []string{
		walk(1, -48, -50, 40),
		eight, eight, eight, eight, eight, eight, eight,
		walk(1, -50, -52, 20) + walk(1, -52, -79, 30),
		"ip netns exec ap hostapd -B -P /run/h2.pid /etc/ap2.conf >/run/ap2.log; sleep 1; " + roam(secondAP) + walk(2, -46, -50, 20),
		"iw dev wlan0 scan >/dev/null; sleep 5",
		heard(1, -50) + roam(firstAP) + walk(1, -50, -50, 15),
		"kill $(cat /run/h2.pid); sleep 3; " + cut + "; sleep 5; " + mend + "\n" + awaitUp + "\nsleep 15",
		fmt.Sprintf(refuse, "ADD") + "sleep 8\n" + fmt.Sprintf(refuse, "DEL") + awaitUp,
		walk(1, -50, -47, 20),
	}
}

// TestRadioStory records what the program shows to those who have no trouble of
// their own, with -update: docs/sample-wifi.flap.gz. It begins half a minute after
// docs/sample.flap.gz ends. Otherwise it checks that recording alone.
func TestRadioStory(t *testing.T) {
	if !*update {
		checkStory(t)
		return
	}
	m := radioLab(t, "")
	m.Run(t, radioNet)
	m.Run(t, "date -u -s '2026-11-21 09:51:55' >/dev/null\n"+heard(1, -48)+heard(2, -60)+associate)
	// With packets on their way the driver finds out which rates work.
	m.Run(t, "ping -i 0.1 192.0.2.1 >/dev/null 2>&1 &")
	m.Run(t, "flapscope record /tmp/wifi.flap.gz >/tmp/record.out 2>&1 & echo $! >/tmp/record.pid")
	for _, step := range radioStory() {
		m.Run(t, step)
	}
	m.Run(t, "kill -INT $(cat /tmp/record.pid); sleep 3")
	t.Log(m.Run(t, "cat /tmp/record.out; flapscope incidents /tmp/wifi.flap.gz || true; flapscope wifi /tmp/wifi.flap.gz || true"))
	if err := os.WriteFile(storyFile, m.fetch(t, "/tmp/wifi.flap.gz"), 0o644); err != nil {
		t.Fatal(err)
	}
	checkStory(t)
}

const storyFile = "../../docs/sample-wifi.flap.gz"

// checkStory checks that the recording has what it was made for: access points that
// end the association again and again, one that is out of range, and a roam.
func checkStory(t *testing.T) {
	t.Helper()
	r, err := session.Open(storyFile)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, ok := r.Incidents()
	if !ok {
		t.Fatal("it has no incidents")
	}
	times := map[path.What]int{}
	for _, e := range list.Reported() {
		times[e.Incident.Root.What] += e.Incident.Count
	}
	if times[path.Deauthenticated] < 6 || times[path.BeaconLost] < 1 || times[path.Roam] < 1 {
		t.Errorf("its incidents are %v", times)
	}
}
