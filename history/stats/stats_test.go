package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/history/timeline/timelinetest"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

const second = time.Second

// TestOutages: what is settled counts, and what was watched says for how long
// and whether its ends were seen.
func TestOutages(t *testing.T) {
	after := func(start int, parts ...any) []timeline.Segment {
		return timelinetest.Strip(time.Duration(start)*second, parts...)
	}
	tests := []struct {
		name         string
		settled, raw []timeline.Segment
		want         []Outage
	}{
		{"none", after(0, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60), nil},
		{"empty", nil, nil, nil},
		{"plain", after(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second},
		}},
		{"not-settled", after(0, timeline.LevelGood, 121), after(0, timeline.LevelGood, 60, timeline.LevelBad, 1, timeline.LevelGood, 60), nil},
		{"flaps", after(0, timeline.LevelGood, 60, timeline.LevelBad, 4, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelBad, 1, timeline.LevelGood, 2, timeline.LevelWaiting, 1, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 64 * second, Duration: 4 * second},
		}},
		{"other-reason", after(0, timeline.LevelGood, 60, timeline.LevelBad, 2, timeline.LevelWaiting, 2, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelBad, 2, timeline.LevelWaiting, 2, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 64 * second, Duration: 4 * second},
		}},
		{"gap-inside", after(0, timeline.LevelGood, 60, timeline.LevelBad, 110, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGap, 100, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 170 * second, Duration: 10 * second, Gaps: 100 * second},
		}},
		{"lost-in-gap", after(0, timeline.LevelGood, 160, timeline.LevelBad, 5, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelGap, 100, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 160 * second, End: 165 * second, Duration: 5 * second, StartUnknown: true},
		}},
		{"recovered-in-gap", after(0, timeline.LevelGood, 60, timeline.LevelBad, 105, timeline.LevelGood, 60), after(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGap, 100, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 165 * second, Duration: 5 * second, Gaps: 100 * second, EndUnknown: true},
		}},
		{"open-at-end", after(0, timeline.LevelGood, 60, timeline.LevelBad, 5), after(0, timeline.LevelGood, 60, timeline.LevelBad, 5), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second, EndUnknown: true},
		}},
		{"late-start", after(100, timeline.LevelBad, 5, timeline.LevelGood, 1), after(100, timeline.LevelBad, 5, timeline.LevelGood, 1), []Outage{
			{Start: 100 * second, End: 105 * second, Duration: 5 * second, StartUnknown: true},
		}},
		{"idle-is-no-outage", after(0, timeline.LevelGood, 60, timeline.LevelIdle, 100, timeline.LevelGood, 60), after(0, timeline.LevelStandby, 60, timeline.LevelIdle, 100, timeline.LevelStandby, 60), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.want {
				tt.want[i].Reason = "no_carrier"
			}
			if diff := cmp.Diff(tt.want, outages(tt.settled, tt.raw, timeline.Span{From: 0, To: 1 << 60})); diff != "" {
				t.Errorf("outages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummarizeScope(t *testing.T) {
	segments := timelinetest.Strip(0,
		timeline.LevelGood, 3000, timeline.LevelBad, 4, timeline.LevelGood, 1000, timeline.LevelWaiting, 6, timeline.LevelGap, 5000,
		timeline.LevelDegraded, 2990, timeline.LevelBad, 10, timeline.LevelGood, 190)
	segments[6].Label = "no_route"
	// What is settled knows no gap.
	settled := slices.Delete(slices.Clone(segments), 4, 5)
	settled[3].To = segments[4].To
	offline := []timeline.Span{{From: 1000 * second, To: 1718 * second}, {From: 3000 * second, To: 3004 * second}, {From: 5000 * second, To: 6000 * second}}
	got := Summarize([]ScopeTimeline{{Scope: path.ScopeMachine, Segments: segments, Settled: settled, Offline: offline, Probed: true}}, nil, nil)
	s := got.Scopes[0]
	if s.Online == nil || math.Abs(*s.Online-(7180.0-718)/7200) > 1e-12 {
		t.Errorf("online: got %v, want %v: only time with a path counts", s.Online, (7180.0-718)/7200)
	}
	if s.Observed != 7200*second || s.Up != 7180*second || s.Down != 20*second || s.Blind != 5000*second {
		t.Errorf("times: %+v", s)
	}
	if s.Availability == nil || math.Abs(*s.Availability-7180.0/7200) > 1e-12 {
		t.Errorf("availability: got %v, want 7180/7200", s.Availability)
	}
	if s.Losses == nil || s.Losses.N != 3 || s.Losses.PerHour != 1.5 {
		t.Errorf("losses: got %+v, want 3 in 2 h", s.Losses)
	}
	if s.Outages != 3 || s.Failures != 3 || s.MTBF == nil || s.MTBF.Mean != 7180*second/3 {
		t.Errorf("outages %d, failures %d, mtbf %+v", s.Outages, s.Failures, s.MTBF)
	}
	if s.Recovery.N != 2 || s.Recovery.Max != 10*second || s.Recovery.P50 != 4*second {
		t.Errorf("recovery leaves out what a gap cut: got %+v", s.Recovery)
	}
	if len(s.Reasons) != 2 || s.Reasons[0].Reason != "no_carrier" || s.Reasons[0].Outages != 2 || s.Reasons[0].Total != 10*second {
		t.Errorf("reasons: %+v", s.Reasons)
	}
}

func TestSummarizeNothing(t *testing.T) {
	got := Summarize([]ScopeTimeline{{Scope: path.ScopeIPv6}}, nil, nil)
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"scopes":[{"scope":"ipv6","observed_ns":0,"up_ns":0,"down_ns":0,"blind_ns":0,"outages":0,"failures":0,` +
		`"recovery":{"n":0,"p50_ns":0,"p90_ns":0,"max_ns":0,"mean_ns":0},"reasons":[]}],"incidents":{"n":0,"outage":0,"degraded":0,"open":0,"kinds":[]},"episodes":[],"interfaces":[]}`
	if string(b) != want {
		t.Errorf("JSON:\n got %s\nwant %s", b, want)
	}
}

func TestSummarizeEpisodes(t *testing.T) {
	episodes := []fold.Episode{
		{What: "portal", Scope: path.ScopeMachine, Duration: 9 * second, Interfaces: []fact.Untrusted{"wlan0"}},
		{What: "outage", Scope: path.ScopeMachine, Reason: path.ReasonNoCarrier, Duration: 5 * second, RawFlaps: 2, Interfaces: []fact.Untrusted{"wlan0", "eth0"}},
		{What: "outage", Scope: path.ScopeMachine, Reason: path.ReasonNoRoute, Duration: second, RawFlaps: 1, Interfaces: []fact.Untrusted{"eth0"}},
		{What: "outage", Scope: path.ScopeMachine, Reason: path.ReasonNoCarrier, Duration: 30 * second, RawFlaps: 1, Open: true, Interfaces: []fact.Untrusted{"wlan0"}},
	}
	once := func(d time.Duration) Distribution { return Distribution{N: 1, P50: d, P90: d, Max: d, Mean: d} }
	want := Statistics{
		Scopes:    []ScopeStatistics{},
		Incidents: IncidentStatistics{Kinds: []IncidentKind{}},
		Episodes: []EpisodeStatistics{
			{What: "outage", Scope: "machine", Reason: "no_carrier", N: 2, Open: 1, RawFlaps: 3, Total: 35 * second, Recovery: once(5 * second)},
			{What: "portal", Scope: "machine", N: 1, Total: 9 * second, Recovery: once(9 * second)},
			{What: "outage", Scope: "machine", Reason: "no_route", N: 1, RawFlaps: 1, Total: second, Recovery: once(second)},
		},
		Interfaces: []EpisodeStatistics{
			{What: "outage", Interface: "wlan0", N: 2, Open: 1, RawFlaps: 3, Total: 35 * second, Recovery: once(5 * second)},
			{What: "portal", Interface: "wlan0", N: 1, Total: 9 * second, Recovery: once(9 * second)},
			{
				What: "outage", Interface: "eth0", N: 2, RawFlaps: 3, Total: 6 * second,
				Recovery: Distribution{N: 2, P50: second, P90: 5 * second, Max: 5 * second, Mean: 3 * second},
			},
		},
	}
	if diff := cmp.Diff(want, Summarize(nil, episodes, nil)); diff != "" {
		t.Errorf("statistics (-want +got):\n%s", diff)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.01: 1, 0.07: 7, 0.5: 50, 0.9: 90, 0.99: 99, 0.991: 100, 1: 100, 2: 100, -1: 1} {
		if got := Percentile(hundred, q); got != want {
			t.Errorf("percentile %v of 1..100: got %d, want %d", q, got, want)
		}
	}
	if got := Percentile(nil, 0.5); got != 0 {
		t.Errorf("percentile of nothing: got %v", got)
	}
}

// The bounds are those of published tables of Garwood intervals.
func TestPoissonInterval(t *testing.T) {
	tests := []struct {
		n         float64
		low, high float64
	}{{0, 0, 3.6889}, {1, 0.0253, 5.5716}, {3, 0.6187, 8.7673}, {10, 4.7954, 18.3904}, {100, 81.3640, 121.6268}}
	for _, tt := range tests {
		low, high := PoissonInterval(tt.n, confidence)
		if math.Abs(low-tt.low) > 1e-4 || math.Abs(high-tt.high) > 1e-4 {
			t.Errorf("n = %v: got %.4f to %.4f, want %.4f to %.4f", tt.n, low, high, tt.low, tt.high)
		}
	}
	if low, high := PoissonInterval(1_000_000, confidence); low > 998_100 || low < 998_000 || high < 1_001_900 || high > 1_002_000 {
		t.Errorf("n = 1000000: got %.0f to %.0f", low, high)
	}
}

func TestMedianRank(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 10: 2, 20: 6, 50: 18, 100: 40} {
		if got := medianRank(n); got != want {
			t.Errorf("n = %d: got %d, want %d", n, got, want)
		}
	}
}

// The 95 % intervals hold the truth at least 95 times in 100.
func TestIntervalCoverage(t *testing.T) {
	const runs, lambda = 4000, 3.0
	rng := rand.New(rand.NewPCG(1, 3))
	rates, medians := 0, 0
	for range runs {
		n, values := 0, make([]time.Duration, 15)
		for at := rng.ExpFloat64(); at < lambda; at += rng.ExpFloat64() {
			n++
		}
		if r := newRate(n, time.Hour); r.Low <= lambda && lambda <= r.High {
			rates++
		}
		for i := range values {
			values[i] = time.Duration(rng.ExpFloat64() * float64(second))
		}
		median := 693147181 * time.Nanosecond // The median of an exponential variable is ln 2 of its mean.
		if d := NewDistribution(values); d.P50Low <= median && median <= d.P50High {
			medians++
		}
	}
	t.Logf("coverage of %d: rates %.3f, medians %.3f", runs, float64(rates)/runs, float64(medians)/runs)
	if rates < runs*94/100 || medians < runs*94/100 {
		t.Errorf("covered %d rates and %d medians of %d, want 95 %%", rates, medians, runs)
	}
}

func BenchmarkSummarize(b *testing.B) {
	b.ReportAllocs()
	var segments []timeline.Segment
	for i := range 5000 {
		segments = append(segments, timelinetest.Strip(time.Duration(i)*16*second, timeline.LevelGood, 12, timeline.LevelBad, 4)...)
	}
	timelines := []ScopeTimeline{{Scope: path.ScopeMachine, Segments: segments, Settled: segments}}
	for b.Loop() {
		Summarize(timelines, nil, nil)
	}
}

func TestSummarizeUnused(t *testing.T) {
	segments := timelinetest.Strip(0, timeline.LevelIdle, 250, timeline.LevelGap, 10, timeline.LevelStandby, 40, timeline.LevelIdle, 5)
	got := Summarize([]ScopeTimeline{{Scope: path.InterfaceScope("dock0"), Segments: segments}}, nil, nil).Scopes[0]
	if got.Unused != 255*second || got.Blind != 265*second || got.Observed != 40*second {
		t.Errorf("unused %v, blind %v, observed %v; want 255 s of 265 s, and 40 s", got.Unused, got.Blind, got.Observed)
	}
}
