package session

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// small is a recording of a few members, with its journal, as a crash leaves
// it.
func small(tb testing.TB, abandon bool) (name string, obs []fact.Observation) {
	tb.Helper()
	s := newStorm(11)
	s.pace = 4 * time.Second
	obs = s.run(40)
	name = filepath.Join(tb.TempDir(), "small.flap.gz")
	w := create(tb, name)
	writeAll(tb, w, obs)
	if !abandon {
		last := obs[len(obs)-1]
		if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
			tb.Fatal(err)
		}
		return name, obs
	}
	if err := flushSamples(w); err != nil {
		tb.Fatal(err)
	}
	if err := w.Abandon(); err != nil {
		tb.Fatal(err)
	}
	return name, obs
}

// subsequence returns how many of want are not in got, and one that is in got
// but neither in want, nor a gap, nor a row of a snapshot that stands for what
// was lost.
func subsequence(got, want []fact.Observation) (missing int, alien string) {
	facts, lines := map[string]bool{}, encoded(want)
	for _, o := range want {
		facts[content(o.Fact)] = true
	}
	i := 0
	for _, g := range got {
		line := string(fact.AppendObservation(nil, &g))
		j := i
		for j < len(lines) && lines[j] != line {
			j++
		}
		if j < len(lines) {
			missing += j - i
			i = j + 1
			continue
		}
		if gap, ok := g.Fact.(*fact.Gap); (!ok || gap.Source != "recording") && !facts[content(g.Fact)] {
			return 0, line
		}
	}
	return missing + len(want) - i, ""
}

// stride is how many bytes apart faults are tried: everywhere, unless in a
// hurry.
func stride() int {
	if testing.Short() {
		return 13
	}
	return 1
}

func TestTruncatedAnywhere(t *testing.T) {
	name, obs := small(t, false)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for n := len(data); n >= 0; n -= stride() {
		r, err := NewReader(bytes.NewReader(data[:n]), int64(n), nil)
		if err != nil {
			if !errors.Is(err, ErrNoRecording) || n > 600 {
				t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
			}
			continue
		}
		missing, alien := subsequence(collect(t, r), obs)
		if alien != "" {
			t.Fatalf("cut to %d bytes: an observation that was not written: %s", n, alien)
		}
		// A shorter file holds no more than a longer one; a few lines of slack
		// for what deflate holds back.
		if missing < last-5 {
			t.Fatalf("cut to %d bytes: %d are missing, of a longer one %d", n, missing, last)
		}
		last = missing
	}
}

func TestJournalTruncatedAnywhere(t *testing.T) {
	name, obs := small(t, true)
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(name + journalSuffix)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(journal); n >= 0; n -= stride() {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)), journal[:n])
		if err != nil {
			t.Fatal(err)
		}
		missing, alien := subsequence(collect(t, r), obs)
		if alien != "" || n == len(journal) && missing > 0 {
			t.Fatalf("journal cut to %d bytes: %d missing, alien %s", n, missing, alien)
		}
	}
}

// TestBitFlips flips every bit of a file: whatever comes out was written, or
// says that it was not.
func TestBitFlips(t *testing.T) {
	name, obs := small(t, false)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := 0; i < len(data); i += stride() {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		r, err := NewReader(bytes.NewReader(bad), int64(len(bad)), nil)
		if errors.Is(err, ErrNoRecording) || errors.Is(err, ErrLimit) {
			refused++
			continue
		}
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		got := collect(t, r)
		missing, alien := subsequence(got, obs)
		if alien != "" {
			t.Fatalf("byte %d: an observation that was not written: %s", i, alien)
		}
		told := len(r.damage) > 0
		for _, o := range got {
			g, ok := o.Fact.(*fact.Gap)
			told = told || ok && g.Source == "recording"
		}
		if missing > 0 && !told {
			t.Fatalf("byte %d: %d observations are missing and nothing says so", i, missing)
		}
	}
	if refused > 100 {
		t.Errorf("%d of %d flips made the file unreadable as a whole", refused, len(data))
	}
}

func TestRepair(t *testing.T) {
	name, obs := small(t, true)
	if err := Repair(name); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name + journalSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal is still there: %v", err)
	}
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Complete() {
		t.Error("a crashed recording claims to be complete")
	}
	if diff := cmp.Diff(encoded(obs), encoded(collect(t, r))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, zip); err != nil {
		t.Errorf("not a whole gzip file: %v", err)
	}
}

// TestRepairTorn repairs a file whose writer died while a member was written.
func TestRepairTorn(t *testing.T) {
	for _, keep := range []int64{30, 400} {
		name, obs := small(t, true)
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		journaled := r.members[len(r.members)-1]
		var zip compressor
		b, err := zip.compress(journaled, journaled.held.lines)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(b[:keep]); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
			t.Fatalf("torn after %d bytes (-want +got)\n%s", keep, diff)
		}
		if err := Repair(name); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
			t.Fatalf("repaired after %d bytes (-want +got)\n%s", keep, diff)
		}
	}
}

func TestDuplicatedMember(t *testing.T) {
	name, obs := small(t, true)
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	journaled := r.members[len(r.members)-1]
	r.Close()
	var zip compressor
	b, err := zip.compress(journaled, journaled.held.lines)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
		t.Fatalf("killed before the journal was emptied (-want +got)\n%s", diff)
	}
}

func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here: nothing to be full")
	}
	obs := newStorm(12).run(4000)
	w := create(t, filepath.Join(t.TempDir(), "a"+Suffix))
	half := len(obs) / 2
	writeAll(t, w, obs[:half])
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	journal, file := w.journal, w.file
	w.journal, w.file = full, full
	failures := 0
	for _, o := range obs[half:] {
		if errors.Join(w.Append(&o), w.Flush()) != nil {
			failures++
		}
	}
	if failures == 0 {
		t.Fatal("a full disk was not noticed")
	}
	// There is room again.
	w.journal, w.file = journal, file
	last := obs[len(obs)-1]
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded(obs), encoded(read(t, w.Name()))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestClockSteppingBack(t *testing.T) {
	s := newStorm(13)
	s.start()
	for i := range 600 {
		s.step()
		o := &s.out[len(s.out)-1]
		if i > 300 {
			o.Time = o.Time.Add(-time.Hour)
		}
	}
	var seq fact.Sequencer
	for i, o := range s.out {
		s.out[i] = seq.Next(o)
	}
	if diff := cmp.Diff(encoded(s.out), encoded(read(t, write(t, s.out)))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
