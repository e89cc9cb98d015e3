package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRepairKeepsLines repairs what a power loss can leave of a recording: a
// journal whose file is empty, gone, or full of something else. Every line of
// the journal is there afterwards, and so is the something else.
func TestRepairKeepsLines(t *testing.T) {
	for name, damage := range map[string]func(name string) error{
		"empty":   func(name string) error { return os.Truncate(name, 0) },
		"gone":    os.Remove,
		"zeros":   func(name string) error { return os.WriteFile(name, make([]byte, 4096), 0o600) },
		"garbage": func(name string) error { return os.WriteFile(name, []byte(strings.Repeat("precious", 100)), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			store := NewStore(t.TempDir())
			obs := newStorm(11).run(20)
			w, err := store.Create(epoch, boot, testHeader(), nil)
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, w, obs)
			if err := errors.Join(flushSamples(w), w.Sync(), w.Abandon(), damage(w.Name())); err != nil {
				t.Fatal(err)
			}
			damaged, err := os.ReadFile(w.Name())
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if err := store.Tidy(epoch); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(encoded(obs), encoded(read(t, w.Name()))); diff != "" {
				t.Errorf("(-synced +left)\n%s", diff)
			}
			if list, err := store.List(); err != nil || len(list) != 1 || list[0].Err != nil || list[0].Header.ID == "" {
				t.Errorf("list %+v, %v", list, err)
			}
			if len(damaged) == 0 {
				return
			}
			if aside, err := os.ReadFile(w.Name() + ".damaged-0"); err != nil || string(aside) != string(damaged) {
				t.Errorf("what was in the way is lost: %v", err)
			}
		})
	}
}

// TestRepairEmpty removes what holds no line.
func TestRepairEmpty(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	for _, n := range []string{name, name + journalSuffix} {
		if err := os.WriteFile(n, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Repair(name); err != nil {
		t.Fatal(err)
	}
	if exists(name) || exists(name+journalSuffix) {
		t.Error("empty files are left")
	}
}

// TestJournalAlone reads a journal whose file is empty, before any repair.
func TestJournalAlone(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	obs := newStorm(11).run(20)
	w := create(t, name)
	writeAll(t, w, obs)
	if err := errors.Join(flushSamples(w), w.Abandon(), os.Truncate(name, 0)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded(obs), encoded(read(t, name))); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
}
