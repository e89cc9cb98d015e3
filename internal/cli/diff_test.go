package cli

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"flapscope/history/compare"
	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// measuredRecording writes three hours with one probe a second. The cable is out
// about so often an hour.
func measuredRecording(t *testing.T, seed uint64, rtt time.Duration, outs float64) string {
	t.Helper()
	return markedRecording(t, seed, rtt, outs, 0)
}

// markedRecording is one in which round trips are twice as long in stretches of ten
// minutes, so many, which are marked at their end.
func markedRecording(t *testing.T, seed uint64, rtt time.Duration, outs float64, marks int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "measured"+session.Suffix)
	at, mono := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), 10*time.Hour
	w, err := session.Create(name, at, mono, session.Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	observe := func(f fact.Fact) {
		o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	gateway := fact.Target{
		ID: "ping:192.0.2.1", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4,
		Addr: netip.MustParseAddr("192.0.2.1"), Index: 2, Interval: time.Second,
	}
	for _, f := range append(wired(true), &gateway) {
		observe(f)
	}
	up, back := true, mono
	for second := range 3 * 3600 {
		factor := 1.0
		if n := second / 600; n%2 == 1 && n/2 < marks {
			factor = 2
			if second%600 == 599 {
				observe(&fact.Mark{Text: "slow", From: mono - 10*time.Minute})
			}
		}
		at, mono = at.Add(time.Second), mono+time.Second
		switch {
		case up && rng.Float64() < outs/3600:
			up, back = false, mono+time.Duration(5+rng.IntN(10))*time.Second
		case !up && mono >= back:
			up = true
		default:
			r := &fact.ProbeResult{Target: gateway.ID, Outcome: fact.OutcomeOK, Sent: mono - time.Millisecond, RTT: time.Duration(float64(rtt) * factor * math.Exp(0.2*rng.NormFloat64()))}
			if !up {
				r.Outcome, r.RTT = fact.OutcomeTimeout, 0
			}
			observe(r)
			continue
		}
		for _, f := range wired(up) {
			observe(f)
		}
	}
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestDiff compares recordings of which the difference is known.
func TestDiff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, alike, bad := measuredRecording(t, 1, 20*time.Millisecond, 10), measuredRecording(t, 2, 20*time.Millisecond, 10), measuredRecording(t, 3, 26*time.Millisecond, 40)
	for _, tt := range []struct {
		before, after string
		code          int
		words         map[compare.What]compare.Word
	}{
		{good, good, 0, map[compare.What]compare.Word{compare.RTT: compare.NoEvidence, compare.Losses: compare.NoEvidence}},
		{good, alike, 0, map[compare.What]compare.Word{compare.RTT: compare.NoEvidence, compare.Losses: compare.NoEvidence, compare.Availability: compare.NoEvidence}},
		{good, bad, 1, map[compare.What]compare.Word{compare.RTT: compare.Worse, compare.Losses: compare.Worse, compare.Availability: compare.Worse, compare.Recovery: compare.NoEvidence}},
		{bad, good, 0, map[compare.What]compare.Word{compare.RTT: compare.Better, compare.Losses: compare.Better, compare.Availability: compare.Better, compare.Recovery: compare.NoEvidence}},
	} {
		code, out, errs := runIn(t, dir, "diff", tt.before, tt.after, "--json")
		if code != tt.code || errs != "" {
			t.Fatalf("exit code %d, want %d: %s", code, tt.code, errs)
		}
		var d diffDocument
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		for _, m := range d.Measures {
			if want, ok := tt.words[m.What]; ok && m.Word != want {
				t.Errorf("%s: %s, want %s: %+v %+v %+v", m.What, m.Word, want, m.Before, m.After, m.Difference)
			}
		}
		if _, again, _ := runIn(t, dir, "diff", tt.before, tt.after, "--json"); again != out {
			t.Error("another time it is another")
		}
		validDiff(t, out)
	}
	_, table, _ := runIn(t, dir, "diff", good, bad)
	for _, want := range []string{"worse: ", "round trip of gateway IPv4 (ping)", "\ntime to recover ", "+", " to +"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	for _, args := range [][]string{{good}, {}, {good, bad, alike}} {
		if code, _, errs := runIn(t, dir, append([]string{"diff"}, args...)...); code != exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%d files: exit code %d, %q", len(args), code, errs)
		}
	}
	if code, _, errs := runIn(t, dir, "diff", good, filepath.Join(dir, "none")); code != exitFailure || strings.Count(errs, "\n") != 1 {
		t.Errorf("of a file that is not there: exit code %d, %q", code, errs)
	}
}

// What is written as JSON is what the schema says, and no more.
func validDiff(t *testing.T, out string) {
	t.Helper()
	schema := strictSchema(t, "../../docs/diff.schema.json")
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		t.Error(err)
	}
}

// What was marked is compared with the rest.
func TestDiffOfMarks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := markedRecording(t, 4, 20*time.Millisecond, 10, 6)
	code, out, errs := runIn(t, dir, "diff", "--marks", "--json", name)
	var d diffDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 1 {
		t.Fatalf("exit code %d: %v: %s", code, err, errs)
	}
	validDiff(t, out)
	for _, m := range d.Measures {
		if want := map[bool]compare.Word{true: compare.Worse, false: compare.NoEvidence}[m.What == compare.RTT]; m.Word != want {
			t.Errorf("%s: %s, want %s: %+v %+v %+v", m.What, m.Word, want, m.Before, m.After, m.Difference)
		}
	}
	if d.After.Observed < 59*time.Minute || d.After.Observed > 61*time.Minute || d.Before.Observed < 119*time.Minute || d.Before.Observed > 121*time.Minute {
		t.Errorf("%v are marked, and %v are not", d.After.Observed, d.Before.Observed)
	}
	if _, table, _ := runIn(t, dir, "diff", "--marks", name); !strings.Contains(table, " REST ") || !strings.Contains(table, "\nmarked ") {
		t.Errorf("the table:\n%s", table)
	}
	if code, _, errs := runIn(t, dir, "diff", "--marks", measuredRecording(t, 5, 20*time.Millisecond, 1)); code != exitFailure || !strings.Contains(errs, "marked") {
		t.Errorf("without marks: exit code %d, %s", code, errs)
	}
	if code, _, _ := runIn(t, dir, "diff", "--marks", name, name); code != exitUsage {
		t.Errorf("of two: exit code %d", code)
	}
}
