package session

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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
	if err := w.FlushSamples(); err != nil {
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
		told := len(r.Damage()) > 0
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
		b, err := zip.compress(journaled, journaled.lines)
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
	b, err := zip.compress(journaled, journaled.lines)
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

const writerEnv = "FLAPSCOPE_TEST_WRITER"

// TestMain is the victim of TestKill when asked to be.
func TestMain(m *testing.M) {
	if name := os.Getenv(writerEnv); name != "" {
		writeForever(name)
	}
	os.Exit(m.Run())
}

// writeForever records a storm at full speed and tells on standard output how
// many observations it has flushed, until it is killed.
func writeForever(name string) {
	w, err := Create(name, epoch, boot, testHeader(), nil)
	if err != nil {
		fmt.Println("create:", err)
		os.Exit(1)
	}
	s := newStorm(99)
	s.start()
	for i := 0; ; i++ {
		for ; i >= len(s.out); s.step() {
		}
		if err := w.Append(&s.out[i]); err != nil {
			fmt.Println("append:", err)
			os.Exit(1)
		}
		if err := w.Flush(); err != nil {
			fmt.Println("flush:", err)
			os.Exit(1)
		}
		os.Stdout.WriteString(strconv.Itoa(i) + "\n")
	}
}

// TestKill kills a writer at random points, and finds every event that it had
// flushed, and all samples but those of the last chunk.
func TestKill(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 5
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	all := newStorm(99).run(200_000)
	lost := 0
	for round := range rounds {
		name := filepath.Join(dir, strconv.Itoa(round)+Suffix)
		n := killWriter(t, self, name, time.Duration(5+rng.IntN(60))*time.Millisecond)
		if round%2 == 0 {
			if err := Repair(name); err != nil && n >= 0 {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		if n < 0 {
			continue
		}
		lost += checkKilled(t, name, all, n)
	}
	t.Logf("%d kills: no event lost, %d samples of open chunks", rounds, lost)
}

// killWriter returns the index of the last observation that was flushed.
func killWriter(t *testing.T, self, name string, after time.Duration) int {
	t.Helper()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), writerEnv+"="+name)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// It was killed: that it did not end well is no news.
	_ = cmd.Wait()
	text := out.String()
	text = text[:strings.LastIndexByte(text, '\n')+1]
	lines := strings.Fields(text)
	if len(lines) == 0 {
		return -1
	}
	n, err := strconv.Atoi(lines[len(lines)-1])
	if err != nil {
		t.Fatalf("the writer said %q", lines[len(lines)-1])
	}
	return n
}

// checkKilled returns how many samples are missing.
func checkKilled(t *testing.T, name string, all []fact.Observation, n int) int {
	t.Helper()
	got := read(t, name)
	if len(got) == 0 {
		t.Fatalf("nothing left of %d observations", n)
	}
	var events, samples []fact.Observation
	for _, o := range got {
		if o.Fact.Kind() == fact.KindProbe {
			samples = append(samples, o)
		} else {
			events = append(events, o)
		}
	}
	var wantEvents, wantSamples []fact.Observation
	for _, o := range all[:n+1] {
		if o.Fact.Kind() == fact.KindProbe {
			wantSamples = append(wantSamples, o)
		} else {
			wantEvents = append(wantEvents, o)
		}
	}
	// It may have gone on after it last said so.
	if len(events) < len(wantEvents) {
		t.Fatalf("%d of %d flushed events are left", len(events), len(wantEvents))
	}
	if diff := cmp.Diff(encoded(wantEvents), encoded(events[:len(wantEvents)])); diff != "" {
		t.Fatalf("events (-flushed +left)\n%s", diff)
	}
	common := min(len(samples), len(wantSamples))
	if diff := cmp.Diff(encoded(wantSamples[:common]), encoded(samples[:common])); diff != "" {
		t.Fatalf("samples (-flushed +left)\n%s", diff)
	}
	missing := wantSamples[common:]
	if k := len(missing); k > 0 && missing[k-1].Mono-missing[0].Mono > samplesFor {
		t.Fatalf("samples of %v are lost", missing[k-1].Mono-missing[0].Mono)
	}
	return len(missing)
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

// bomb is a file of one member that inflates to n zero bytes.
func bomb(tb testing.TB, n int, claim uint32) []byte {
	tb.Helper()
	var zip compressor
	b, err := zip.compress(member{flags: flagHeader}, make([]byte, n))
	if err != nil {
		tb.Fatal(err)
	}
	m, _ := parseMember(b, 0)
	if claim > 0 {
		m.raw = claim
	}
	m.put(b[12:headLen])
	return bytes.Clone(b)
}

func TestHostileFiles(t *testing.T) {
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	header = append(header, '\n')
	loose := func(lines string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(header)
		io.WriteString(z, lines)
		z.Close()
		return b.Bytes()
	}
	line := `{"time":"2026-11-20T14:00:00Z","mono_ns":10800000000000,"kind":"samples","samples":[{"target":"%d","from":0,"every":0,"sent":[0],"rtt":[1],"lag":[0]}]}` + "\n"
	var targets strings.Builder
	for i := range maxTargets + 10 {
		fmt.Fprintf(&targets, line, i)
	}
	for name, data := range map[string][]byte{
		"bomb":             bomb(t, 40<<20, 0),
		"bomb-that-lies":   bomb(t, 40<<20, 1000),
		"too-large-member": bomb(t, 1<<20, maxRaw+1),
		"loose-bomb":       loose(strings.Repeat(" ", 300<<20)),
		"endless-line":     loose(`{"time":"2026-11-20T14:00:00Z","mono_ns":10800000000000,"kind":"mark","mark":{"text":"` + random(maxLine+1) + `"}}` + "\n"),
		"many-targets":     loose(targets.String()),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(data), int64(len(data)), nil)
			if err == nil {
				for _, e := range r.All() {
					err = errors.Join(err, e)
				}
			}
			if !errors.Is(err, ErrLimit) && !errors.Is(err, ErrNoRecording) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// random returns letters that do not compress.
func random(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('!' + rng.IntN(90))
		if b[i] == '"' || b[i] == '\\' {
			b[i] = 'x'
		}
	}
	return string(b)
}

// TestAbsurdNumbers reads lines with times and counts that no machine has.
func TestAbsurdNumbers(t *testing.T) {
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{
		"mono-out-of-range": `{"time":"2026-11-20T14:00:00Z","mono_ns":99999999999999999999,"kind":"mark","mark":{}}`,
		"negative-mono":     `{"time":"2026-11-20T14:00:00Z","mono_ns":-5,"kind":"mark","mark":{}}`,
		"sent-in-the-past":  `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":-9223372036854775808,"every":1,"sent":[0],"rtt":[1],"lag":[1]}]}`,
		"rtt-of-centuries":  `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[0],"rtt":[9223372036854775807],"lag":[1]}]}`,
		"short-column":      `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[0,1],"rtt":[1],"lag":[1]}]}`,
		"odd-index":         `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"samples","samples":[{"target":"t","from":0,"every":1,"sent":[],"rtt":[],"lag":[],"odd":[{"i":-1},{"i":99}]}]}`,
		"null":              `null`,
		"deep":              strings.Repeat("[", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			data := string(header) + "\n" + line + "\n"
			r, err := NewReader(strings.NewReader(data), int64(len(data)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := collect(t, r); len(got) != 0 {
				t.Errorf("read %v", encoded(got))
			}
		})
	}
}
