package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/internal/netlab"
	"flapscope/internal/replay"
	"flapscope/internal/watch"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/kernel"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// stormy changes everything about a wire for a while, at random.
func stormy(t *testing.T, left, right *netlab.Namespace, span time.Duration) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	ops := []func(){
		func() { left.Try("link set eth0 down") },
		func() { left.Try("link set eth0 up") },
		func() { right.Try("link set up0 down") },
		func() { right.Try("link set up0 up") },
		func() { left.Try("addr add 192.0.2.7/24 dev eth0") },
		func() { left.Try("addr del 192.0.2.7/24 dev eth0") },
		func() { left.Try("route add default via 192.0.2.1") },
		func() { left.Try("route replace default via 192.0.2.2") },
		func() { left.Try("route del default") },
		func() { left.Try("-6 addr add 2001:db8::7/64 dev eth0 nodad") },
		func() { left.Try("rule add priority 100 prohibit") },
		func() { left.Try("rule del priority 100") },
		func() { left.Try("link set eth0 mtu 1400") },
	}
	for end := time.Now().Add(span); time.Now().Before(end); {
		ops[r.IntN(len(ops))]()
	}
}

func TestReplayEqualsLive(t *testing.T) {
	left, right := netlab.New(t), netlab.New(t)
	left.IP(t, "link add eth0 type veth peer name up0 netns "+right.Name)
	name := filepath.Join(t.TempDir(), "storm.flap.gz")
	app := &App{Version: "test", Env: func(string) string { return "" }, Err: os.Stderr}
	set := config.Default()

	var lived bytes.Buffer
	printer := newEventPrinter(&lived, eventsOptions{json: true, all: true}, paint{})
	m := live.New(set.Fold(), live.Boottime)
	m.Listen(printer)
	k := app.fileRecorder(m, set, name, "storm", watch.Rollups(m, set.Fold()))
	ctx, cancel := context.WithCancel(t.Context())
	written, ran := make(chan error, 1), make(chan error, 1)
	recording, endRecording := context.WithCancel(t.Context())
	go func() { written <- k.Run(recording) }()
	go func() {
		ran <- left.Do(func() error { return m.Run(ctx, inPlace{kernel.New(kernel.Options{}), left}) })
	}()
	go probe(ctx, m)
	stormy(t, left, right, 5*time.Second)
	m.Mark(0, "the storm is over")
	time.Sleep(2500 * time.Millisecond) // what is pending settles by time alone
	cancel()
	if err := <-ran; err != nil {
		t.Fatalf("sources: %v", err)
	}
	endRecording()
	if err := <-written; err != nil {
		t.Fatalf("recorder: %v", err)
	}
	if err := printer.lines.close(); err != nil {
		t.Fatal(err)
	}

	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var replayed bytes.Buffer
	again := newEventPrinter(&replayed, eventsOptions{json: true, all: true}, paint{})
	_, end := r.Bounds()
	var ended endedEpisodes
	d := fold.NewDriver(r.Header().Settings, again, &ended)
	if err := replay.Fold(t.Context(), r, d, end); err != nil {
		t.Fatal(err)
	}
	if err := again.lines.close(); err != nil {
		t.Fatal(err)
	}
	if u := d.Snapshot().Quality.Unexplained; u != 0 {
		t.Errorf("transitions without a cause in their support: got %d, want 0", u)
	}
	compareLines(t, lived.Bytes(), replayed.Bytes())
	checkRollup(t, name, r, len(ended))

	app.Command() // registers the flags that say "what if"
	stats, err := app.stats(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if s := stats.Scopes[0]; s.Scope != path.ScopeMachine || s.Losses == nil || s.Losses.N == 0 || s.Observed < 5*time.Second {
		t.Errorf("statistics of the storm: got %+v, want losses of the machine's path in more than 5 s", s)
	}
}

// checkRollup wants a recording without a screen to have been summed up too.
func checkRollup(t *testing.T, name string, r *session.Reader, ended int) {
	t.Helper()
	sums := rollupsIn(t, name)
	if len(sums) != 1 {
		t.Fatalf("%d rollups, want the one of the end", len(sums))
	}
	machine := slices.IndexFunc(sums[0].Scopes, func(s timeline.ScopeRollup) bool { return s.Scope == path.ScopeMachine })
	if machine < 0 || len(sums[0].Scopes[machine].Changes) < 3 || len(sums[0].Targets) == 0 {
		t.Errorf("rollup of a storm: %+v", sums[0])
	}
	if closed, _ := r.Episodes(); len(closed) != ended {
		t.Errorf("%d episodes in the rollup, want %d", len(closed), ended)
	}
}

// rollupsIn returns the rollups of a recording as any JSON tool finds them.
func rollupsIn(t *testing.T, name string) (sums []timeline.Rollup) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(z); ; {
		var line struct{ Rollup *timeline.Rollup }
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return sums
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Rollup != nil {
			sums = append(sums, *line.Rollup)
		}
	}
}

// inPlace runs a source on a thread inside a namespace.
type inPlace struct {
	state.Source
	ns *netlab.Namespace
}

func (p inPlace) Run(ctx context.Context, h state.Host) error {
	return p.ns.Do(func() error { return p.Source.Run(ctx, h) })
}

// probe makes results come in between, as probes do.
func probe(ctx context.Context, m *live.Monitor) {
	m.Observe(fact.Put, &fact.Target{ID: "ping:192.0.2.1", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4, Interval: 10 * time.Millisecond})
	for i := 0; ctx.Err() == nil; i++ {
		_, now := live.Boottime()
		res := &fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: now, RTT: time.Duration(i%977) * 1001}
		if i%5 == 0 {
			res = &fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeTimeout, Sent: now}
		}
		m.Observe(fact.Put, res)
		time.Sleep(7 * time.Millisecond)
	}
}

// compareLines fails with the first line that differs.
func compareLines(t *testing.T, lived, replayed []byte) {
	t.Helper()
	a, b := bytes.Split(lived, []byte("\n")), bytes.Split(replayed, []byte("\n"))
	if len(a) < 500 {
		t.Fatalf("only %d lines live: the storm was none", len(a))
	}
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			t.Fatalf("line %d of %d differs:\nlive   %s\nreplay %s", i, len(a), a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Errorf("lines: live %d, replayed %d; the first beyond:\n%s", len(a), len(b), append(a, b...)[min(len(a), len(b))])
	}
}
