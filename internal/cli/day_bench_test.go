package cli

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// recordDay writes a day of ten probes a second and of a neighbour that changes
// twice a second; every half an hour the cable is out for a while.
func recordDay(b *testing.B, name string, seed uint64) {
	b.Helper()
	at, mono := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), time.Hour
	w, err := session.Create(name, at, mono, session.Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	observe := func(f fact.Fact) {
		mono += time.Microsecond
		at = at.Add(time.Microsecond)
		o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
		if err := w.Append(&o); err != nil {
			b.Fatal(err)
		}
	}
	for _, f := range wired(true) {
		observe(f)
	}
	for i := range 10 {
		t := fact.Target{ID: fmt.Sprintf("ping:192.0.2.%d", i), Name: fact.Untrusted(fmt.Sprintf("192.0.2.%d", i)), Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4, Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Interval: time.Second}
		if i == 0 {
			t.Name, t.Role, t.Index = "gateway", fact.RoleGateway, 2
		}
		observe(&t)
	}
	for second := range 86_400 {
		up := second%1800 >= 20
		if second%1800 == 0 || second%1800 == 20 {
			for _, f := range wired(up) {
				observe(f)
			}
		}
		for i := range 2 {
			state := fact.NeighbourState(1 << ((second + i) % 3))
			observe(&fact.Neighbour{Index: 2, Dst: netip.AddrFrom4([4]byte{192, 0, 2, byte(second % 50)}), LLAddr: fact.Untrusted(fmt.Sprintf("02:00:00:00:00:%02x", second%50)), State: state})
		}
		for i := range 10 {
			r := &fact.ProbeResult{Target: fmt.Sprintf("ping:192.0.2.%d", i), Outcome: fact.OutcomeOK, Sent: mono - 40*time.Millisecond, RTT: time.Duration(math.Exp(rng.NormFloat64()*0.3) * float64(2+3*i) * 1e6)}
			if !up || rng.IntN(200) == 0 {
				r.Outcome, r.RTT = fact.OutcomeTimeout, 0
			}
			observe(r)
		}
		at, mono = at.Add(time.Second), mono+time.Second
	}
	if err := w.Close(at, mono, "stop"); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDay measures what is made of a day, as a user does: programs beside
// others that read the same file; -benchtime 3x says the least of three.
func BenchmarkDay(b *testing.B) {
	dir := b.TempDir()
	first, second, bin := filepath.Join(dir, "a"+session.Suffix), filepath.Join(dir, "b"+session.Suffix), filepath.Join(dir, "flapscope")
	recordDay(b, first, 1)
	recordDay(b, second, 2)
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "flapscope")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	raw, err := exec.CommandContext(b.Context(), "zcat", first).Output()
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range []string{
		"flapscope report A", "flapscope report A --format html", "flapscope report A --format trace", "flapscope redact A -o NEW", "flapscope diff A B",
		"zcat A | sed s/192/10/g", "zcat A | jq -c .", "zcat A | gzip -6",
	} {
		b.Run(strings.ReplaceAll(line, " ", "_"), func(b *testing.B) {
			var wall, cpu []float64
			for range b.N {
				fresh := filepath.Join(b.TempDir(), "new"+session.Suffix)
				script := strings.NewReplacer("flapscope", bin, "A", first, "B", second, "NEW", fresh).Replace(line)
				start := time.Now()
				cmd := exec.CommandContext(b.Context(), "sh", "-c", "exec "+script)
				cmd.Stdout = io.Discard
				if strings.Contains(line, "|") {
					cmd.Args[2] = script
				}
				if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
					b.Skipf("%s: %v", line, err)
				}
				wall = append(wall, time.Since(start).Seconds())
				cpu = append(cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(slices.Min(wall), "s-wall")
			b.ReportMetric(slices.Min(cpu), "s-cpu")
			b.ReportMetric(float64(len(raw))/1e6/slices.Min(wall), "MB/s-of-lines")
		})
	}
}
