package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/internal/hostile"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// perClass is how many secrets of each class are planted.
const perClass = 60

// coined returns a word of no language, so that nothing else has it.
func coined(class string, i int) string {
	s := []string{"qua", "zho", "vyx", "kru", "blif", "gnar", "twem", "ploz"}
	return class + s[i%8] + s[i/8%8] + s[i/64%8] + s[i/512%8]
}

// planted are the secrets by class, and what of each must not be left in a copy.
type planted struct {
	seen map[string][]string
	// private are the classes that colleagues may see.
	private map[string]bool
	// filled is how many fields have one.
	filled int
}

func (p *planted) tell(class string, spellings ...string) {
	p.seen[class] = append(p.seen[class], spellings...)
}

// hardware plants a hardware address, in every spelling.
func (p *planted) hardware(class string, i, j int) string {
	b := []byte{0x3c, 0x22, 0xfb, byte(0x40 + i), byte(0x10 + j), byte(0x80 + i)}
	colons := fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
	digits := hex.EncodeToString(b)
	p.tell(class, colons, strings.ReplaceAll(colons, ":", "-"), digits, digits[:4]+"."+digits[4:8]+"."+digits[8:])
	p.tell(class, base64s(colons)...)
	p.tell("EUI-64", fmt.Sprintf("3e22:fbff:fe%02x:%02x%02x", b[3], b[4], b[5]), reversed(fmt.Sprintf("fffe%02x%02x%02x", b[3], b[4], b[5])))
	return colons
}

// name plants a name, in every spelling.
func (p *planted) name(class string, i int) string {
	s := coined(class, i)
	p.tell(class, s, hex.EncodeToString([]byte(s)))
	p.tell(class, base64s(s)...)
	return s
}

// base64s returns what is in every text of base64 that has s in it: s begins at one
// of three places, and what is beside it is in the letters at its ends.
func base64s(s string) []string {
	var out []string
	for before := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + s))
		out = append(out, text[(before*8+5)/6:len(text)-1])
	}
	return out
}

// reversed is how ip6.arpa has digits.
func reversed(digits string) string {
	d := strings.Split(digits, "")
	slices.Reverse(d)
	return strings.Join(d, ".")
}

// address plants an address.
func (p *planted) address(class, a string) netip.Addr {
	addr := netip.MustParseAddr(a)
	p.tell(class, a)
	if addr.Is4() {
		b := addr.As4()
		p.tell(class, fmt.Sprintf("%d.%d.%d.%d.in-addr", b[3], b[2], b[1], b[0]), hex.EncodeToString(b[:]), strings.ReplaceAll(a, ".", "-"))
	} else {
		b := addr.As16()
		p.tell(class, addr.StringExpanded(), hex.EncodeToString(b[:]), reversed(hex.EncodeToString(b[:])))
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
	// And every field of every kind of fact that there is, so that a new one is among
	// them unasked.
	for range perClass / 10 {
		for _, k := range fact.Kinds() {
			observe(hostile.Fact(k, mono, p.values()))
		}
	}
	observe(wired(true)...)
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// shapes are what texts from outside look like that have somebody's name in them.
var shapes = []string{
	"%s", "http://%s.example/login?token=%[1]s&u=1", "x509: certificate is valid for %s.example, not example.com", "dial tcp: lookup %s.lan: i/o timeout",
	"open /home/%s/.config: permission denied", "%s-router.%[1]s.example.", "2.0.0 (%s)", "wg:%s:51820", "CN=%s,O=home",
}

// namesInterface matches the fields that have the name of an interface, which a
// level keeps.
var namesInterface = regexp.MustCompile(`^(Link\.(Name|AltNames)|HostInterface\.Name|Metering\.Name|Rule\.[IO]IF|Address\.Label|Settings\.Interface)$`)

// values fill fields with secrets, no two the same.
func (p *planted) values() hostile.Values {
	// next returns two bytes that no other secret of these has.
	next := func() (int, int) { p.filled++; return 16 + p.filled/220, 16 + p.filled%220 }
	address := func() netip.Addr {
		switch i, j := next(); p.filled % 4 {
		case 0:
			return p.address("private", fmt.Sprintf("10.7.%d.%d", i, j))
		case 1:
			return p.address("global v4", fmt.Sprintf("81.3.%d.%d", i, j))
		case 2:
			return p.address("local v6", fmt.Sprintf("fd5b:%x:9c3d:%x::42", 0x1100+i, 0x2200+j))
		default:
			return p.address("global v6", fmt.Sprintf("2a03:2e0:%x:%x::7777", 0x3f00+i, 0x1400+j))
		}
	}
	text := func(field string) string {
		i, j := next()
		switch {
		case namesInterface.MatchString(field):
			return p.name("interface", p.filled)
		case p.filled%7 == 0:
			return p.hardware("MAC", i, j)
		case p.filled%7 == 1:
			return strings.ReplaceAll(p.hardware("MAC", i, j), ":", "-")
		case p.filled%7 == 2:
			return "to " + address().String() + " port 53"
		case p.filled%7 == 3:
			return "host-" + strings.NewReplacer(".", "-", ":", "-").Replace(address().String())
		}
		return fmt.Sprintf(shapes[p.filled%len(shapes)], p.name("text", p.filled))
	}
	return hostile.Values{Text: text, Address: address, Prefix: func() netip.Prefix {
		a := address()
		return netip.PrefixFrom(a, a.BitLen())
	}}
}

// No format at no level has any of more than sixty secrets of each class, by a
// search that is not the product's: fgrep, ignoring case, over what zcat reads.
func TestSixtySecretsOfEachClass(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("grep"); err != nil {
		t.Skip("no grep")
	}
	p := &planted{seen: map[string][]string{}, private: map[string]bool{"private": true, "local v6": true, "interface": true}}
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
		patterns := write(t, "patterns", strings.ToLower(strings.Join(list, "\n")+"\n"))
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

// grepFor returns what grep finds of a list of patterns, in lower case, in a file: of
// many thousands it takes a gigabyte if it is to ignore the case itself.
func grepFor(t *testing.T, patterns, name string, packed bool) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if packed {
		text, err = exec.CommandContext(t.Context(), "zcat", name).Output()
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "grep", "-a", "-o", "-m", "5", "-F", "-f", patterns)
	cmd.Env, cmd.Stdin = append(os.Environ(), "LC_ALL=C"), bytes.NewReader(bytes.ToLower(text))
	out, err := cmd.Output()
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
