package redact_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"flapscope/history/redact"
	"flapscope/history/session"
	"flapscope/internal/hostile"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// redacted writes a redacted copy and returns its name and the map.
func redacted(t testing.TB, name string, o redact.Options) (string, *redact.Map) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), "redacted"+session.Suffix))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	data, err := redact.Recording(t.Context(), r, out, o)
	if err != nil {
		t.Fatal(err)
	}
	var m redact.Map
	if err := json.Unmarshal(data, &m); err != nil && o.Level != redact.None {
		t.Fatal(err)
	}
	return out.Name(), &m
}

// A listener keeps what the fold finds, as lines.
type listener struct{ lines []string }

func (*listener) Observed(fact.Observation, *state.State) {}

func (l *listener) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Observation == nil {
		l.lines = append(l.lines, string(fold.AppendEvent(nil, &e, "")))
	}
}

// found returns what the fold finds in a recording.
func found(t testing.TB, name string) []string {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var l listener
	d := fold.NewDriver(r.Header().Settings, &l)
	for o, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		d.Observe(o)
	}
	_, end := r.Bounds()
	d.Finish(end)
	return l.lines
}

// translate puts the pseudonyms of a map into text.
func translate(m *redact.Map, lines []string) []string {
	type pair struct{ from, to string }
	var pairs []pair
	for _, of := range m.Names {
		for k, v := range of {
			if k != "x" {
				pairs = append(pairs, pair{k, v})
			}
		}
	}
	for k, v := range m.Addresses {
		pairs = append(pairs, pair{k, v})
	}
	for k, v := range m.Prefixes {
		pairs = append(pairs, pair{k, v})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(len(b.from), len(a.from)), cmp.Compare(a.from, b.from))
	})
	var flat []string
	for _, p := range pairs {
		flat = append(flat, p.from, p.to)
	}
	replace := strings.NewReplacer(flat...)
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = replace.Replace(line)
	}
	return out
}

// nameless matches pseudonyms, and the x that stands for all names where a
// recording has one in every field.
var nameless = regexp.MustCompile(`\b(x|[a-z]+-\d+)\b`)

// unordered sorts what is listed by address: pseudonyms have another order.
func unordered(lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		out[i] = nameless.ReplaceAllString(out[i], "#")
		words := regexp.MustCompile(`[{}\[\],:" ]+`).Split(out[i], -1)
		slices.Sort(words)
		out[i] = strings.Join(words, " ")
	}
	return out
}

// TestReplaysTheSame: the redacted recording has the same transitions, episodes
// and incidents at the same instants, in the same words but for the pseudonyms.
// REDACT_RECORDING names another recording to try it with.
func TestReplaysTheSame(t *testing.T) {
	names := []string{replaytest.Recorded(t), planted(t, func(string) string { return "" })}
	if more := os.Getenv("REDACT_RECORDING"); more != "" {
		names = append(names, more)
	}
	for _, name := range names {
		for _, level := range redact.Levels {
			copied, m := redacted(t, name, redact.Options{Level: level})
			want, got := translate(m, found(t, name)), found(t, copied)
			if len(want) < 20 {
				t.Fatalf("%d events: this shows nothing", len(want))
			}
			if diff := gocmp.Diff(unordered(want), unordered(got)); diff != "" {
				t.Errorf("%s, %s: (-original +redacted)\n%.4000s", filepath.Base(name), level, diff)
			}
		}
	}
}

// The recordings that come with the program can be redacted: what it says itself is
// not taken for somebody's name.
func TestSamples(t *testing.T) {
	for _, name := range []string{"sample.flap.gz", "sample-wifi.flap.gz"} {
		for _, level := range []redact.Level{redact.Public, redact.Colleague} {
			if _, m := redacted(t, filepath.Join("..", "..", "docs", name), redact.Options{Level: level}); len(m.Names["word"]) > 2 {
				t.Errorf("%s, %s: words that are nobody's: %v", name, level, m.Names["word"])
			}
		}
	}
}

// planted returns a recording in which text stands in each field that can hold
// any; the one of a field that text returns "" for stays.
func planted(t testing.TB, text func(field string) string) string {
	t.Helper()
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fields, err := hostile.Fields(lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		if s := text(f); s != "" {
			if lines, err = hostile.Plant(lines, hostile.Payload{Name: "secret", Text: s}, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	name := filepath.Join(t.TempDir(), "planted"+session.Suffix)
	if err := hostile.Write(name, lines); err != nil {
		t.Fatal(err)
	}
	return name
}

// secrets are values of every class, none of which is a word of the program's.
var secrets = []string{
	"zaphod-laptop", "Zaphods iPhone", "zaphod.corp.megadodo.example", "Heart Of Gold 5G", "Magrathea_Guest", "3c:22:fb:11:22:33", "3C-22-FB-44-55-66", "3c22.fb77.8899",
	"a0b1c2d3e4f5", "192.168.44.17", "10.77.3.2", "81.2.69.160", "203.0.113.77", "2a02:2e0:3fe:1001::7777", "fd12:3456:789a:1::42", "fe80::3e22:fbff:fe11:2233%vogon0",
	"vogon0", "enx3c22fbaabbcc", "http://portal.milliways.example/login?token=s3cr3t-t0k3n", "https://zaphod:pass-w0rd@nas.milliways.example:8443/share/zaphod", "CN=babelfish.megadodo.example",
	"x509: certificate is valid for babelfish.megadodo.example, not slartibartfast.example", "/home/zaphod/.config/flapscope", "wg.endpoint.frogstar.example:51820", "hop3.backbone.frogstar.example",
	"note: bad at Trillians desk", "lookup ns1.megadodo.example on 10.77.3.53:53: no such host", "17.44.168.192.in-addr.arpa", "wallet 4f2a9c11d0e7b6a5",
}

// telltales are the parts of secrets that nothing else has.
var telltales = []string{
	"zaphod", "megadodo", "heart of gold", "heartofgold", "magrathea", "11:22:33", "112233", "44-55-66", "445566", "77.8899", "778899", "a0b1c2d3e4f5", "192.168.44", "10.77.3", "81.2.69", "203.0.113",
	"2a02:2e0", "2a0202e0", "3456:789a", "3456789a", "vogon", "aabbcc", "milliways", "s3cr3t", "pass-w0rd", "babelfish", "slartibartfast", "frogstar", "trillian", "44.168.192", "4f2a9c11d0e7b6a5", "fe11:2233",
}

// namesInterface matches the fields that have the name of an interface.
var namesInterface = regexp.MustCompile(`\.(ifname|altnames|iif|oif|label|interface|interfaces\.name)$`)

// TestPlantedSecrets plants each secret into every field that can hold it, and
// looks for what is left of any in the copies with a search of its own.
func TestPlantedSecrets(t *testing.T) {
	for i := range secrets {
		if i%4 != 0 && (testing.Short() || i%2 != 0) {
			continue
		}
		n := i
		name := planted(t, func(field string) string {
			switch {
			case hostile.Structural(field):
				return ""
			case namesInterface.MatchString(field):
				// A level keeps these.
				return "vogon0"
			}
			n++
			return secrets[n%len(secrets)]
		})
		if text := strings.ToLower(raw(t, name)); !strings.Contains(text, "zaphod") {
			t.Fatal("no secret was planted")
		}
		for _, level := range []redact.Level{redact.Public, redact.Colleague} {
			copied, _ := redacted(t, name, redact.Options{Level: level, Shift: -time.Hour})
			text := strings.ToLower(raw(t, copied))
			for _, s := range telltales {
				kept := level == redact.Colleague && slices.Contains([]string{"192.168.44", "10.77.3", "3456:789a", "vogon", "44.168.192"}, s)
				if at := strings.Index(text, s); at >= 0 && !kept {
					t.Errorf("round %d, %s: %q is left: …%s…", i, level, s, text[max(0, at-100):min(len(text), at+60)])
				}
			}
		}
	}
}

// raw returns the lines of a recording.
func raw(t testing.TB, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMapGoesOn: with its map another copy has the same pseudonyms.
func TestMapGoesOn(t *testing.T) {
	name := planted(t, func(field string) string {
		if hostile.Structural(field) {
			return ""
		}
		return "zaphod-laptop"
	})
	_, m := redacted(t, name, redact.Options{Level: redact.Public})
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	_, again := redacted(t, name, redact.Options{Level: redact.Public, Map: data})
	if diff := gocmp.Diff(m, again); diff != "" {
		t.Errorf("(-first +second)\n%s", diff)
	}
	for _, bad := range []string{"{}", "x", `{"version":1,"key":"00"}`, `{"version":1,"key":"00000000000000000000000000000000","names":{"host":{"a":"b"}}}`} {
		if _, err := redact.Continue(redact.Public, []byte(bad)); err == nil {
			t.Errorf("%s is a map", bad)
		}
	}
}

// TestNothingIsWrittenIfFound: an output in which an original value is found is
// emptied.
func TestNothingIsWrittenIfFound(t *testing.T) {
	// The version may be of this form, and is kept; the same as a name is not.
	name := planted(t, func(field string) string {
		if field == "session.session.version" || field == "session.session.host.name" {
			return "0badcafe"
		}
		return ""
	})
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := redact.Recording(t.Context(), r, out, redact.Options{Level: redact.Public}); err == nil {
		t.Error("the copy has an original value, and nobody says so")
	}
	if b, err := os.ReadFile(out.Name()); err != nil || len(b) > 0 {
		t.Errorf("%d bytes are left, %v", len(b), err)
	}
}

// TestShift moves the wall clock and nothing else.
func TestShift(t *testing.T) {
	name := replaytest.Recorded(t)
	copied, _ := redacted(t, name, redact.Options{Level: redact.Public, Shift: -1234 * time.Hour})
	a, b := raw(t, name), raw(t, copied)
	for _, day := range []string{"2026-11-20", "2026-11-21"} {
		if !strings.Contains(a, "2026-11-20") || strings.Contains(b, day) {
			t.Errorf("%s is in the copy: %v", day, strings.Contains(b, day))
		}
	}
	times := regexp.MustCompile(`"[a-z_]*(time|from|to|start|end|declared)":"[^"]*",?`)
	strip := func(lines []string) (out []string) {
		for _, l := range lines {
			out = append(out, times.ReplaceAllString(l, ""))
		}
		return out
	}
	m := &redact.Map{}
	if diff := gocmp.Diff(len(strip(translate(m, found(t, name)))), len(strip(found(t, copied)))); diff != "" {
		t.Errorf("(-original +shifted)\n%s", diff)
	}
}

// BenchmarkRecording measures redaction by the bytes of lines that are read.
func BenchmarkRecording(b *testing.B) {
	name := cmp.Or(os.Getenv("REDACT_RECORDING"), "")
	if name == "" {
		b.Skip("REDACT_RECORDING names no recording")
	}
	r, err := session.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	b.SetBytes(int64(len(raw(b, name))))
	for b.Loop() {
		out, err := os.Create(filepath.Join(b.TempDir(), "out"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := redact.Recording(b.Context(), r, out, redact.Options{Level: redact.Public}); err != nil {
			b.Fatal(err)
		}
		out.Close()
	}
}

// BenchmarkVerifier measures the search alone.
func BenchmarkVerifier(b *testing.B) {
	r := redact.New(redact.Public, redact.NewKey())
	for _, s := range secrets {
		r.Observation(fact.Observation{Fact: &fact.Gap{Text: fact.Untrusted(s)}})
	}
	v := r.Verifier(nil)
	text := bytes.Repeat([]byte(`{"time":"2026-11-20T14:00:00.000000000Z","mono_ns":360000000000000,"kind":"samples"}`+"\n"), 1e5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := v.Verify(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
