package vmlab

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the table of docs/wifi.md")

// The air between the station and the first access point is cut by a group of
// radios of its own (mac80211_hwsim), for longer than a loss must hold to be settled.
const (
	cut   = "echo 2 >/sys/kernel/debug/ieee80211/phy1/hwsim/group"
	mend  = "echo 1 >/sys/kernel/debug/ieee80211/phy1/hwsim/group"
	blink = cut + "; sleep 1.4; " + mend
)

// A radioCase is one way to lose an association.
type radioCase struct {
	name, words string
	// do makes it happen and leaves the station associated again.
	do string
	// iw are lines of "iw event" in the order in which they come.
	iw []string
	// what is the word of the incident, and chain the facts of its settled loss.
	what, chain string
}

var radioCases = []radioCase{
	{
		"kick", "the access point deauthenticates the station, reason 4", kick(4) + "; " + blink,
		[]string{"del station AP", "deauth AP → us reason 4", "disconnected (by AP) reason 4", "connected to AP"},
		"deauthenticated", "wlan0 deauthenticated by AP (reason 4: it heard nothing) at -30 dBm → wlan0 carrier lost",
	},
	{
		"disassociate", "the access point disassociates the station, reason 8", strings.Replace(kick(8), "deauthenticate", "disassociate", 1) + "; " + blink,
		[]string{"del station AP", "disassoc AP → us reason 8", "disconnected (by AP) reason 8", "connected to AP"},
		"deauthenticated", "wlan0 disassociated by AP (reason 8: the AP ended it) at -30 dBm → wlan0 carrier lost",
	},
	{
		"out-of-range", "the access point is out of range for 4 s", cut + "; sleep 4; " + mend,
		[]string{"CQM event: beacon loss", "del station AP", "deauth us → AP reason 4", "disconnected (local request) reason 4", "connected to AP"},
		"beacon_lost", "wlan0 lost the AP: no beacons at -30 dBm → wlan0 carrier lost",
	},
	{
		"ap-restarts", "the access point is stopped and started", "kill $(cat /run/h1.pid); sleep 2; ip netns exec ap hostapd -B -P /run/h1.pid /etc/ap1.conf >/run/ap1.log",
		[]string{"del station AP", "deauth AP → everybody reason 3", "disconnected (by AP) reason 3", "connected to AP"},
		"deauthenticated", "wlan0 deauthenticated by AP (reason 3: the AP shuts down or restarts) at -30 dBm → wlan0 carrier lost",
	},
	{
		"disconnect", "the supplicant is told to disconnect", "wpa_cli -p /run/wpa -i wlan0 disconnect >/dev/null; sleep 2; wpa_cli -p /run/wpa -i wlan0 reconnect >/dev/null",
		[]string{"del station AP", "deauth us → AP reason 3", "disconnected (local request) reason 3", "connected to AP"},
		"not_associated", "wlan0 deauthenticated by this machine (reason 3) at -30 dBm → wlan0 carrier lost",
	},
}

// radioConfig keeps the damping out of what is counted here: a path that flaps
// stays lost, and settles nothing.
const radioConfig = `mkdir -p /root/.config/flapscope
	printf '[flapping]\npenalty = 1\nraise = 1000000\nclear = 900000\n' >/root/.config/flapscope/config.toml
	`

// lost waits for the next settled loss of the machine.
func (w *watch) lost() event {
	w.Helper()
	return w.await("a settled loss", func(e event) bool {
		return e.Phase == "settled" && e.Scope == "machine" && e.From == "satisfied" && e.To != "satisfied"
	})
}

// trouble waits for an incident that opens or comes again.
func (w *watch) trouble() event {
	w.Helper()
	return w.await("an incident", func(e event) bool { return e.Kind == "incident" && e.Phase != "closed" })
}

// TestRadioCauses loses an association in every way that hwsim can make: the
// settled chain begins with who ended it and why, and the incident says so.
func TestRadioCauses(t *testing.T) { underKernels(t, radioCausesUnder) }

func radioCausesUnder(t *testing.T, m *Machine) {
	m.Run(t, radioConfig+iwEvents)
	w := follow(t, m, "", "--no-probes", "--all")
	w.part("association", func() { w.once(associate, 0) })
	var rows []string
	for _, c := range some(1, radioCases) {
		w.part(c.name, func() {
			w.m.Run(w.T, awaitUp+"; sleep 2.5")
			w.take()
			w.iwFacts()
			w.step(c.do + "; " + awaitUp)
			e := w.lost()
			if got := e.chain(); got != c.chain {
				w.Errorf("settled chain %q, want %q", got, c.chain)
			}
			i := w.trouble()
			if i.Root.What != c.what {
				w.Errorf("incident %s: %s, want %s", i.Root.What, i.Text, c.what)
			}
			if all := w.iwFacts(); !inOrder(all, c.iw) {
				w.Errorf("iw said %q, want %q in this order", all, c.iw)
			}
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | `%s`: %s |", c.words, strings.Join(c.iw, ", "), c.chain, i.Root.What, i.sentence()))
		})
	}
	if night {
		w.part("kicks", func() { w.kicks(kicks(t)) })
		documentRows(t, "TestRadioCauses", "| what happens | `iw event` says, in this order | the settled chain | the incident |\n|---|---|---|---|\n", rows)
	}
	w.part("wrong-password", w.wrongPassword)
}

// wrongPassword associates again with a password that the access point does not
// take: the incident says so while it goes on.
func (w *watch) wrongPassword() {
	w.m.Run(w.T, awaitUp+"; sleep 2.5")
	w.take()
	w.step(`wpa_cli -p /run/wpa -i wlan0 set_network 0 psk '"password2"'; wpa_cli -p /run/wpa -i wlan0 reassociate`)
	w.becomes("machine", "requires_connection authenticating")
	e := w.await("the reason", func(e event) bool { return e.Kind == "incident" && strings.Contains(e.Text, "reason 15") })
	if want := "wlan0 is not associated: deauthenticated by AP (reason 15: wrong password, or frames lost at login)"; e.Root.What != "not_associated" || !strings.HasPrefix(e.Text, want) {
		w.Errorf("incident %s: %s, want not_associated: %s", e.Root.What, e.Text, want)
	}
}

// kicks returns how many kicks are made in a row: RADIO_KICKS, or sixty.
func kicks(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("RADIO_KICKS"), "60"))
	if err != nil {
		t.Fatalf("RADIO_KICKS: %v", err)
	}
	return n
}

// kicks kicks the station n times, for many reasons, and expects each of them in
// the chain of a settled loss of its own.
func (w *watch) kicks(n int) {
	w.Helper()
	reasons := []int{1, 2, 3, 4, 5, 6, 8, 34}
	for k := range n {
		reason := reasons[k%len(reasons)]
		w.m.Run(w.T, awaitUp+"; sleep 2.5")
		w.take()
		w.step(kick(reason) + "; " + blink)
		got := w.lost().chain()
		if want := fmt.Sprintf("wlan0 deauthenticated by AP (reason %d", reason); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " → wlan0 carrier lost") {
			w.Errorf("kick %d: settled chain %q, want %q", k, got, want)
		}
	}
	w.Logf("%d kicks", n)
}

// TestRoams goes to and fro between two access points: each is told as a roam, none
// as flapping, and as an outage only if the path was lost for as long as one.
func TestRoams(t *testing.T) {
	nightly(t)
	m := radioLab(t, "")
	m.Run(t, "ip netns exec ap hostapd -B -P /run/h2.pid /etc/ap2.conf >/run/ap2.log; sleep 1")
	w := follow(t, m, "", "--no-probes", "--all")
	w.step(associate)
	w.becomes("machine", "satisfied")
	// With packets on their way all the time, one asks for the gateway while the keys
	// are not there yet.
	m.Run(t, "ping -i 0.02 192.0.2.1 >/dev/null & sleep 3")
	first := strings.TrimSpace(m.Run(t, "wpa_cli -p /run/wpa -i wlan0 status | sed -n 's/^bssid=//p'"))
	aps := []string{firstAP, secondAP}
	at := slices.Index(aps, first)
	if at < 0 {
		t.Fatalf("associated with %q", first)
	}
	w.take()
	w.from = len(w.seen)
	const roams = 20
	for range roams {
		at = 1 - at
		m.Try(t, fmt.Sprintf("wpa_cli -p /run/wpa -i wlan0 scan freq=2412,2437 >/dev/null; sleep 2; wpa_cli -p /run/wpa -i wlan0 roam %s >/dev/null; sleep 2; %s", aps[at], awaitUp))
	}
	m.Run(t, "sleep 3")
	w.take()
	notes, done, asked := 0, 0, 0
	for _, e := range w.seen[w.from:] {
		switch {
		case e.Kind == "wifi" && strings.Contains(string(e.Wifi), `"roamed"`):
			done++
		case e.Kind == "incident" && e.Phase == "closed" && e.Root.What == "roam":
			if strings.Contains(e.Text, "; no path for ") && strings.Contains(e.Text, "(ARP) for") {
				asked++
			}
			t.Log(e.Text)
			// A machine that is very busy may take longer than a loss must hold.
			if notes++; e.Severity != "note" && e.DurationNS < int64(time.Second) {
				t.Errorf("a roam of %v is an %s: %s", time.Duration(e.DurationNS), e.Severity, e.Text)
			}
		case e.Kind == "episode" && e.Episode.What == "flapping":
			t.Errorf("roams are flapping: %s", e)
		}
	}
	if asked == 0 {
		t.Error("no roam says that the gateway was asked for")
	}
	if notes != done || done < roams {
		t.Errorf("%d notes of %d roams, of which %d were asked for", notes, done, roams)
	}
}

// sentence is the text of an incident without its figures, which differ from run
// to run.
func (e event) sentence() string {
	text, _, _ := strings.Cut(e.Text, "; ")
	return thereabouts.ReplaceAllString(counted.ReplaceAllString(text, ""), " at -30 dBm")
}

// counted is how often was tried, how often an incident came, and what follows.
var counted = regexp.MustCompile(`(, \d+ tries)?( \d+ ×, .*)?$`)

// thereabouts is the signal of the simulated radios: a frame of the spare one, which
// sends with another power, may be part of the average.
var thereabouts = regexp.MustCompile(` at -3\d dBm`)

// documentRows keeps a table of docs/wifi.md as it was seen.
func documentRows(t *testing.T, test, head string, rows []string) {
	t.Helper()
	const name, end = "../../docs/wifi.md", "<!-- end -->\n"
	begin := "<!-- " + test + " -->\n"
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(old), begin)
	_, tail, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no %q", name, begin)
	}
	text := before + begin + head + strings.Join(rows, "\n") + "\n" + end + tail
	switch {
	case text == string(old):
	case *update:
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	case t.Failed():
		// What was not seen as it is wanted has been reported.
	default:
		t.Errorf("%s is not what was seen; run with -update:\n%s", name, strings.Join(rows, "\n"))
	}
}
