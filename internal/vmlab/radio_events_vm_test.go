package vmlab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A radioStep is something that happens to a radio, and what is told of it.
type radioStep struct {
	name, words string
	do          string
	// iw are lines of "iw event", and told facts, in the order in which they come;
	// others may lie between them.
	iw, told []string
	// what and text are the incident that is opened, of a path that is lost for long
	// enough to be settled, and only of such a one.
	what, text string
}

// firstStep is the first association.
var firstStep = radioStep{
	name: "associate", words: "the supplicant is started", do: associate,
	iw:   []string{"scan started", "scan finished", "auth AP → us status 0", "assoc AP → us status 0", "connected to AP"},
	told: []string{"scan", "scanned", "authenticated", "associated"},
}

// radioSteps are in an order in which each leaves the station associated.
var radioSteps = []radioStep{
	{
		name: "scan", words: "a scan of one channel is asked for", do: "wpa_cli -p /run/wpa -i wlan0 scan freq=2412 >/dev/null; sleep 2",
		iw:   []string{"scan started", "scan finished"},
		told: []string{"scan", "scanned"},
	},
	{
		name: "reassociate", words: "the supplicant is told to associate again", do: "wpa_cli -p /run/wpa -i wlan0 reassociate >/dev/null; sleep 4; " + awaitUp,
		iw:   []string{"del station AP", "deauth us → AP reason 2", "disconnected (local request) reason 2", "auth AP → us status 0", "assoc AP → us status 0", "connected to AP"},
		told: []string{"scan", "scanned", "deauthenticated by this machine (reason 2)", "associated"},
	},
	{
		name: "refused", words: "the access point gets a list of stations that it refuses, for 4 s",
		do:   hostapdCLI + "deny_acl ADD_MAC " + stationAddress + " >/dev/null; sleep 4; " + hostapdCLI + "deny_acl DEL_MAC " + stationAddress + " >/dev/null; " + awaitUp,
		iw:   []string{"deauth AP → us reason 1", "disconnected (by AP) reason 1", "auth AP → us status 1", "connected to AP"},
		told: []string{"deauthenticated by AP (reason 1)", "refused by AP (status 1)", "associated"},
		what: "deauthenticated", text: "wlan0 was deauthenticated by AP (reason 1: no reason given) at -30 dBm, then refused by AP (status 1: no reason given)",
	},
	{
		name: "full", words: "the access point has no room for a station, when the supplicant is told to disconnect and to come back",
		do: "wpa_cli -p /run/wpa -i wlan0 disconnect >/dev/null; " + restartAP("full") + "; wpa_cli -p /run/wpa -i wlan0 reconnect >/dev/null; sleep 4; " +
			restartAP("ap1") + "; " + awaitUp,
		iw:   []string{"deauth us → AP reason 3", "disconnected (local request) reason 3", "auth AP → us status 17", "connected to AP"},
		told: []string{"deauthenticated by this machine (reason 3)", "refused by AP (status 17)", "associated"},
		what: "not_associated", text: "wlan0 is not associated: refused by AP (status 17: the AP is full)",
	},
	{
		name: "unanswered", words: "the access point is out of reach when the supplicant is told to disconnect and to come back",
		do: "wpa_cli -p /run/wpa -i wlan0 scan freq=2412 >/dev/null; sleep 1.5; wpa_cli -p /run/wpa -i wlan0 disconnect >/dev/null; " + cut +
			"; wpa_cli -p /run/wpa -i wlan0 reconnect >/dev/null; sleep 3; " + mend + "; " + awaitUp,
		iw:   []string{"deauth us → AP reason 3", "disconnected (local request) reason 3", "auth timed out", "connected to AP"},
		told: []string{"deauthenticated by this machine (reason 3)", "unanswered", "associated"},
		what: "not_associated", text: "wlan0 is not associated: AP does not answer",
	},
	{
		name: "link-down", words: "the link is set down for 2 s", do: "ip link set wlan0 down; sleep 2; ip link set wlan0 up; " + awaitUp,
		iw:   []string{"deauth us → AP reason 3", "disconnected (local request) reason 3", "connected to AP"},
		told: []string{"deauthenticated by this machine (reason 3)", "associated"},
		what: "admin_down", text: "wlan0 is set down",
	},
	{
		name: "radio-off", words: "the radio is switched off for 2 s",
		do:   "for s in /sys/class/net/wlan0/phy80211/rfkill*/soft; do echo 1 >$s; sleep 2; echo 0 >$s; done; sleep 0.5; ip link set wlan0 up; " + awaitUp,
		iw:   []string{"deauth us → AP reason 3", "disconnected (local request) reason 3", "connected to AP"},
		told: []string{"deauthenticated by this machine (reason 3)", "associated"},
		what: "radio_off", text: "the radio of wlan0 is switched off",
	},
	{
		name: "wrong-password", words: "the supplicant is told a wrong password, and after 6 s the right one",
		do: "wpa_cli -p /run/wpa -i wlan0 set_network 0 psk '\"password2\"' >/dev/null; wpa_cli -p /run/wpa -i wlan0 reassociate >/dev/null; sleep 6; " +
			"wpa_cli -p /run/wpa -i wlan0 set_network 0 psk '\"password1\"' >/dev/null; wpa_cli -p /run/wpa -i wlan0 select_network 0 >/dev/null; " + awaitUp,
		iw:   []string{"connected to AP", "deauth AP → us reason 15", "disconnected (by AP) reason 15", "connected to AP"},
		told: []string{"deauthenticated by this machine (reason 2)", "associated", "deauthenticated by AP (reason 15)", "associated"},
		what: "not_associated", text: "wlan0 is not associated: deauthenticated by AP (reason 15: wrong password, or frames lost at login) at -30 dBm",
	},
	{
		name: "roam", words: "the supplicant is told to go to another access point, and back",
		do: "ip netns exec ap hostapd -B -P /run/h2.pid /etc/ap2.conf >/run/ap2.log; sleep 1; " + roam(secondAP) + roam(firstAP) + "kill $(cat /run/h2.pid)",
		iw: []string{
			"deauth us → AP reason 1", "disconnected (local request) reason 1", "assoc the other AP → us status 0", "connected to the other AP",
			"deauth us → the other AP reason 1", "connected to AP",
		},
		told: []string{"deauthenticated by this machine (reason 1)", "roamed", "deauthenticated by this machine (reason 1)", "roamed"},
	},
	{
		name: "power-save", words: "power save is switched on and off", do: "iw dev wlan0 set power_save on; sleep 1; iw dev wlan0 set power_save off",
	},
	{
		name: "forged", words: "another station forges a deauthentication, reason 7, and the access point is out of reach for 1.4 s",
		do:   forged(firstAP, 7, 1) + "; " + blink + "; " + awaitUp,
		iw:   []string{"del station AP", "deauth AP → us reason 7", "disconnected (by AP) reason 7", "connected to AP"},
		told: []string{"deauthenticated by AP (reason 7)", "associated"},
		what: "deauthenticated", text: "wlan0 was deauthenticated by AP (reason 7: the AP has forgotten this machine) at -30 dBm",
	},
	{
		name: "interface", words: "an interface of the radio is made, given another name and another type, and removed",
		do:   "iw dev wlan0 interface add wlan5 type managed; sleep 0.5; ip link set wlan5 name wlan6; iw dev wlan6 set type monitor; sleep 0.5; iw dev wlan6 del",
		iw:   []string{"new interface type station", "del interface type monitor"},
		told: []string{"radio_interface", "radio_interface_gone"},
	},
	{
		name: "regulatory", words: "the regulatory domain is set", do: "iw reg set FR; sleep 1",
		iw:   []string{"regulatory domain change: set to FR by a user request"},
		told: []string{"regulatory FR"},
	},
	{
		name: "switch", words: "the access point goes to another channel", do: hostapdCLI + "chan_switch 5 2462 ht >/dev/null; sleep 2",
		told: []string{"channel_switch", "channel_switched"},
	},
}

const hostapdCLI = "hostapd_cli -p /run/hostapd1 -i wlan1 "

// restartAP starts the first access point anew with a file of settings.
func restartAP(file string) string {
	return "kill $(cat /run/h1.pid); sleep 1; ip netns exec ap hostapd -B -P /run/h1.pid /etc/" + file + ".conf >/run/ap1.log"
}

// radioFacts are the facts of radios since the newest step, in words: the events by their
// name, an association by what became of it, by whom and why.
func (w *watch) radioFacts() []string {
	var out []string
	for _, e := range w.seen[w.from:] {
		var f struct {
			Event, Country  string
			Protected, ByAP bool
			Reason          int `json:"reason_code"`
			Status          int `json:"status_code"`
		}
		raw := e.Wifi
		if e.Kind == "wifi_event" {
			raw = e.WifiEvent
		}
		if len(raw) == 0 || json.Unmarshal(bytes.Replace(raw, []byte("by_ap"), []byte("byap"), 1), &f) != nil {
			continue
		}
		said := strings.TrimSpace(f.Event + " " + f.Country)
		switch {
		case f.ByAP, f.Status != 0:
			said += " by AP"
		case f.Reason != 0 && e.Kind == "wifi":
			said += " by this machine"
		}
		if f.Protected {
			said += ", signed"
		}
		if f.Reason != 0 {
			said += fmt.Sprintf(" (reason %d)", f.Reason)
		}
		if f.Status != 0 {
			said += fmt.Sprintf(" (status %d)", f.Status)
		}
		out = append(out, said)
	}
	return out
}

// iwEvents lets iw(8) tell what the kernel says, too, in the order of the kernel.
const iwEvents = "iw event -t >>/tmp/iw & sleep 0.5"

// iwLine is a line of "iw event -t": when, of what, what, and why in words.
var iwLine = regexp.MustCompile(`^[0-9.]+: (?:(?:\S+ \(phy #\d+\)|\S+|phy #\d+): )?(.*?)(?:: \d+ \d+.*|: \d+, .*|: [A-Z].*|: 4-way.*| use 4addr.*)?$`)

// iwFacts are what iw told since it was asked last, in the words of the table.
func (w *watch) iwFacts() (out []string) {
	w.Helper()
	names := strings.NewReplacer(stationAddress, "us", firstAP, "AP", secondAP, "the other AP", "ff:ff:ff:ff:ff:ff", "everybody", " -> ", " → ", "status: ", "status ", "reason: ", "reason ", "auth: ", "auth ")
	for line := range strings.Lines(w.m.Run(w.T, "cat /tmp/iw; : >/tmp/iw")) {
		if m := iwLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			out = append(out, names.Replace(m[1]))
		}
	}
	return out
}

// inOrder reports whether what is wanted is among what there is, in this order.
func inOrder(all, want []string) bool {
	for _, one := range want {
		i := slices.Index(all, one)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// try does a step and compares what is told of it, and returns its row.
func (w *watch) try(s *radioStep) string {
	w.Helper()
	w.m.Run(w.T, awaitUp+"; ip addr replace 192.0.2.7/24 dev wlan0; ip route replace default via 192.0.2.1; sleep 2.5")
	return w.see(s)
}

// see is try where nothing has to be waited for.
func (w *watch) see(s *radioStep) string {
	w.Helper()
	w.take()
	w.iwFacts()
	w.step(s.do)
	w.m.Run(w.T, "sleep 1.5")
	w.take()
	if all := w.radioFacts(); !inOrder(all, s.told) {
		w.Errorf("told %q, want %q in this order", all, s.told)
	}
	if all := w.iwFacts(); !inOrder(all, s.iw) {
		w.Errorf("iw said %q, want %q in this order", all, s.iw)
	}
	lost := slices.ContainsFunc(w.seen[w.from:], func(e event) bool {
		return e.Phase == "settled" && e.Scope == "machine" && e.From == "satisfied"
	})
	if want := s.what != ""; lost != want {
		w.Errorf("a settled loss: %v, want %v", lost, want)
	}
	incident := "none"
	if s.what != "" {
		w.await("the incident "+s.what+": "+s.text, func(e event) bool {
			return e.Kind == "incident" && e.Phase != "closed" && e.Root.What == s.what && e.sentence() == s.text
		})
		incident = "`" + s.what + "`: " + s.text
	}
	return fmt.Sprintf("| %s | %s | %s | %s |", s.words, strings.Join(s.iw, ", "), strings.Join(s.told, ", "), incident)
}

// stepsHead is the head of a table of steps.
const stepsHead = "| what happens | `iw event` says, in this order | is told, in this order | the incident |\n|---|---|---|---|\n"

// TestRadioEvents does what a radio tells of besides losses: each fact comes in its
// order, and only what takes the path is a loss.
func TestRadioEvents(t *testing.T) {
	nightly(t)
	underKernels(t, radioEventsUnder)
}

func radioEventsUnder(t *testing.T, m *Machine) {
	m.Run(t, radioConfig+iwEvents)
	m.Run(t, spareRadio(1))
	w := follow(t, m, "", "--no-probes", "--all")
	var rows []string
	w.part(firstStep.name, func() { rows = append(rows, w.see(&firstStep)) })
	for _, s := range radioSteps {
		w.part(s.name, func() { rows = append(rows, w.try(&s)) })
	}
	documentRows(t, "TestRadioEvents", stepsHead, rows)
}

// TestRadioOverrun stops the program while the radio tells more than a socket's
// buffer holds, a kick among it: the gap is told, and all is as it is afterwards.
func TestRadioOverrun(t *testing.T) {
	nightly(t)
	m := radioLab(t, "")
	w := follow(t, m, "", "--no-probes", "--all")
	w.step(associate)
	w.becomes("machine", "satisfied")
	w.pause()
	w.step("kill -STOP $(cat /tmp/events-.pid)\n" +
		"for i in $(seq 150); do iw dev wlan0 interface add mon5 type monitor; iw dev mon5 del; done\n" +
		kick(4) + "; sleep 3; " + awaitUp + "; kill -CONT $(cat /tmp/events-.pid)")
	w.await("the gap", func(e event) bool {
		return e.Kind == "gap" && e.Gap.Reason == "overrun" && strings.Contains(e.Gap.Text, "radio")
	})
	w.await("the association of after the kick", func(e event) bool {
		return e.Kind == "wifi" && strings.Contains(string(e.Wifi), `"associated"`)
	})
	w.pause() // what was found late is no cause of what comes now
	w.take()
	w.step(kick(8) + "; " + blink)
	if got := w.lost().chain(); !strings.HasPrefix(got, "wlan0 deauthenticated by AP (reason 8") {
		t.Errorf("after the gap: chain %q", got)
	}
}
