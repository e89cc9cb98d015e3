package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// damagedRecording is a recording of four minutes, each with a change of the
// link, whose second minute has a flipped bit.
func damagedRecording(t *testing.T) (whole, damaged string) {
	t.Helper()
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	whole = filepath.Join(t.TempDir(), "whole"+session.Suffix)
	w, err := session.Create(whole, start, time.Hour, session.Header{Tool: "flapscope", Version: "test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) (time.Time, time.Duration) {
		d := time.Duration(i) * 10 * time.Second
		return start.Add(d), time.Hour + d
	}
	sizes := []int64{}
	for i := range 24 {
		o := fact.Observation{Op: fact.Put, Fact: &fact.Link{Index: 2, Name: "eth0", MTU: uint32(1000 + i)}}
		o.Time, o.Mono = at(i)
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(whole)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(sizes); n == 0 || info.Size() > sizes[n-1] {
			sizes = append(sizes, info.Size())
		}
	}
	end, mono := at(24)
	if err := w.Close(end, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(whole)
	if err != nil || len(sizes) < 3 {
		t.Fatal(err, sizes)
	}
	b[(sizes[1]+sizes[2])/2+20] ^= 1
	damaged = filepath.Join(filepath.Dir(whole), "damaged"+session.Suffix)
	if err := os.WriteFile(damaged, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return whole, damaged
}

func TestVerify(t *testing.T) {
	whole, damaged := damagedRecording(t)
	out, errs, code := runMain(t, nil, "verify", whole)
	if code != exitOK || errs != "" || !strings.HasPrefix(out, whole+": whole\n") || !strings.Contains(out, "schema 1, by flapscope test") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	out, errs, code = runMain(t, nil, "verify", whole, damaged, whole+".not")
	if code != exitNegative || errs != "" {
		t.Errorf("exit code %d, %s", code, errs)
	}
	for _, want := range []string{whole + ": whole\n", damaged + ": not whole: parts are missing", ", member 2: ", "  missing: ", whole + ".not: not whole: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out, _, code = runMain(t, nil, "verify", "--json", damaged)
	var docs []verifiedDocument
	if err := json.Unmarshal([]byte(out), &docs); err != nil || code != exitNegative || len(docs) != 1 {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	d := docs[0]
	if d.Whole || !d.Complete || len(d.Flaws) != 1 || *d.Flaws[0].Member != 2 || len(d.Missing) != 1 {
		t.Errorf("%s", out)
	}
	if _, errs, code := runMain(t, nil, "verify"); code != exitUsage {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

// TestVerifyOfUnknownWriter: what the header does not say is said to be unknown.
func TestVerifyOfUnknownWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.jsonl")
	lines := `{"time":"2026-11-21T09:00:00Z","mono_ns":1000,"kind":"session","session":{"schema":1,"id":"x","monotonic_ns":1000}}` + "\n" +
		`{"mono_ns":60000001000,"kind":"rollup"}` + "\n"
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, code := runMain(t, nil, "verify", name)
	for _, want := range []string{"schema 1, by an unknown program on an unknown host\n", "  2026-11-21 09:00:00 to 2026-11-21 09:01:00, "} {
		if code != exitNegative || !strings.Contains(out, want) {
			t.Errorf("exit code %d: no %q in\n%s", code, want, out)
		}
	}
}

// A state that is not known is said to be.
func TestStateOfDamaged(t *testing.T) {
	whole, damaged := damagedRecording(t)
	out, errs, code := runMain(t, nil, "state", damaged, "--at", "2026-11-21T09:01:30Z")
	if code != exitOK || !strings.Contains(errs, "what held is not known since 09:01:00.000") || !strings.Contains(out, "mtu 1005") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if _, errs, _ := runMain(t, nil, "state", whole, "--at", "2026-11-21T09:01:30Z"); errs != "" {
		t.Errorf("of a whole one: %s", errs)
	}
}
