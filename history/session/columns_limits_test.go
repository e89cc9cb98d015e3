package session

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A counted is a fact of which there are as many series as a test wants.
type counted struct {
	fact.ProbeUsage
	series string
}

// Series implements fact.Sampled.
func (c *counted) Series() string { return c.series }

// TestSeriesRoomIsGivenBack: one series more than a chunk keeps room for is in the
// line like all, and the room of those that have no sample is given back.
func TestSeriesRoomIsGivenBack(t *testing.T) {
	c := &sampleChunk{mono: boot}
	add := func(i int) {
		f := &counted{series: fmt.Sprint("s", i)}
		f.Packets = i
		c.addSeries(&fact.Observation{Mono: boot + time.Second, Op: fact.Put, Fact: f}, f)
	}
	for i := range maxSeries + 1 {
		add(i)
	}
	if n := len(c.series); n != maxSeries+1 {
		t.Fatalf("%d series with a sample each: got room for %d", maxSeries+1, n)
	}
	line := string(c.appendSeries(nil))
	if n := strings.Count(line, `"series":"s`); n != maxSeries+1 {
		t.Errorf("got %d series in the line, want %d", n, maxSeries+1)
	}
	add(maxSeries + 1)
	if n := len(c.series); n != 1 {
		t.Errorf("one more after the line: got room for %d, want 1", n)
	}
	if line := string(c.appendSeries(nil)); strings.Count(line, `"series":"s`) != 1 {
		t.Errorf("the next line: got %s, want one series", line)
	}
}

// TestSeriesColumnsAreBounded: a series of as many columns as one can have is read,
// and of one more it makes the line damaged, however the line is written.
func TestSeriesColumnsAreBounded(t *testing.T) {
	for _, tt := range []struct {
		columns int
		ok      bool
	}{{maxColumns, true}, {maxColumns + 1, false}} {
		var columns []string
		for _, name := range new(fact.ProbeUsage).Columns() {
			columns = append(columns, fmt.Sprintf(`{"name":%q,"values":[7]}`, name))
		}
		for i := len(columns); i < tt.columns; i++ {
			columns = append(columns, fmt.Sprintf(`{"name":"c%d","values":[7]}`, i))
		}
		line := `{"time":"2026-11-20T14:00:00Z","mono_ns":5000000000,"kind":"samples","samples":[{"kind":"usage","series":"",` +
			`"from":0,"every":0,"at":[3],"columns":[` + strings.Join(columns, ",") + `]}]}`
		for form, text := range map[string]string{"as written": line, "with blanks": strings.ReplaceAll(line, `,"`, `, "`)} {
			got, err := parseSamples([]byte(text))
			if (err == nil) != tt.ok || tt.ok && len(got) != 1 {
				t.Errorf("%d columns, %s: got %d observations and %v, want them: %v", tt.columns, form, len(got), err, tt.ok)
			}
		}
	}
}

// TestLongIncidentIsReadFromTheLines: an incident whose newest line is a byte too
// long for a rollup is what that line says, also in the rollups that follow.
func TestLongIncidentIsReadFromTheLines(t *testing.T) {
	const id = 1 << 20
	for _, beyond := range []int{0, 1} {
		name := filepath.Join(t.TempDir(), "a"+Suffix)
		w := newRewriter(create(t, name), path.DefaultSettings(), nil)
		report := func(minutes int, phase fold.Phase, size int) {
			at, mono := epoch.Add(time.Duration(minutes)*time.Minute), boot+time.Duration(minutes)*time.Minute
			e := fold.Event{Time: at, Mono: mono, Incident: &fold.Incident{
				ID: id, Phase: phase, From: fact.Instant{Time: epoch, Mono: boot}, Root: path.Root{What: path.CarrierLost, Leg: path.LegLink},
			}}
			if phase == fold.PhaseClosed {
				e.Incident.To = fact.Instant{Time: at, Mono: mono}
			}
			e.Incident.Text, e.Incident.Episodes = "x", []int{0}
			if n := len(fold.AppendEvent(nil, &e, "")); size > n {
				// Each episode takes two bytes, and a text is cut.
				e.Incident.Text += fact.Untrusted(strings.Repeat("x", (size-n)%2))
				e.Incident.Episodes = make([]int, 1+(size-n)/2)
			}
			w.w.AppendEvent(&e)
		}
		report(1, fold.PhaseOpen, 0)
		report(5, fold.PhaseClosed, maxIncidentLine+beyond)
		storm := newStorm(1).run(3)
		for i, o := range storm {
			// An hour each, and so a rollup each.
			o.Mono = boot + time.Duration(2+2*i)*time.Hour
			o.Time = epoch.Add(o.Mono - boot)
			if err := w.append(o); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.close(epoch.Add(8*time.Hour), boot+8*time.Hour); err != nil {
			t.Fatal(err)
		}
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		sums := r.rollups()
		more := slices.ContainsFunc(sums, func(s readRollup) bool { return s.Rollup.More })
		if len(sums) < 3 || more != (beyond > 0) {
			t.Fatalf("%d beyond: got %d rollups, one of which has more: %v", beyond, len(sums), more)
		}
		list, _ := r.Incidents()
		got := list.Reported()
		i := slices.IndexFunc(got, func(e fold.Event) bool { return e.Incident.ID == id })
		if i < 0 || got[i].Incident.Open() {
			t.Errorf("%d beyond: of %d incidents it is number %d, open: %v, want it closed", beyond, len(got), i, i >= 0 && got[i].Incident.Open())
		}
		r.Close()
	}
}
