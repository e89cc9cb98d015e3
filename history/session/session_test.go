package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(5) {
		obs := newStorm(seed).run(6000)
		got := read(t, write(t, obs))
		if diff := cmp.Diff(encoded(obs), encoded(got)); diff != "" {
			t.Fatalf("seed %d: (-written +read)\n%s", seed, diff)
		}
	}
}

func TestReplayIsExact(t *testing.T) {
	obs := newStorm(42).run(20_000)
	end := obs[len(obs)-1].Mono + time.Minute
	live := foldAll(obs, end)
	replayed := foldAll(read(t, write(t, obs)), end)
	if diff := cmp.Diff(live, replayed); diff != "" {
		t.Fatalf("(-live +replayed)\n%s", diff)
	}
	if len(live) < 100 {
		t.Errorf("only %d events: the storm is too calm to show anything", len(live))
	}
}

// TestUnsequenced records what no sequencer has seen: stamps in nanoseconds,
// out of order. It must come back as it was, if not in columns.
func TestUnsequenced(t *testing.T) {
	s := newStorm(7)
	s.start()
	obs := s.out
	for i := range 2000 {
		d := time.Duration(i) * 13 * time.Millisecond
		o := fact.Observation{Time: epoch.Add(d), Mono: boot + d + time.Duration(s.rng.IntN(5e6)), Op: fact.Put}
		o.Fact = &fact.Mark{}
		if i%3 > 0 {
			o.Fact = &fact.ProbeResult{Target: "t", Outcome: fact.OutcomeOK, Sent: o.Mono - 12345, RTT: 12000}
		}
		obs = append(obs, o)
	}
	if diff := cmp.Diff(encoded(obs), encoded(read(t, write(t, obs)))); diff != "" {
		t.Fatalf("(-written +read)\n%s", diff)
	}
}

func TestRange(t *testing.T) {
	obs := newStorm(3).run(10_000)
	name := write(t, obs)
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	from, to := r.Bounds()
	if from != boot || to != obs[len(obs)-1].Mono || !r.Complete() || len(r.damage) > 0 {
		t.Errorf("bounds %v %v, complete %v, damage %v", from, to, r.Complete(), r.damage)
	}
	rng := newStorm(4).rng
	for range 50 {
		a := from + time.Duration(rng.Int64N(int64(to-from)))
		b := a + time.Duration(rng.Int64N(int64(to-a)))
		var want, got []fact.Observation
		for _, o := range obs {
			if o.Mono >= a && o.Mono < b {
				want = append(want, o)
			}
		}
		for o, err := range r.Range(a, b) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, o)
		}
		if diff := cmp.Diff(encoded(want), encoded(got)); diff != "" {
			t.Fatalf("[%v,%v) (-want +got)\n%s", a, b, diff)
		}
	}
}

func TestStateAt(t *testing.T) {
	obs := newStorm(5).run(10_000)
	r, err := Open(write(t, obs))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := 50; i < len(obs); i += 997 {
		want := state.NewState()
		for _, o := range obs {
			if o.Mono <= obs[i].Mono {
				want.Apply(o)
			}
		}
		got, err := r.StateAt(obs[i].Mono)
		if err != nil {
			t.Fatal(err)
		}
		if d := Difference(got, want); len(d) > 0 {
			t.Fatalf("state at %v differs by %v", obs[i].Mono, encoded(d))
		}
	}
}

func TestDifference(t *testing.T) {
	rng := newStorm(6).rng
	obs := newStorm(6).run(3000)
	for range 30 {
		a, b := state.NewState(), state.NewState()
		// From where the tables are complete on: that can't be taken back.
		n, m := 100+rng.IntN(len(obs)-100), 100+rng.IntN(len(obs)-100)
		for _, o := range obs[:n] {
			a.Apply(o)
		}
		for _, o := range obs[:m] {
			b.Apply(o)
		}
		for _, o := range Difference(a, b) {
			a.Apply(o)
		}
		if diff := cmp.Diff(contents(b), contents(a)); diff != "" {
			t.Fatalf("%d to %d (-want +got)\n%s", n, m, diff)
		}
	}
}

func contents(s *state.State) []string {
	var out []string
	for _, o := range Rows(s) {
		out = append(out, content(o.Fact))
	}
	return out
}

// TestStartLate begins a recording in the middle of a storm.
func TestStartLate(t *testing.T) {
	obs := newStorm(8).run(3000)
	s := state.NewState()
	for _, o := range obs[:1500] {
		s.Apply(o)
	}
	name := t.TempDir() + "/late.flap.gz"
	w, err := Create(name, s.Time, s.Mono, testHeader(), Rows(s))
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, w, obs[1500:])
	if err := w.Close(obs[2999].Time, obs[2999].Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	got := read(t, name)
	rows := Rows(s)
	if diff := cmp.Diff(encoded(slices.Concat(rows, obs[1500:])), encoded(got)); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}

func TestHeader(t *testing.T) {
	name := write(t, newStorm(1).run(10))
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := testHeader()
	want.Schema, want.Incidents = Schema, true
	want.ID = r.Header().ID
	if diff := cmp.Diff(want, r.Header()); diff != "" || len(want.ID) != 32 {
		t.Errorf("id %q (-want +got)\n%s", want.ID, diff)
	}
	if at, mono := r.Start(); !at.Equal(epoch) || mono != boot {
		t.Errorf("start %v %v", at, mono)
	}
}

func TestNewerSchema(t *testing.T) {
	name := t.TempDir() + "/new.flap"
	line, err := headerLine(epoch, boot, &Header{Schema: Schema + 1, Tool: "flapscope", Version: "9.0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(name)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "flapscope 9.0") || !strings.Contains(err.Error(), "upgrade") {
		t.Errorf("error %v", err)
	}
}

func TestNoRecording(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "text": "hello\n", "zeros": string(make([]byte, 5000)),
		"gzip-of-nothing": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"json":            `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"mark","mark":{}}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := t.TempDir() + "/x"
			if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(file); !errors.Is(err, ErrNoRecording) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestUnknownKindsAreSkipped(t *testing.T) {
	obs := newStorm(2).run(100)
	name := t.TempDir() + "/a.flap"
	header, err := headerLine(epoch, boot, &Header{Schema: Schema})
	if err != nil {
		t.Fatal(err)
	}
	lines := append(header, '\n')
	for i := range obs {
		lines = append(lines, `{"time":"2026-11-20T14:00:00Z","mono_ns":5,"kind":"telepathy","telepathy":{}}`+"\n"...)
		lines = append(fact.AppendObservation(lines, &obs[i]), '\n')
	}
	lines = []byte(strings.ReplaceAll(string(lines), `"kind":"mark"`, `"kind":"mark","new_key":[{}]`))
	if err := os.WriteFile(name, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestJournalIsRemoved: what was written of the minute is there when somebody removes the
// journal, or puts another file in its place, and the program dies.
func TestJournalIsRemoved(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		name := filepath.Join(t.TempDir(), "a"+Suffix)
		w, err := Create(name, epoch, boot, testHeader(), nil)
		if err != nil {
			t.Fatal(err)
		}
		obs := newStorm(61).run(50)
		for i := range obs {
			if i == 25 {
				if err := errors.Join(w.Sync(), os.Remove(name+journalSuffix)); err != nil {
					t.Fatal(err)
				}
				if replaced {
					if err := os.WriteFile(name+journalSuffix, []byte("x"), 0o600); err != nil {
						t.Fatal(err)
					}
					if err := w.Sync(); err == nil {
						t.Fatal("no error where another file is in the place of the journal")
					}
					if err := os.Remove(name + journalSuffix); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := w.Append(&obs[i]); err != nil {
				t.Fatal(err)
			}
		}
		w.enc.flush()
		if err := errors.Join(w.Sync(), w.Abandon()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
			t.Errorf("replaced %v (-written +read)\n%s", replaced, diff)
		}
	}
}
