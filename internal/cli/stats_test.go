package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/history/stats"
	"flapscope/monitor/path"
)

func TestPrintStats(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var b strings.Builder
	err := printStats(&b, &statsDocument{From: at, To: at.Add(time.Hour), Statistics: stats.Statistics{
		Scopes: []stats.ScopeStatistics{{Scope: "interface:dock0", Blind: 4*time.Minute + 9*time.Second, Unused: 4 * time.Minute}},
		Incidents: stats.IncidentStatistics{N: 3, Outage: 2, Degraded: 1, Open: 1, Kinds: []stats.IncidentKind{
			{What: path.CarrierLost, Leg: path.LegLink, N: 2, Times: 8, Open: 1, Total: 33 * time.Second, Longest: 30 * time.Second},
			{What: path.Loss, Leg: path.LegGateway, N: 1, Times: 1, Total: 2 * time.Second, Longest: 2 * time.Second},
		}},
	}, Targets: []stats.TargetStatistics{
		{Target: "ping:192.0.2.1", Loss: stats.NewProportion(1, 60), Bursts: 1, Burst: 1, Independent: 1.0169, P50: 20 * time.Millisecond, P95: 31 * time.Millisecond},
		{Target: "dns:192.0.2.53", Loss: stats.NewProportion(0, 300)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"SCOPE            AVAILABLE  ONLINE  OBSERVED  UNUSED  BLIND  ",
		"interface:dock0  -          -       0 ms      4 min   9.0 s  ",
		"3 incidents: 2 of severity outage, 1 degraded; 1 not over\n",
		"  2 × carrier lost, 8 times, 33.0 s in total, 30.0 s at most\n",
		"  1 × loss at the gateway, 2.0 s in total, 2.0 s at most\n",
		"TARGET          PROBES  LOST     LIKELY        IN A ROW  BY CHANCE  p50    p95    p99  JITTER\n",
		"ping:192.0.2.1  60      1 of 60  0.3 to 8.9 %  1.0       1.0        20 ms  31 ms  -    -\n",
		"dns:192.0.2.53  300     0 %      0.0 to 1.3 %  -         -          -      -      -    -\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant in it\n%s", b.String(), want)
		}
	}
}

// TestPrintTargets: what came late or once more has a column where there was any.
func TestPrintTargets(t *testing.T) {
	late, again := stats.TargetStatistics{Target: "ping:a", Loss: stats.NewProportion(0, 300)}, stats.TargetStatistics{Target: "ping:b", Loss: stats.NewProportion(0, 300)}
	late.Late, again.Duplicates = 3, 7
	for _, tt := range []struct {
		targets []stats.TargetStatistics
		want    []string
	}{
		{[]stats.TargetStatistics{late}, []string{"JITTER LATE", "- 3"}},
		{[]stats.TargetStatistics{again}, []string{"JITTER DUPLICATES", "- 7"}},
		{[]stats.TargetStatistics{late, again}, []string{"JITTER LATE DUPLICATES", "- 3 0", "- 0 7"}},
	} {
		var b strings.Builder
		if err := printTargets(&b, tt.targets); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		for i, want := range tt.want {
			if got := strings.Join(strings.Fields(lines[i]), " "); !strings.HasSuffix(got, " "+want) {
				t.Errorf("%q, want at its end %q", got, want)
			}
		}
	}
}

// TestStatsToTheEnd: what goes on when a recording ends is counted, until then.
func TestStatsToTheEnd(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	name := hourOf(t, t.TempDir(), "a", at, [2]int{600, 610}, [2]int{1800, 3600})
	out, bad, code := runMain(t, nil, "history", "stats", "--json", name)
	var d statsDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v, %s", code, err, bad)
	}
	m := d.Scopes[0]
	if got := m.Observed.Round(time.Second); got != time.Hour {
		t.Errorf("observed %v, want all of the hour", got)
	}
	if got := m.Down.Round(time.Second); got != 30*time.Minute+10*time.Second {
		t.Errorf("down %v, want 30m10s", got)
	}
	if m.Outages != 2 || d.Incidents.N != 2 || d.Incidents.Open != 1 || d.Episodes[0].N != 2 || d.Episodes[0].Open != 1 {
		t.Errorf("%d outages, incidents %+v, episodes %+v; want two of each, one open", m.Outages, d.Incidents, d.Episodes)
	}
	if got := d.Episodes[0].Total.Round(time.Second); got != 30*time.Minute+10*time.Second {
		t.Errorf("episodes of %v, want 30m10s", got)
	}
	if m.Online != nil {
		t.Errorf("online %v though nothing was probed", *m.Online)
	}
}

// A loss that has several reasons in turn, no carrier and then no address yet, is one
// in a report too, and takes until there is a path again.
func TestReportCountsRecoveriesAsStatsDo(t *testing.T) {
	t.Parallel()
	recording, err := filepath.Abs(filepath.Join(filepath.Dir(sampleFile), "sample-wifi.flap.gz"))
	if err != nil {
		t.Fatal(err)
	}
	type recovery struct {
		N   int           `json:"n"`
		P50 time.Duration `json:"p50_ns"`
	}
	var report struct {
		Losses    struct{ N int }
		Satisfied struct{ N int } `json:"path_satisfied"`
		Recovery  recovery
	}
	var counted struct{ Scopes []struct{ Recovery recovery } }
	for into, args := range map[any][]string{&report: {"report", recording, "--format", "json", "--redact", "none"}, &counted: {"history", "stats", "--json", recording}} {
		code, out, errs := runIn(t, t.TempDir(), args...)
		if err := json.Unmarshal([]byte(out), into); code != 0 || err != nil {
			t.Fatalf("%q: exit code %d, %v: %s", args, code, err, errs)
		}
	}
	if want := counted.Scopes[0].Recovery; report.Recovery != want || report.Losses.N != want.N || report.Satisfied.N != want.N || want.N < 10 {
		t.Errorf("a report has %+v, history stats %+v", report, want)
	}
}
