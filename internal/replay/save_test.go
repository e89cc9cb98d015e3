package replay

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/session"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestCutInTrouble: what is cut out of a recording in the middle of a trouble
// names and dates it as the whole recording does.
func TestCutInTrouble(t *testing.T) {
	store := session.NewStore(t.TempDir())
	const boot = 100 * time.Hour
	begin := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	w, err := store.Create(begin, boot, session.Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := fold.NewDriver(path.DefaultSettings(), found{w})
	var sequencer fact.Sequencer
	observe := func(since time.Duration, f fact.Fact) {
		o := sequencer.Next(fact.Observation{Time: begin.Add(since), Mono: boot + since, Op: fact.Put, Fact: f})
		d.Advance(o.Mono)
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
		d.Observe(o)
	}
	gateway := fact.Target{
		ID: "ping:192.0.2.1", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4,
		Addr: netip.MustParseAddr("192.0.2.1"), Index: 2, Interval: time.Second,
	}
	internet := fact.Target{
		ID: "ping:198.51.100.1", Name: "198.51.100.1", Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4,
		Addr: netip.MustParseAddr("198.51.100.1"), Interval: time.Second,
	}
	for _, f := range append(replaytest.Wired(true), &gateway, &internet) {
		observe(0, f)
	}
	// The gateway dies after a quarter of an hour, for good.
	const dies, seconds = 900, 3600
	for i := range seconds {
		sent := time.Duration(i+1) * time.Second
		for j, target := range []string{gateway.ID, internet.ID} {
			r := &fact.ProbeResult{Target: target, Outcome: fact.OutcomeOK, Sent: boot + sent, RTT: 2 * time.Millisecond}
			if i >= dies {
				r.Outcome, r.RTT = fact.OutcomeTimeout, 0
			}
			observe(sent+time.Duration(700+j)*time.Millisecond, r)
		}
	}
	if err := w.Close(begin.Add((seconds+2)*time.Second), boot+(seconds+2)*time.Second, "stop"); err != nil {
		t.Fatal(err)
	}
	want := troubleAtEnd(t, w.Name())
	for _, last := range []time.Duration{15 * time.Second, 40 * time.Minute, 50 * time.Minute} {
		name := filepath.Join(t.TempDir(), "cut"+session.Suffix)
		if _, err := store.Save(t.Context(), name, last); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, troubleAtEnd(t, name)); diff != "" {
			t.Errorf("the last %v (-whole +cut)\n%s", last, diff)
		}
	}
}

// troubleAtEnd says what is wrong at the end of a recording, and since when.
func troubleAtEnd(t *testing.T, name string) []string {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d := fold.NewDriver(r.Header().Settings)
	if err := Fold(context.Background(), r, d, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	s := d.Snapshot()
	out := []string{s.Health.Text.Display()}
	for _, i := range s.Incidents {
		if i.Note() {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s %s %s", i.Severity, i.Root.What, i.From.Mono.Round(time.Second), i.Text.Display()))
	}
	return out
}
