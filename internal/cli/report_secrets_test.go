package cli

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// perClass is how many secrets of each class are planted.
const perClass = 60

// coined returns a word of no language, so that nothing else has it.
func coined(class string, i int) string {
	s := []string{"qua", "zho", "vyx", "kru", "blif", "gnar", "twem", "ploz"}
	return class + s[i%8] + s[i/8%8] + s[(i*3+1)%8]
}

// planted are the secrets by class, and what of each must not be left in a copy.
type planted struct {
	seen map[string][]string
	// private are the classes that colleagues may see.
	private map[string]bool
}

func (p *planted) tell(class string, spellings ...string) {
	p.seen[class] = append(p.seen[class], spellings...)
}

// hardware plants a hardware address, in every spelling.
func (p *planted) hardware(class string, i, j int) string {
	b := []byte{0x3c, 0x22, 0xfb, byte(0x40 + i), byte(0x10 + j), byte(0x80 + i)}
	colons := fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
	digits := hex.EncodeToString(b)
	p.tell(class, colons, strings.ReplaceAll(colons, ":", "-"), digits, digits[:4]+"."+digits[4:8]+"."+digits[8:], base64.StdEncoding.EncodeToString([]byte(colons)))
	p.tell("EUI-64", fmt.Sprintf("3e22:fbff:fe%02x:%02x%02x", b[3], b[4], b[5]))
	return colons
}

// name plants a name, in every spelling.
func (p *planted) name(class string, i int) string {
	s := coined(class, i)
	p.tell(class, s, hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s)))
	return s
}

// address plants an address.
func (p *planted) address(class, a string) netip.Addr {
	addr := netip.MustParseAddr(a)
	p.tell(class, a)
	if addr.Is4() {
		b := addr.As4()
		p.tell(class, fmt.Sprintf("%d.%d.%d.%d.in-addr", b[3], b[2], b[1], b[0]), hex.EncodeToString(b[:]))
	} else {
		p.tell(class, addr.StringExpanded())
	}
	return addr
}

// secretRecording writes a recording with sixty secrets of each class, each where a
// machine would have it.
func secretRecording(t *testing.T, p *planted) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "planted"+session.Suffix)
	at, mono := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), 10*time.Hour
	h := session.Header{Settings: path.DefaultSettings()}
	h.Host.Name, h.Note = fact.Untrusted(p.name("host", 0)), fact.Untrusted("at "+p.name("note", 0)+"s desk")
	w, err := session.Create(name, at, mono, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	observe := func(facts ...fact.Fact) {
		for _, f := range facts {
			mono, at = mono+time.Millisecond, at.Add(time.Millisecond)
			o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
		}
	}
	observe(wired(true)...)
	observe(&fact.Link{Index: 3, Name: "wlan0", Type: fact.TypeWifi, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp, Address: fact.Untrusted(p.hardware("MAC", 0, 9))})
	for i := range perClass {
		mac := p.hardware("MAC", i, 1)
		observe(
			&fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: fact.Untrusted(p.name("ssid", i)), BSSID: fact.Untrusted(p.hardware("BSSID", i, 2)), Frequency: 5180},
			&fact.Neighbour{Index: 2, Dst: p.address("private", fmt.Sprintf("10.%d.%d.%d", 21+i, 100+i, 31+i)), LLAddr: fact.Untrusted(mac)},
			&fact.Neighbour{Index: 2, Dst: netip.MustParseAddr(fmt.Sprintf("fe80::3e22:fbff:fe%02x:%02x%02x", 0x40+i, 0x11, 0x80+i)), LLAddr: fact.Untrusted(mac)},
			&fact.Address{Index: 2, Local: p.address("local v6", fmt.Sprintf("fd5a:%x:9c3d:%x::42", 0x1100+i, 0x2200+i)), PrefixLen: 64},
			&fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: p.address("global v4", fmt.Sprintf("81.2.%d.%d", 70+i, 120+i))}}, Search: []fact.Untrusted{fact.Untrusted(p.name("search", i) + ".example")}},
			&fact.Mark{Text: fact.Untrusted(p.name("mark", i) + " froze")},
			&fact.Notice{Key: fmt.Sprint("ping", i), Text: fact.Untrusted("open /home/" + p.name("user", i) + "/x: permission denied")},
		)
		target := fact.Target{
			ID: "tcp:" + p.name("resolver", i) + ".example:443", Method: fact.MethodTCP, Role: fact.RoleCustom, Family: fact.IPv6,
			Addr: p.address("global v6", fmt.Sprintf("2a02:2e0:%x:%x::7777", 0x3f00+i, 0x1400+i)), Interval: time.Second,
		}
		target.Host = fact.Untrusted(p.name("hop", i) + ".example.net")
		target.Name = target.Host
		result := func(outcome fact.Outcome, detail string) *fact.ProbeResult {
			return &fact.ProbeResult{Target: target.ID, Outcome: outcome, Sent: mono, Detail: fact.Untrusted(detail)}
		}
		observe(
			&target,
			result(fact.OutcomePortal, "302 to http://"+p.name("portal", i)+".example/login?token="+p.name("token", i)),
			result(fact.OutcomeBadAnswer, "x509: certificate is valid for "+p.name("certificate", i)+".example, not "+p.name("host", i)+".example"),
			result(fact.OutcomeTimeout, "dial tcp: lookup "+p.name("tunnel", i)+".example: i/o timeout"),
			&fact.Gap{Reason: fact.GapAudit, Source: "kernel", From: mono, To: mono, Text: fact.Untrusted("route to " + p.name("note", i))},
		)
		if i%10 == 0 {
			mono, at = mono+5*time.Second, at.Add(5*time.Second)
			observe(wired(false)...)
			mono, at = mono+5*time.Second, at.Add(5*time.Second)
			observe(wired(true)...)
		}
	}
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// No format at no level has any of more than sixty secrets of each class, by a
// search that is not the product's: fgrep, ignoring case, over what zcat reads.
func TestSixtySecretsOfEachClass(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("grep"); err != nil {
		t.Skip("no grep")
	}
	p := &planted{seen: map[string][]string{}, private: map[string]bool{"private": true, "local v6": true}}
	name := secretRecording(t, p)
	for _, class := range slices.Sorted(maps.Keys(p.seen)) {
		if len(p.seen[class]) < perClass {
			t.Errorf("%d of class %s", len(p.seen[class]), class)
		}
	}
	dir := t.TempDir()
	formats := [][]string{{"md"}, {"html"}, {"json"}, {"trace"}, {"csv", "--table", "incidents"}, {"csv", "--table", "transitions"}, {"csv", "--table", "samples"}}
	for _, level := range []string{"public", "colleague", "none"} {
		var list []string
		for class, spellings := range p.seen {
			if level == "public" || !p.private[class] {
				list = append(list, spellings...)
			}
		}
		patterns := write(t, "patterns", strings.Join(list, "\n")+"\n")
		for i, f := range formats {
			out := filepath.Join(dir, fmt.Sprint(level, i))
			args := append([]string{"report", name, "--redact", level, "-o", out, "--format"}, f...)
			if code, _, errs := runIn(t, dir, args...); code != 0 {
				t.Fatalf("%q: exit code %d: %s", args, code, errs)
			}
			found := grepFor(t, patterns, out, false)
			if level != "none" && found != "" {
				t.Errorf("%s %q: %.300s", level, f, found)
			}
			if level == "none" && i < 3 && found == "" {
				t.Errorf("%q has nothing of what was planted: this shows nothing", f)
			}
		}
		out := filepath.Join(dir, level+session.Suffix)
		if code, _, errs := runIn(t, dir, "redact", name, "--redact", level, "-o", out); code != 0 {
			t.Fatalf("redact %s: exit code %d: %s", level, code, errs)
		}
		found := grepFor(t, patterns, out, true)
		if (found == "") != (level != "none") {
			t.Errorf("redact %s: %.300s", level, found)
		}
	}
}

// grepFor returns what grep finds of a list of patterns in a file.
func grepFor(t *testing.T, patterns, name string, packed bool) string {
	t.Helper()
	if packed {
		out, err := exec.CommandContext(t.Context(), "zcat", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		name += ".lines"
		if err := os.WriteFile(name, out, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "grep", "-a", "-i", "-o", "-m", "5", "-F", "-f", patterns, name).Output()
	if err != nil && len(out) > 0 {
		t.Fatal(err)
	}
	return string(out)
}

// What is called as a word of a format is can be reported on in each.
func TestNamesOfTheFormatsOwn(t *testing.T) {
	t.Parallel()
	for _, ssid := range []string{"details", "mermaid", "traceEvents", "gantt summary", "headline", "args", "pseudonyms", "dateFormat"} {
		name := plantedRecording(t, ssid, "wifi.wifi.ssid")
		for _, format := range []string{"md", "html", "json", "trace", "csv"} {
			if code, _, errs := runIn(t, t.TempDir(), "report", name, "--format", format); code != 0 {
				t.Errorf("%q, %s: exit code %d: %s", ssid, format, code, errs)
			}
		}
	}
}
