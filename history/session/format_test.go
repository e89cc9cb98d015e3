package session

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// complete is a recording with every kind of line that there is.
func complete(tb testing.TB) string {
	tb.Helper()
	s := newStorm(31)
	obs := s.run(3000)
	s.out = nil
	s.emit(fact.Put, &fact.Nexthop{ID: 7, Protocol: 3})
	s.emit(fact.Put, &fact.Netconf{Family: fact.IPv4, Index: -1, IgnoreRoutesWithLinkdown: true})
	s.emit(fact.Put, &fact.Wifi{Index: 2, Event: "deauthenticated", SSID: "\x9b31m", Reason: 4, ByAP: true})
	s.emit(fact.Put, &fact.Cells{Index: 2, List: []fact.HeardCell{{BSSID: "02:00:00:00:01:00", SSID: "\x9b31m", Signal: -61}}})
	s.emit(fact.Put, &fact.WifiEvent{Index: 2, Event: fact.WifiEventScan, SSID: "\x9b31m", Channels: 3})
	s.emit(fact.Put, &fact.Translator{Index: 2, Prefix: netip.MustParsePrefix("64:ff9b::/96"), Until: 9})
	s.emit(fact.Put, &fact.Capport{Index: 2, API: "https://portal.example/api", Asked: 7, Since: 5, Captive: true, SignIn: "https://portal.example/", Until: 9})
	s.emit(fact.Put, &fact.Manager{Name: "NetworkManager", Version: "1.52.1"})
	s.emit(fact.Put, &fact.Metering{Name: "wwan0", Guessed: true})
	s.emit(fact.Put, &fact.Check{
		Trigger: fact.CheckTrouble, Begun: 7, Took: 9, Bytes: 20, Index: 2, State: "degraded", Text: "Name server \x9b31m lies.",
		Findings: []fact.CheckFinding{{What: "resolver_lies", Leg: "dns", Family: fact.IPv4, Index: 2, Detail: "\x9b", Since: 7, Before: 5}},
		Evidence: []fact.Untrusted{"way over IPv4: *"},
	})
	s.emit(fact.Put, &fact.Notice{Key: "ping", Text: "no permission"})
	obs = append(obs, s.out...)
	// A result that columns can't hold.
	odd := obs[len(obs)-1]
	odd.Fact = &fact.ProbeResult{Target: "t", Outcome: fact.OutcomeOK, Sent: 5, RTT: 7, Uncertain: true, Queue: 3, Duplicates: 1, TTL: 57, Index: 2}
	obs = append(obs, odd)

	name := filepath.Join(tb.TempDir(), "all"+Suffix)
	w := create(tb, name)
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	for _, o := range obs {
		tl.Observed(o, nil)
	}
	writeAll(tb, w, obs)
	last := obs[len(obs)-1]
	better := true
	w.AppendEvent(&fold.Event{Time: last.Time, Mono: last.Mono, Connection: &fold.ConnectionEvent{For: fold.Internet, Available: &better, Interface: "wlan0", Better: "\x9b31m"}})
	if err := w.AppendRollup(last.Time, last.Mono, tl.View().Rollup(timeline.Span{From: boot, To: last.Mono})); err != nil {
		tb.Fatal(err)
	}
	w.enc.snapshotAt = 0
	if err := w.Rotate(last.Time, last.Mono); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		tb.Fatal(err)
	}
	return name
}

// linesOf returns the lines of a recording as any gzip reader gives them.
func linesOf(tb testing.TB, name string) []byte {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(zip)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestEveryLineValidates(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/session-format.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for line := range bytes.Lines(linesOf(t, complete(t))) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kind, _ := peek(line)
		kinds[kind]++
	}
	for _, kind := range documentedKinds {
		if _, sampled := fact.Kind(kind).New().(fact.Sampled); !sampled && kinds[kind] == 0 {
			t.Errorf("no line of kind %s was written", kind)
		}
	}
	for kind := range kinds {
		if !slices.Contains(documentedKinds, kind) {
			t.Errorf("a line of kind %s was written, which is not documented", kind)
		}
	}
}

// documentedKinds are the kinds that docs/session-format.md has a row for: those
// of lines and of all facts. What is sampled has columns and hardly ever a line.
var documentedKinds = func() []string {
	kinds := []string{kindSession, kindMember, kindSnapshot, kindSamples, kindRollup, kindEnd, "path", "episode", "incident", "viability", "better_path"}
	for _, k := range fact.Kinds() {
		kinds = append(kinds, string(k))
	}
	return kinds
}()

func TestEveryKindIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/session-format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range documentedKinds {
		if !bytes.Contains(doc, []byte("| `"+kind+"` |")) {
			t.Errorf("docs/session-format.md says nothing of kind %s", kind)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/session-format.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`{}`,
		`{"time":"2026-11-20T14:00:00.000000000Z","mono_ns":-1,"kind":"mark","mark":{}}`,
		`{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"mark","mark":{}}`,
		`{"time":"2026-11-20T14:00:00.000000000Z","mono_ns":1,"kind":"mark"}`,
		`{"time":"2026-11-20T14:00:00.000000000Z","mono_ns":1,"kind":"link","op":"swap","link":{}}`,
		`{"time":"2026-11-20T14:00:00.000000000Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","at":[1]}]}`,
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("validates: %s", line)
		}
	}
}

// TestOtherTools reads a recording with what a maintainer has at hand.
func TestOtherTools(t *testing.T) {
	name := complete(t)
	want := linesOf(t, name)
	marks := 0
	for line := range bytes.Lines(want) {
		if kind, _ := peek(line); kind == "mark" {
			marks++
		}
	}
	for tool, c := range map[string]struct {
		command string
		want    string
	}{
		"zcat":    {`zcat "$1"`, string(want)},
		"busybox": {`busybox zcat "$1"`, string(want)},
		"python3": {`python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())' "$1"`, string(want)},
		"jq":      {`zcat "$1" | jq -c 'select(.kind=="mark")' | wc -l`, fmt.Sprintf("%d\n", marks)},
		"head":    {`zcat "$1" | head -1 | jq -r .session.tool`, "flapscope\n"},
	} {
		t.Run(tool, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("%s is not installed: that it reads recordings is not shown", tool)
			}
			out, err := exec.Command("sh", "-c", c.command, "sh", name).Output()
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != c.want {
				t.Errorf("%d bytes, want %d", len(out), len(c.want))
			}
		})
	}
}

// TestRecompressed reads what other tools make of a recording.
func TestRecompressed(t *testing.T) {
	name := complete(t)
	want := encoded(read(t, name))
	lines := linesOf(t, name)
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	if _, err := z.Write(lines); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for kind, data := range map[string][]byte{"plain": lines, "one-member": zip.Bytes()} {
		r, err := NewReader(bytes.NewReader(data), int64(len(data)), nil)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got := encoded(collect(t, r)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d observations, want %d", kind, len(got), len(want))
		}
		if s, err := r.StateAt(boot + 1e11); err != nil || len(s.Links) == 0 {
			t.Errorf("%s: state %v, %v", kind, s, err)
		}
	}
}

// TestSamplesHoldAllOfAResult fails when a result gets a field that the
// columns do not hold.
func TestSamplesHoldAllOfAResult(t *testing.T) {
	for typ, n := range map[reflect.Type]int{reflect.TypeFor[fact.ProbeResult](): 13, reflect.TypeFor[fact.Phases](): 4} {
		if typ.NumField() != n {
			t.Errorf("%v has %d fields, the columns hold %d", typ, typ.NumField(), n)
		}
	}
}

func FuzzReader(f *testing.F) {
	data, err := os.ReadFile(complete(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:min(len(data), 8000)], []byte(nil))
	name, _ := small(f, true)
	file, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	journal, err := os.ReadFile(name + journalSuffix)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file, journal)
	f.Add(linesOf(f, name), journal)
	f.Fuzz(func(t *testing.T, file, journal []byte) {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)), journal)
		if err != nil {
			return
		}
		from, to := r.Bounds()
		if from < 0 || to < from {
			t.Fatalf("bounds %v %v", from, to)
		}
		for o, err := range r.All() {
			if err != nil {
				break
			}
			if o.Fact == nil || o.Mono < 0 {
				t.Fatalf("observation %+v", o)
			}
		}
		// Whatever it says, asking must end.
		_, _ = r.StateAt((from + to) / 2)
		_ = sumsOf(r)
		_, _ = r.Episodes()
		tl := timeline.NewTimeline(timeline.DefaultLimits())
		_ = r.Tail(tl, r.Overview(tl))
	})
}

// FuzzSamples parses lines and writes what it read again.
func FuzzSamples(f *testing.F) {
	s := newStorm(1)
	s.start()
	var c sampleChunk
	for range 300 {
		s.step()
		o := s.out[len(s.out)-1]
		if c.takes(&o) && !c.full(&o) {
			c.put(&o)
		}
	}
	f.Add(bytes.TrimSuffix(c.appendLine(nil), []byte("\n")))
	f.Add([]byte(`{"time":"2026-11-20T14:00:00+01:00","mono_ns":7,"kind":"samples","samples":[{"target":"a","from":0,"every":-3,"sent":[0,1],"rtt":[null,5],"lag":[0,0],"tls":[1,2],"odd":[{"i":0,"outcome":"timeout"},{"i":1,"outcome":"refused","rtt":4,"detail":"b"}]}]}`))
	f.Add([]byte(`{"time":"2026-11-20T14:00:00+01:00","mono_ns":7,"kind":"samples","samples":[{"kind":"usage","series":"","from":0,"every":1000,"at":[0,7],"columns":[{"name":"packets","values":[1,2]},{"name":"bytes","values":[5,6]},{"name":"max_packets","values":[9,9]},{"name":"max_bytes","values":[9,9]}]}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var fast sampleParser
		if fast.scan(line) {
			var slow samplesLine
			if err := json.Unmarshal(line, &slow); err != nil {
				t.Fatalf("scanned what is no JSON: %v", err)
			}
			if diff := cmp.Diff(slow, fast.line, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Fatalf("scanned otherwise than encoding/json (-json +scan):\n%s", diff)
			}
		}
		obs, err := parseSamples(line)
		if err != nil {
			return
		}
		var c sampleChunk
		for i := range obs {
			if !c.takes(&obs[i]) || c.full(&obs[i]) {
				return
			}
			c.put(&obs[i])
		}
		if len(obs) == 0 || obs[0].Time.Year() > 9999 || !json.Valid(c.appendLine(nil)) {
			return
		}
		for i := range obs {
			c.put(&obs[i])
		}
		again, err := parseSamples(c.appendLine(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(encoded(obs), encoded(again)) {
			t.Fatalf("read %v, written and read %v", encoded(obs), encoded(again))
		}
	})
}

// TestScanSamples: what the writer writes takes the fast way, and what only
// looks like it the slow one.
func TestScanSamples(t *testing.T) {
	const head = `{"time":"2026-11-20T14:00:00+01:00","mono_ns":7,"kind":"samples","samples":[`
	for name, tt := range map[string]struct {
		line string
		want bool
	}{
		"plain":           {head + `{"target":"a","from":0,"every":1000,"sent":[0],"rtt":[5],"lag":[1]}]}`, true},
		"odd":             {head + `{"target":"a","from":-9,"every":0,"sent":[0],"rtt":[null],"lag":[1],"odd":[{"i":0,"outcome":"timeout"}]}]}`, true},
		"two-targets":     {head + `{"target":"a","from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1]},{"target":"b","from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1],"tls":[9]}]}`, true},
		"another-order":   {head + `{"from":0,"target":"a","every":0,"sent":[0],"rtt":[5],"lag":[1]}]}`, false},
		"unknown-key":     {head + `{"target":"a","from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1],"hops":[3]}]}`, false},
		"escaped-name":    {head + `{"target":"\u0061","from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1]}]}`, false},
		"spaces":          {head + `{"target":"a", "from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1]}]}`, false},
		"leading-zero":    {head + `{"target":"a","from":00,"every":0,"sent":[0],"rtt":[5],"lag":[1]}]}`, false},
		"fraction":        {head + `{"target":"a","from":0,"every":0,"sent":[0.5],"rtt":[5],"lag":[1]}]}`, false},
		"too-large":       {head + `{"target":"a","from":0,"every":0,"sent":[9223372036854775808],"rtt":[5],"lag":[1]}]}`, false},
		"more-after-line": {head + `{"target":"a","from":0,"every":0,"sent":[0],"rtt":[5],"lag":[1]}]}}`, false},
		"series":          {head + `{"kind":"usage","series":"","from":0,"every":1000,"at":[0,0],"columns":[{"name":"packets","values":[1,2]}]}]}`, true},
		"series-misnamed": {head + `{"kind":"usage","of":"","from":0,"every":1000,"at":[0,0],"columns":[{"name":"packets","values":[1,2]}]}]}`, false},
		"cut":             {head + `{"target":"a","from":0,"every":0,"sent":[0],"rtt":[5`, false},
	} {
		t.Run(name, func(t *testing.T) {
			var p sampleParser
			if got := p.scan([]byte(tt.line)); got != tt.want {
				t.Errorf("scan of %s: %v, want %v", tt.line, got, tt.want)
			}
		})
	}
	// A parser forgets the line before.
	var p sampleParser
	for _, line := range []string{
		head + `{"target":"a","from":0,"every":0,"sent":[0,9],"rtt":[5,5],"lag":[1,1],"tls":[7,7],"odd":[{"i":1,"detail":"x"}]}]}`,
		head + `{"target":"b","from":0,"every":0,"sent":[0,9],"rtt":[5,5],"lag":[1,1]}]}`,
	} {
		got, err := p.parse(nil, []byte(line))
		want, wantErr := parseSamples([]byte(line))
		if err != nil || wantErr != nil || !reflect.DeepEqual(encoded(got), encoded(want)) {
			t.Errorf("%v, %v; alone %v, %v", encoded(got), err, encoded(want), wantErr)
		}
	}
}
