package session

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

func TestVerify(t *testing.T) {
	type answer struct {
		whole, complete, open, journal bool
		flaws, missing                 int
	}
	flip := func(at func(r *Reader) int64) func(t *testing.T, name string) {
		return func(t *testing.T, name string) {
			r, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b[at(r)] ^= 1
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name    string
		abandon bool
		damage  func(t *testing.T, name string)
		want    answer
	}{
		{"whole", false, nil, answer{whole: true, complete: true}},
		{"crashed", true, nil, answer{journal: true}},
		{"without-journal", true, func(t *testing.T, name string) {
			if err := os.Remove(name + journalSuffix); err != nil {
				t.Fatal(err)
			}
		}, answer{}},
		{"flipped", false, flip(func(r *Reader) int64 { return r.members[2].offset + int64(r.members[2].size)/2 }), answer{complete: true, flaws: 1, missing: 1}},
		{"header-flipped", false, flip(func(*Reader) int64 { return headLen + 20 }), answer{complete: true, flaws: 2}},
		{"minute-missing", false, func(t *testing.T, name string) {
			r, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m := r.members[2]
			if err := os.WriteFile(name, append(bytes.Clone(b[:m.offset]), b[m.offset+int64(m.size):]...), 0o600); err != nil {
				t.Fatal(err)
			}
		}, answer{complete: true, missing: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, _ := small(t, test.abandon)
			if test.damage != nil {
				test.damage(t, name)
			}
			v, err := Verify(name)
			if err != nil {
				t.Fatal(err)
			}
			got := answer{v.Whole, v.Complete, v.Open, v.Journal, len(v.Flaws), len(v.Missing)}
			if got != test.want {
				t.Errorf("got %+v, want %+v; flaws %v, missing %v", got, test.want, v.Flaws, v.Missing)
			}
			if v.Size == 0 || v.Lines < v.Size/2 || v.Members < 3 || !v.End.After(v.Start) {
				t.Errorf("%+v", v)
			}
		})
	}
}

// TestVerifyOpen verifies a recording while it is written.
func TestVerifyOpen(t *testing.T) {
	store := NewStore(t.TempDir())
	w, err := store.Create(epoch, boot, testHeader(), nil)
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, w, newStorm(11).run(200))
	v, err := Verify(w.Name())
	if err != nil || !v.Whole || !v.Open || v.Complete {
		t.Errorf("%+v, %v", v, err)
	}
	if err := w.Abandon(); err != nil {
		t.Fatal(err)
	}
	if v, err = Verify(w.Name()); err != nil || v.Whole || v.Open {
		t.Errorf("after its death: %+v, %v", v, err)
	}
	if _, err := Verify(w.Name() + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
