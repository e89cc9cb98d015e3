package session

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/creack/pty"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// days writes recordings of a day each, that go on from each other, to a
// directory, as a program that runs on does. The newest one is still being
// written: half an hour since its last rollup is in no sum.
func days(tb testing.TB, dir string, n int) {
	tb.Helper()
	r := &ring{tb: tb, dir: dir, state: state.NewState()}
	r.rewriter = newRewriter(nil, path.DefaultSettings(), nil)
	for d := range n {
		shift := time.Duration(d) * (24*time.Hour + 10*time.Second)
		r.open(epoch.Add(shift), boot+shift)
		aDay(func(o fact.Observation) { r.take(moved(o, shift), d == n-1) })
		if d < n-1 {
			r.close()
		} else if err := flushSamples(r.w); err != nil {
			tb.Fatal(err)
		}
	}
}

// A ring is the recordings of a process that runs on.
type ring struct {
	*rewriter
	tb    testing.TB
	dir   string
	id    string
	state *state.State
	began time.Duration
	last  fact.Observation
}

func (r *ring) open(t time.Time, mono time.Duration) {
	h := testHeader()
	h.Continues, h.Host.BootID = r.id, "b"
	var rows []fact.Observation
	if r.id != "" {
		r.state.Time, r.state.Mono = t, mono
		rows = Rows(r.state)
	}
	w, err := Create(filepath.Join(r.dir, t.UTC().Format("20060102T150405Z")+Suffix), t, mono, h, rows)
	if err != nil {
		r.tb.Fatal(err)
	}
	r.w, r.id, r.began = w, w.id, mono
}

func (r *ring) close() {
	if err := r.w.AppendRollup(r.last.Time, r.last.Mono, r.timeline.View().Rollup(timeline.Span{From: r.w.rolled, To: r.last.Mono})); err != nil {
		r.tb.Fatal(err)
	}
	if err := r.w.Close(r.last.Time, r.last.Mono, "rotated"); err != nil {
		r.tb.Fatal(err)
	}
}

func (r *ring) take(o fact.Observation, newest bool) {
	r.driver.Advance(o.Mono)
	if err := r.w.Append(&o); err != nil {
		r.tb.Fatal(err)
	}
	r.driver.Observe(o)
	if _, ok := o.Fact.(*fact.ProbeResult); !ok {
		r.state.Apply(o)
	}
	if o.Mono-r.w.rolled >= rollupFor && (!newest || o.Mono-r.began <= 23*time.Hour+45*time.Minute) {
		if err := r.w.AppendRollup(o.Time, o.Mono, r.timeline.View().Rollup(timeline.Span{From: r.w.rolled, To: o.Mono})); err != nil {
			r.tb.Fatal(err)
		}
	}
	r.last = o
}

// moved returns an observation as of later.
func moved(o fact.Observation, by time.Duration) fact.Observation {
	o.Time, o.Mono = o.Time.Add(by), o.Mono+by
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		f.Sent += by
	case *fact.Clock:
		f.Monotonic += by
	}
	return o
}

// BenchmarkWeek measures how long it takes until a week of history is on the
// screen: from exec to the first picture with the path's strip, on a terminal
// that answers no query, and how long until all of it has been read.
func BenchmarkWeek(b *testing.B) {
	dir := b.TempDir()
	days(b, dir, 7)
	bin := filepath.Join(b.TempDir(), "flapscope")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "flapscope")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	b.Run("overview", func(b *testing.B) {
		for b.Loop() {
			c, err := (&Store{Dir: dir}).Open()
			if err != nil {
				b.Fatal(err)
			}
			for _, l := range c.Runs[0].Links {
				l.Overview(timeline.NewTimeline(timeline.SumLimits(l.settings())))
			}
			c.Close()
		}
	})
	b.Run("incidents", func(b *testing.B) {
		var ms []float64
		for range max(b.N, 15) {
			start := time.Now()
			cmd := exec.CommandContext(b.Context(), bin, "incidents", dir)
			cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+b.TempDir())
			out, err := cmd.Output()
			if cmd.ProcessState.ExitCode() != 1 || bytes.Count(out, []byte("\n")) < 100 {
				b.Fatalf("%v\n%s", err, out)
			}
			ms = append(ms, time.Since(start).Seconds()*1e3)
		}
		slices.Sort(ms)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(ms[len(ms)/2], "ms-to-exit")
		b.ReportMetric(ms[0], "ms-fastest")
	})
	b.Run("first-frame", func(b *testing.B) {
		var ms []float64
		for range max(b.N, 15) {
			// How the path is at the playhead is known with the strip: from the overview,
			// or if that was faster from the day itself.
			ms = append(ms, shown(b, bin, dir, "raw:", "SATISFIED"))
		}
		slices.Sort(ms)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(ms[len(ms)/2], "ms-first-frame")
		b.ReportMetric(ms[0], "ms-fastest")
	})
	b.Run("newest-day", func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		// The status is known once the newest day was folded.
		b.ReportMetric(shown(b, bin, dir, "SATISFIED"), "ms-exact")
	})
}

// shown starts a replay on a terminal of 120x40 and returns how many
// milliseconds it takes until one of some texts is shown.
func shown(b *testing.B, bin, dir string, texts ...string) float64 {
	b.Helper()
	start := time.Now()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "replay", dir)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "XDG_CONFIG_HOME="+b.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	var seen bytes.Buffer
	in := bufio.NewReader(tty)
	for !slices.ContainsFunc(texts, func(text string) bool { return bytes.Contains(seen.Bytes(), []byte(text)) }) {
		c, err := in.ReadByte()
		if err != nil {
			b.Fatalf("%v\n%q", err, seen.Bytes())
		}
		seen.WriteByte(c)
	}
	took := time.Since(start)
	go io.Copy(io.Discard, in)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	tty.Close()
	return took.Seconds() * 1e3
}
