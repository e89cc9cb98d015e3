package vmlab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A radioStep is something that happens to a radio, and what is told of it.
type radioStep struct {
	name, words string
	do          string
	// told are facts in the order in which they come; others may lie between them.
	told []string
	// lost is whether the path is lost for long enough to be settled.
	lost bool
}

var radioSteps = []radioStep{
	{
		"scan", "a scan of one channel is asked for", "wpa_cli -p /run/wpa -i wlan0 scan freq=2412 >/dev/null; sleep 2",
		[]string{"scan", "scanned"},
		false,
	},
	{
		"reassociate", "the supplicant is told to associate again", "wpa_cli -p /run/wpa -i wlan0 reassociate >/dev/null; sleep 4; " + awaitUp,
		[]string{"scan", "scanned", "deauthenticated by this machine (reason 2)", "associated"},
		false,
	},
	{
		"refused", "the access point gets a list of stations that it refuses, for 4 s",
		"hostapd_cli -p /run/hostapd1 -i wlan1 deny_acl ADD_MAC " + stationAddress + " >/dev/null; sleep 4; hostapd_cli -p /run/hostapd1 -i wlan1 deny_acl DEL_MAC " +
			stationAddress + " >/dev/null; " + awaitUp,
		[]string{"deauthenticated by AP (reason 1)", "refused by AP (status 1)", "associated"},
		true,
	},
	{
		"link-down", "the link is set down for 2 s", "ip link set wlan0 down; sleep 2; ip link set wlan0 up; " + awaitUp,
		[]string{"deauthenticated by this machine (reason 3)", "associated"},
		true,
	},
	{
		"switch", "the access point goes to another channel", "hostapd_cli -p /run/hostapd1 -i wlan1 chan_switch 5 2462 ht >/dev/null; sleep 2",
		[]string{"channel_switch", "channel_switched"},
		false,
	},
}

// radioFacts are the facts of radios since the newest step, in words: the events by their
// name, an association by what became of it, by whom and why.
func (w *watch) radioFacts() []string {
	var out []string
	for _, e := range w.seen[w.from:] {
		var f struct {
			Event  string
			ByAP   bool `json:"by_ap"`
			Reason int  `json:"reason_code"`
			Status int  `json:"status_code"`
		}
		raw := e.Wifi
		if e.Kind == "wifi_event" {
			raw = e.WifiEvent
		}
		if len(raw) == 0 || json.Unmarshal(raw, &f) != nil {
			continue
		}
		said := f.Event
		switch {
		case f.ByAP, f.Status != 0:
			said += " by AP"
		case f.Reason != 0:
			said += " by this machine"
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

// TestRadioEvents does what a radio tells of besides losses: each fact comes in its
// order, and only what takes the path is a loss.
func TestRadioEvents(t *testing.T) {
	nightly(t)
	m := radioLab(t)
	m.Run(t, "mkdir -p /root/.config/flapscope; printf '"+strings.ReplaceAll(radioSettings, "\n", `\n`)+"' >/root/.config/flapscope/config.toml")
	w := follow(t, m, "", "--no-probes", "--all")
	w.step(associate)
	w.becomes("machine", "satisfied")
	var rows []string
	for _, s := range radioSteps {
		w.part(s.name, func() {
			w.m.Run(w.T, awaitUp+"; ip addr replace 192.0.2.7/24 dev wlan0; ip route replace default via 192.0.2.1; sleep 2.5")
			w.take()
			w.step(s.do)
			w.m.Run(w.T, "sleep 1.5")
			w.take()
			all := w.radioFacts()
			rest := all
			for _, want := range s.told {
				i := slices.Index(rest, want)
				if i < 0 {
					w.Errorf("told %q, want %q in this order", all, s.told)
					break
				}
				rest = rest[i+1:]
			}
			lost := false
			for _, e := range w.seen[w.from:] {
				lost = lost || e.Phase == "settled" && e.Scope == "machine" && e.From == "satisfied"
			}
			if lost != s.lost {
				w.Errorf("a settled loss: %v, want %v; told %q", lost, s.lost, all)
			}
			rows = append(rows, fmt.Sprintf("| %s | %s |", s.words, strings.Join(s.told, ", ")))
		})
	}
	documentRows(t, "TestRadioEvents", "| what happens | what is told, in this order |\n|---|---|\n", rows)
}

// TestRadioOverrun stops the program while the radio tells more than a socket's
// buffer holds, a kick among it: the gap is told, and all is as it is afterwards.
func TestRadioOverrun(t *testing.T) {
	nightly(t)
	m := radioLab(t)
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
