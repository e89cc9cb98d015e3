package session

import (
	"bytes"
	"fmt"
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

const (
	writerEnv = "FLAPSCOPE_TEST_WRITER"
	// killedAfter is how many observations the victim of TestKill writes at most.
	killedAfter = 200_000
)

// TestMain is the victim of TestKill when asked to be.
func TestMain(m *testing.M) {
	if name := os.Getenv(writerEnv); name != "" {
		writeForever(name)
	}
	os.Exit(m.Run())
}

// writeForever records a storm at full speed and says on standard output how
// many observations it has flushed, until it is killed.
func writeForever(name string) {
	w, err := Create(name, epoch, boot, testHeader(), nil)
	if err != nil {
		fmt.Println("create:", err)
		os.Exit(1)
	}
	s := newStorm(99)
	s.start()
	for i := range killedAfter {
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
	time.Sleep(time.Hour) // Who kills it is late.
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
	all := newStorm(99).run(killedAfter)
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
