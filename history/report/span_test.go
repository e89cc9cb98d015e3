package report

import (
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestIncidentsOfASpan: of an incident that began before the report, only what
// lies within it was lost; one that was over before is not in it.
func TestIncidentsOfASpan(t *testing.T) {
	at := func(s int) fact.Instant {
		return fact.Instant{Time: time.Unix(int64(s), 0).UTC(), Mono: time.Duration(s) * time.Second}
	}
	incident := func(id, from, to int) *fold.Incident {
		i := &fold.Incident{ID: id, From: at(from), Severity: fold.SeverityOutage, Root: path.Root{What: path.CarrierLost, Leg: path.LegLink}, Count: 1}
		i.Down = time.Duration(to-from) * time.Second
		if to < 300 {
			i.To = at(to)
		}
		return i
	}
	r := &Report{span: timeline.Span{From: 100 * time.Second, To: 200 * time.Second}}
	view := timeline.NewTimeline(timeline.DefaultLimits()).View()
	if view == nil {
		view = &timeline.View{}
	}
	r.incidents(&Input{View: view, Incidents: []*fold.Incident{incident(1, 10, 50), incident(2, 50, 130), incident(3, 150, 160), incident(4, 190, 300), incident(5, 250, 260)}})
	want := map[int]time.Duration{2: 30 * time.Second, 3: 10 * time.Second, 4: 10 * time.Second}
	if len(r.Incidents) != len(want) {
		t.Errorf("%d incidents, want %d", len(r.Incidents), len(want))
	}
	for _, i := range r.Incidents {
		if i.Lost != want[i.Number] || i.Open != (i.Number == 4) {
			t.Errorf("incident %d lost %v, open %v, want %v", i.Number, i.Lost, i.Open, want[i.Number])
		}
	}
	if r.Incidents[0].Number != 2 {
		t.Errorf("the first is %d, want the worst", r.Incidents[0].Number)
	}
}

// TestWhen: a time of another day is told with it.
func TestWhen(t *testing.T) {
	day := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	one, two := &Report{From: day, To: day.Add(time.Hour)}, &Report{From: day, To: day.Add(24 * time.Hour)}
	for _, tt := range []struct {
		r    *Report
		at   time.Time
		want string
	}{{one, day, "14:00:00"}, {one, day.Add(-24 * time.Hour), "11-19 14:00:00"}, {two, day, "11-20 14:00:00"}} {
		if got := tt.r.when(tt.at); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.at, got, tt.want)
		}
	}
}
