package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
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

func TestOutages(t *testing.T) {
	settle := path.Settings{SettleDown: 2 * second, SettleUp: 3 * second}
	tests := []struct {
		name     string
		segments []timeline.Segment
		want     []Outage
	}{
		{"none", timelinetest.Strip(0, timeline.LevelGood, 60), nil},
		{"empty", nil, nil},
		{"plain", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second, Losses: 1},
		}},
		{"too-short", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 1, timeline.LevelGood, 60), nil},
		{"bridged", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 1, timeline.LevelGood, 2, timeline.LevelWaiting, 1, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 64 * second, Duration: 4 * second, Losses: 2},
		}},
		{"not-bridged", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 2, timeline.LevelGood, 3, timeline.LevelBad, 2, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 62 * second, Duration: 2 * second, Losses: 1},
			{Start: 65 * second, End: 67 * second, Duration: 2 * second, Losses: 1},
		}},
		{"gap-inside", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGap, 100, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 170 * second, Duration: 10 * second, Gaps: 100 * second, Losses: 1},
		}},
		{"gap-alone", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelGap, 100, timeline.LevelGood, 60), nil},
		{"lost-in-gap", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelGap, 100, timeline.LevelBad, 5, timeline.LevelGood, 60), []Outage{
			{Start: 160 * second, End: 165 * second, Duration: 5 * second, StartUnknown: true},
		}},
		{"recovered-in-gap", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGap, 100, timeline.LevelGood, 60), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second, Losses: 1, EndUnknown: true},
		}},
		{"up-into-gap", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 5, timeline.LevelGood, 1, timeline.LevelGap, 100, timeline.LevelBad, 5), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second, Losses: 1},
			{Start: 166 * second, End: 171 * second, Duration: 5 * second, StartUnknown: true, EndUnknown: true},
		}},
		{"open-at-end", timelinetest.Strip(0, timeline.LevelGood, 60, timeline.LevelBad, 5), []Outage{
			{Start: 60 * second, End: 65 * second, Duration: 5 * second, Losses: 1, EndUnknown: true},
		}},
		{"late-start", timelinetest.Strip(100*second, timeline.LevelBad, 5, timeline.LevelGood, 1), []Outage{
			{Start: 100 * second, End: 105 * second, Duration: 5 * second, StartUnknown: true},
		}},
		{"hole", append(timelinetest.Strip(0, timeline.LevelGood, 60), timelinetest.Strip(90*second, timeline.LevelBad, 5, timeline.LevelGood, 9)...), []Outage{
			{Start: 90 * second, End: 95 * second, Duration: 5 * second, StartUnknown: true},
		}},
		{"idle-is-no-outage", timelinetest.Strip(0, timeline.LevelStandby, 60, timeline.LevelIdle, 100, timeline.LevelStandby, 60), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.want {
				tt.want[i].Reason = "no_carrier"
			}
			if diff := cmp.Diff(tt.want, Outages(tt.segments, settle)); diff != "" {
				t.Errorf("outages (-want +got):\n%s", diff)
			}
		})
	}
}

// Without settling, outages are the down time, to the nanosecond; with it,
// they never overlap, and each begins and ends with a down segment.
func TestOutagesConserveTime(t *testing.T) {
	levels := []timeline.Level{timeline.LevelNone, timeline.LevelGood, timeline.LevelGood, timeline.LevelStandby, timeline.LevelGap, timeline.LevelWaiting, timeline.LevelBad, timeline.LevelBad}
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var segments []timeline.Segment
		at, down := time.Duration(0), time.Duration(0)
		starts, ends := map[time.Duration]bool{}, map[time.Duration]bool{}
		for range rng.IntN(60) {
			s := timeline.Segment{Span: timeline.Span{From: at, To: at + time.Duration(1+rng.Int64N(int64(5*second)))}, Level: levels[rng.IntN(len(levels))]}
			if timeline.ConditionOf(s.Level) == timeline.ConditionDown {
				down += s.To - s.From
				starts[s.From], ends[s.To] = true, true
			}
			segments = append(segments, s)
			at = s.To
		}
		sum := time.Duration(0)
		for _, o := range Outages(segments, path.Settings{}) {
			sum += o.Duration
		}
		if sum != down {
			t.Fatalf("seed %d: outages last %v, down time %v", seed, sum, down)
		}
		last := time.Duration(-1)
		for _, o := range Outages(segments, path.DefaultSettings()) {
			if o.Start <= last || !starts[o.Start] || !ends[o.End] || o.Duration+o.Gaps != o.End-o.Start {
				t.Fatalf("seed %d: outage %+v after one that ended at %v", seed, o, last)
			}
			last = o.End
		}
	}
}

func TestSummarizeScope(t *testing.T) {
	segments := timelinetest.Strip(0,
		timeline.LevelGood, 3000, timeline.LevelBad, 4, timeline.LevelGood, 1000, timeline.LevelWaiting, 6, timeline.LevelGap, 5000,
		timeline.LevelDegraded, 2990, timeline.LevelBad, 10, timeline.LevelGood, 190)
	segments[6].Label = "no_route"
	got := Summarize([]ScopeTimeline{{Scope: path.ScopeMachine, Segments: segments}}, nil, path.DefaultSettings())
	s := got.Scopes[0]
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
	got := Summarize([]ScopeTimeline{{Scope: path.ScopeIPv6}}, nil, path.DefaultSettings())
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"scopes":[{"scope":"ipv6","observed_ns":0,"up_ns":0,"down_ns":0,"blind_ns":0,"outages":0,"failures":0,` +
		`"recovery":{"n":0,"p50_ns":0,"p90_ns":0,"max_ns":0,"mean_ns":0},"reasons":[]}],"episodes":[],"interfaces":[]}`
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
		Scopes: []ScopeStatistics{},
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
	if diff := cmp.Diff(want, Summarize(nil, episodes, path.DefaultSettings())); diff != "" {
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
		n         int
		low, high float64
	}{{0, 0, 3.6889}, {1, 0.0253, 5.5716}, {3, 0.6187, 8.7673}, {10, 4.7954, 18.3904}, {100, 81.3640, 121.6268}}
	for _, tt := range tests {
		low, high := poissonInterval(tt.n)
		if math.Abs(low-tt.low) > 1e-4 || math.Abs(high-tt.high) > 1e-4 {
			t.Errorf("n = %d: got %.4f to %.4f, want %.4f to %.4f", tt.n, low, high, tt.low, tt.high)
		}
	}
	if low, high := poissonInterval(1_000_000); low > 998_100 || low < 998_000 || high < 1_001_900 || high > 1_002_000 {
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
	timelines := []ScopeTimeline{{Scope: path.ScopeMachine, Segments: segments}}
	for b.Loop() {
		Summarize(timelines, nil, path.DefaultSettings())
	}
}

func TestSummarizeUnused(t *testing.T) {
	segments := timelinetest.Strip(0, timeline.LevelIdle, 250, timeline.LevelGap, 10, timeline.LevelStandby, 40, timeline.LevelIdle, 5)
	got := Summarize([]ScopeTimeline{{Scope: path.InterfaceScope("dock0"), Segments: segments}}, nil, path.DefaultSettings()).Scopes[0]
	if got.Unused != 255*second || got.Blind != 265*second || got.Observed != 40*second {
		t.Errorf("unused %v, blind %v, observed %v; want 255 s of 265 s, and 40 s", got.Unused, got.Blind, got.Observed)
	}
}
