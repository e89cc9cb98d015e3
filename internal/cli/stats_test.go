package cli

import (
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
		Episodes: []stats.EpisodeStatistics{
			{What: "degraded", Scope: path.ScopeMachine, N: 5, Total: 33 * time.Second},
			{What: "outage", Scope: path.ScopeMachine, Reason: "no_route", N: 1, Total: 2 * time.Second},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"SCOPE            AVAILABLE  OBSERVED  UNUSED  BLIND  ",
		"interface:dock0  -          0 ms      4 min   9.0 s  ",
		"5 × degraded machine, 33.0 s in total\n",
		"1 × outage machine no_route, 2.0 s in total\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant in it\n%s", b.String(), want)
		}
	}
}
