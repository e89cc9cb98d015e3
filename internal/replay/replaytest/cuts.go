package replaytest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/history/session"
	"flapscope/monitor/fold"
)

// aFew is how many cuts of a recording are compared.
const aFew = 6

// CompareCuts cuts parts out of a recording, and wants each to say what a screen said
// then, and to list the incidents that the whole lists.
func CompareCuts(t testing.TB, name string, lived []Second) {
	t.Helper()
	store := session.NewStore(t.TempDir())
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(store.Dir, "whole"+session.Suffix), b, 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	_, to := whole.Bounds()
	all := Incidents(t, whole)
	for i, from := range cuts(all, whole) {
		cut := filepath.Join(t.TempDir(), fmt.Sprintf("cut%d%s", i, session.Suffix))
		if _, err := store.SaveSpan(t.Context(), cut, from, to); err != nil {
			t.Fatal(err)
		}
		compareCut(t, cut, from, lived, all)
	}
}

// cuts returns instants before, within and shortly after incidents, and others.
func cuts(all []fold.Incident, r *session.Reader) (at []time.Duration) {
	chance := rand.New(rand.NewPCG(1, 2))
	from, to := r.Bounds()
	between := func(a, b time.Duration) {
		if x := a + time.Duration(chance.Int64N(int64(max(1, b-a)))); from < x && x < to {
			at = append(at, x)
		}
	}
	between(from, to)
	for i := range all {
		began, ended := all[i].From.Mono, all[i].To.Mono
		if all[i].Open() {
			ended = to
		}
		between(began-time.Minute, began)
		between(began, ended)
		between(ended, ended+20*time.Second)
	}
	chance.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
	return at[:min(len(at), aFew)]
}

// compareCut compares a recording that was cut out from an instant on with what was
// lived then, and with all incidents of the whole.
func compareCut(t testing.TB, name string, from time.Duration, lived []Second, all []fold.Incident) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	what := fmt.Sprintf("the cut at %v", from)
	if begin, _ := r.Bounds(); begin != from {
		t.Errorf("%s begins at %v", what, begin)
	}
	if part := since(lived, from); len(part) > 0 {
		compare(t, what, r.Header().Settings, r.All(), part, Second.header)
	}
	earlier := func(i fold.Incident) bool { return !i.Open() && i.To.Mono < from }
	want, got := slices.DeleteFunc(slices.Clone(all), earlier), slices.DeleteFunc(Incidents(t, r), earlier)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(fold.Standby{})); diff != "" {
		t.Errorf("%s: incidents (-whole +cut)\n%s", what, diff)
	}
	list, _ := r.Incidents()
	if listed := list.Reported(); len(listed) != len(want) {
		t.Errorf("%s: %d incidents are listed, want %d", what, len(listed), len(want))
	}
}

// Incidents returns the incidents that a replay of a recording finds, without what is
// counted from its beginning.
func Incidents(t testing.TB, r *session.Reader) (out []fold.Incident) {
	t.Helper()
	var list fold.IncidentList
	d := fold.NewDriver(r.Header().Settings, &list)
	for o, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		d.Observe(o)
	}
	_, to := r.Bounds()
	d.Finish(to)
	list.Snapshot(d.Snapshot())
	for _, e := range list.Reported() {
		i := *e.Incident
		i.ID, i.Episodes = 0, nil
		out = append(out, i)
	}
	return out
}
