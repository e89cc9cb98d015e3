package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// instant is an instant at an offset from the epoch.
func instant(d time.Duration) fact.Instant {
	return fact.Instant{Time: epoch.Add(d), Mono: boot + d}
}

// said returns the event that says at an instant how an incident is. One that
// goes on has no end.
func said(at time.Duration, id int, phase fold.Phase, from, to time.Duration, text string) fold.Event {
	i := &fold.Incident{
		ID: id, Phase: phase, From: instant(from), Severity: fold.SeverityOutage, Count: 1, Duration: at - from,
		Text: fact.Untrusted(text),
	}
	if to > 0 {
		i.To, i.Duration = instant(to), to-from
	}
	return fold.Event{Time: epoch.Add(at), Mono: boot + at, Incident: i}
}

// lineOf writes an incident for a comparison.
func lineOf(i *fold.Incident) string {
	end := "open"
	if !i.Open() {
		end = (i.To.Mono - boot).String()
	}
	return fmt.Sprintf("%d %v-%s %v %s", i.ID&0xff, i.From.Mono-boot, end, i.Duration, i.Text)
}

func linesOf(all []*fold.Incident) []string {
	out := []string{}
	for _, i := range all {
		out = append(out, lineOf(i))
	}
	return out
}

// troubled returns a timeline in which one incident began at 10 s and ended at
// 30 s, and came back at 50 s, and another goes on since 40 s.
func troubled() *Timeline {
	tl := NewTimeline(DefaultLimits())
	const s = time.Second
	tl.Observed(at(0, &fact.Sync{Source: "kernel"}), nil)
	for _, e := range []fold.Event{
		said(11*s, 1, fold.PhaseOpen, 10*s, 0, "is"),
		said(31*s, 1, fold.PhaseClosed, 10*s, 30*s, "was"),
		said(42*s, 2, fold.PhaseOpen, 40*s, 0, "slow"),
		said(51*s, 1, fold.PhaseOpen, 10*s, 0, "is twice"),
		said(56*s, 1, fold.PhaseClosed, 10*s, 55*s, "was twice"),
	} {
		tl.Event(e, nil)
	}
	tl.Observed(at(60*s, &fact.Mark{}), nil)
	return tl
}

// TestIncidentsAsOf: at an instant of the past an incident is what was known of
// it then.
func TestIncidentsAsOf(t *testing.T) {
	v := troubled().View()
	const s = time.Second
	all := Span{boot, boot + 100*s}
	slow := func(d string) string { return "2 40s-open " + d + " slow" }
	for _, c := range []struct {
		at   time.Duration
		span Span
		want []string
	}{
		{5 * s, all, []string{"1 10s-55s 45s was twice", slow("2s")}},
		{10 * s, all, []string{"1 10s-open 0s is", slow("2s")}},
		{20 * s, all, []string{"1 10s-open 10s is", slow("2s")}},
		{31 * s, all, []string{"1 10s-30s 20s was", slow("2s")}},
		{45 * s, all, []string{"1 10s-30s 20s was", slow("5s")}},
		{53 * s, all, []string{"1 10s-open 43s is twice", slow("13s")}},
		{70 * s, all, []string{"1 10s-55s 45s was twice", slow("30s")}},
		{70 * s, Span{boot + 55*s, boot + 60*s}, []string{slow("30s")}},
		{70 * s, Span{boot + 54*s, boot + 60*s}, []string{"1 10s-55s 45s was twice", slow("30s")}},
		{70 * s, Span{boot, boot + 40*s}, []string{"1 10s-55s 45s was twice"}},
		{70 * s, Span{boot, boot + 10*s}, []string{}},
	} {
		got := linesOf(v.Incidents(c.span, boot+c.at))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("at %v over %v (-want +got)\n%s", c.at, c.span, diff)
		}
	}
}

// TestIncidentsOfState: a state says more of what goes on than the last report.
func TestIncidentsOfState(t *testing.T) {
	tl := troubled()
	i := *said(65*time.Second, 2, fold.PhaseOpen, 40*time.Second, 0, "slow; the gateway works").Incident
	i.Duration -= 10 * time.Second // without a gap
	tl.Snapshot(&fold.Snapshot{Time: epoch.Add(65 * time.Second), Mono: boot + 65*time.Second, Incidents: []*fold.Incident{&i}})
	v := tl.View()
	span := Span{boot + 60*time.Second, boot + 61*time.Second}
	for at, want := range map[time.Duration]string{
		64 * time.Second: "2 40s-open 24s slow",
		70 * time.Second: "2 40s-open 20s slow; the gateway works",
	} {
		if got := linesOf(v.Incidents(span, boot+at)); !slices.Equal(got, []string{want}) {
			t.Errorf("at %v: %q, want %q", at, got, want)
		}
	}
}

// TestIncidentsAreTrimmed: what is too old is dropped, but for what goes on.
func TestIncidentsAreTrimmed(t *testing.T) {
	l := DefaultLimits()
	l.Age, l.Incidents = time.Hour, 100
	tl := NewTimeline(l)
	tl.Event(said(time.Second, 1, fold.PhaseOpen, 0, 0, "for ever"), nil)
	for i := range 2000 {
		from := time.Duration(i+1) * 10 * time.Second
		tl.Event(said(from+time.Second, i+2, fold.PhaseOpen, from, 0, "is"), nil)
		tl.Event(said(from+3*time.Second, i+2, fold.PhaseClosed, from, from+2*time.Second, "was"), nil)
	}
	v := tl.View()
	if n := len(v.incidents.reports); n > 200 {
		t.Errorf("%d reports kept of 100", n)
	}
	all := v.Incidents(v.Bounds(), v.Bounds().To)
	if len(all) == 0 || all[0].ID != 1 || !all[0].Open() {
		t.Errorf("what goes on was dropped: %q", linesOf(all[:1]))
	}
	if last := all[len(all)-1]; last.ID != 2001 {
		t.Errorf("the newest is %d, want 2001", last.ID)
	}
}

// TestIncidentsJoined: recordings of two boots say their incidents on one axis,
// and nothing goes on after the recording that says so.
func TestIncidentsJoined(t *testing.T) {
	const s = time.Second
	a, b := troubled().View(), troubled().View()
	first := Span{boot, boot + 60*s}
	j := Join([]Part{
		{Span: first, Wall: epoch, View: a, Exact: true},
		{Span: Span{first.From + time.Hour, first.To + time.Hour}, Shift: time.Hour, Wall: epoch.Add(time.Hour), View: b, Exact: true},
	}, path.DefaultSettings())
	end := boot + time.Hour + 60*s
	got := j.Incidents(j.Bounds(), end)
	want := []string{
		"1 10s-55s 45s was twice", "2 40s-1m0s 20s slow",
		"1 1h0m10s-1h0m55s 45s was twice", "2 1h0m40s-open 20s slow",
	}
	if diff := cmp.Diff(want, linesOf(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got[0].ID == got[2].ID {
		t.Error("two incidents have one number")
	}
	if at := linesOf(j.Incidents(j.Bounds(), boot+20*s)); at[0] != "1 10s-open 10s is" || len(at) != 4 {
		t.Errorf("in the first recording %q", at)
	}
	if none := j.Incidents(Span{first.To + s, first.To + 2*s}, end); len(none) != 0 {
		t.Errorf("between the recordings %q", linesOf(none))
	}
}

// TestIncidentEvidence: what the machine was like belongs to the incident that
// opened then.
func TestIncidentEvidence(t *testing.T) {
	tl := troubled()
	i := &fold.Incident{ID: 7, Phase: fold.PhaseOpen, From: fact.Instant{Mono: boot + 61*time.Second}}
	want := []string{"link eth0 wired: up"}
	tl.Event(fold.Event{Time: epoch.Add(61 * time.Second), Mono: boot + 61*time.Second, Incident: i, Evidence: want}, nil)
	v := tl.View()
	if got := v.Evidence(i); !slices.Equal(got, want) {
		t.Errorf("evidence %q", got)
	}
	if got := v.Evidence(&fold.Incident{ID: 8}); got != nil {
		t.Errorf("evidence of another incident: %q", got)
	}
	joined := Join([]Part{{Span: Span{0, boot}}, {Span: Span{boot, boot + time.Hour}, View: v, Exact: true}}, path.DefaultSettings())
	if got := joined.Evidence(joined.moveIncident(1, i)); !slices.Equal(got, want) {
		t.Errorf("in the second of two parts: %q", got)
	}
}

// TestIncidentLines: the log says the beginning and the end of a trouble, once
// each.
func TestIncidentLines(t *testing.T) {
	v := troubled().View()
	var got []string
	for _, i := range v.Items(v.Bounds(), 100) {
		got = append(got, string(i.Mark)+" "+i.Text)
	}
	want := []string{"✓ over after 45.0 s: was twice", "▼ is twice", "▼ slow", "✓ over after 20.0 s: was", "▼ is"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is worth knowing and comes and goes is said when it begins, and its end once.
func TestNotesThatComeAndGo(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	const s = time.Second
	tl.Observed(at(0, &fact.Sync{Source: "kernel"}), nil)
	for n := range 5 {
		e := said(time.Duration(10*n+5)*s, 1, fold.PhaseClosed, s, time.Duration(10*n+5)*s, "was")
		e.Incident.Severity, e.Incident.Count = fold.SeverityNote, n+1
		tl.Event(e, nil)
	}
	if got := tl.View().Items(Span{To: 1 << 60}, 100); len(got) != 1 {
		t.Errorf("%d lines: %v", len(got), got)
	}
}
