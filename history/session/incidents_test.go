package session

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// incidentLines are the events of incidents as lines.
func incidentLines(events []fold.Event) (out []string) {
	for _, e := range events {
		out = append(out, string(fold.AppendEvent(nil, &e, "")))
	}
	return out
}

// TestIncidentsAreKept asks a recording for its incidents while it is being
// written, and compares them with what the fold said last of each.
func TestIncidentsAreKept(t *testing.T) {
	s := newStorm(34)
	s.pace = 3 * time.Second
	obs := s.run(6000)
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w := newRewriter(create(t, name), path.DefaultSettings(), nil)
	want := &fold.IncidentList{}
	w.driver.Listen(want)
	rollups, open := 0, 0
	for i, o := range obs {
		if err := w.append(o); err != nil {
			t.Fatal(err)
		}
		if i%999 != 998 {
			continue
		}
		if err := w.w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := r.Incidents()
		if !ok {
			t.Fatal("a new recording has no incidents")
		}
		if diff := cmp.Diff(incidentLines(want.Reported()), incidentLines(got.Reported())); diff != "" {
			t.Fatalf("(-told +kept)\n%s", diff)
		}
		for _, e := range got.Reported() {
			if e.Incident.Open() {
				open++
			}
		}
		sums := sumsOf(r)
		rollups = max(rollups, len(sums))
		r.Close()
	}
	if n := len(want.Reported()); rollups < 2 || open == 0 || n < 10 {
		t.Errorf("%d rollups, %d times open, %d incidents: this shows nothing", rollups, open, n)
	}
}

// TestMoreIncidentsThanARollupHolds reads those from the lines for which a
// rollup has no room.
func TestMoreIncidentsThanARollupHolds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w := newRewriter(create(t, name), path.DefaultSettings(), nil)
	var want []string
	for i := range 3 * maxIncidents {
		at, mono := epoch.Add(time.Duration(i)*time.Second), boot+time.Duration(i)*time.Second
		e := fold.Event{Time: at, Mono: mono, Incident: &fold.Incident{
			ID: i + 1, Phase: fold.PhaseClosed, From: fact.Instant{Time: at, Mono: mono}, To: fact.Instant{Time: at, Mono: mono},
			Root: path.Root{What: path.CarrierLost, Leg: path.LegLink}, Text: fact.Untrusted(fmt.Sprint(i)),
		}}
		if i%100 == 7 {
			e.Incident.Text = fact.Untrusted(fmt.Sprintf("%d %01000000d", i, 0))
		}
		w.w.AppendEvent(&e)
		want = append(want, string(fold.AppendEvent(nil, &e, "")))
	}
	o := newStorm(1).run(1)[0]
	o.Mono = boot + 2*time.Hour
	if err := w.append(o); err != nil {
		t.Fatal(err)
	}
	if err := w.close(o.Time, o.Mono); err != nil {
		t.Fatal(err)
	}
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := len(r.rollups()); n < 2 || len(r.rollups()[0].Rollup.Incidents) > maxIncidents {
		t.Fatalf("%d rollups", n)
	}
	got, _ := r.Incidents()
	lines := incidentLines(got.Reported())
	// What did not fit comes after what did.
	slices.Sort(want)
	slices.Sort(lines)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Fatalf("(-told +kept) %d", len(diff))
	}
}

// made are the settings that a run was made with.
func made(r *Run) (path.Settings, bool, error) { return r.Settings(), false, nil }

// TestIncidentsOfOlderRecordings folds those again that have no incidents, and
// finds the same.
func TestIncidentsOfOlderRecordings(t *testing.T) {
	s := newStorm(35)
	s.pace = time.Second
	c, err := OpenChain(writeRun(t, s.run(4000), 1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	list := func() (out []string) {
		all, err := c.Incidents(t.Context(), made)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range all {
			out = append(out, incidentLines([]fold.Event{i.Event})...)
		}
		return out
	}
	kept := list()
	c.Runs[0].Links[0].header.Incidents = false
	if diff := cmp.Diff(kept, list()); diff != "" || len(kept) < 3 {
		t.Errorf("%d incidents (-kept +folded)\n%s", len(kept), diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Incidents(ctx, made); err == nil {
		t.Error("it can't be interrupted")
	}
}

// lossOf writes a recording of a minute of one machine that has a carrier
// until, or from, an instant of it.
func lossOf(t *testing.T, start time.Duration, from, to time.Duration) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	h := testHeader()
	h.Host.BootID = "one"
	at := func(d time.Duration) (time.Time, time.Duration) { return epoch.Add(start + d), boot + start + d }
	begin, mono := at(0)
	w, err := Create(name, begin, mono, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newRewriter(w, h.Settings, nil)
	put := func(d time.Duration, up bool) {
		s := newStorm(1)
		s.link.Name, s.link.Type = "eth0", fact.TypeWired
		if !up {
			s.link.Flags, s.link.OperState = s.link.Flags&^fact.FlagLowerUp, fact.OperDown
		}
		link, addr := s.link, s.addr
		s.emit(fact.Put, &link)
		s.emit(fact.Put, &addr)
		s.routes(up)
		s.emit(fact.Put, &fact.Sync{Source: "kernel"})
		for _, o := range s.out {
			o.Op = fact.Put
			o.Time, o.Mono = at(d)
			if err := r.append(o); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(time.Millisecond, from > 0)
	put(from+2*time.Millisecond, false)
	if to < time.Minute {
		put(to, true)
	}
	if err := r.close(at(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestIncidentGoesOnInTheNextRecording: what was open when one program ended
// and is there when the next begins is one incident.
func TestIncidentGoesOnInTheNextRecording(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pause time.Duration
		want  []string
	}{
		{"at-once", 10 * time.Second, []string{"closed 1 50s: eth0 lost its carrier; nothing worked"}},
		{"later", 5 * time.Minute, []string{"open 1 20s: eth0 has no carrier; nothing works", "closed 1 30s: eth0 lost its carrier; nothing worked"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := OpenChain([]string{
				lossOf(t, 0, 40*time.Second, 2*time.Minute),
				lossOf(t, time.Minute+tt.pause, 0, 30*time.Second),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			all, err := c.Incidents(t.Context(), made)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range all {
				if i.Incident.Note() {
					continue
				}
				got = append(got, fmt.Sprintf("%s %d %v: %s", i.Incident.Phase, i.Incident.Count, i.Incident.Duration.Round(time.Second), i.Incident.Text))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
