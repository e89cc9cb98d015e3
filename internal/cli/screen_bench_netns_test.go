package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/creack/pty"

	"flapscope/history/session"
	"flapscope/internal/cli"
)

// scrubSpan is how long BenchmarkReplay holds a key, which comes 30 times a second.
const (
	scrubSpan = 10 * time.Second
	scrubRate = 30
)

// BenchmarkReplay shows a day on a screen of 200x60: how much memory it takes when
// all of it was read and each page was looked at, of which so much are pages of the
// program's file, and how much processor time scrubbing takes.
func BenchmarkReplay(b *testing.B) {
	bin, day := stripped(b), filepath.Join(b.TempDir(), "day"+session.Suffix)
	cli.RecordDay(b, day, 1)
	cmd := exec.CommandContext(b.Context(), bin, "replay", day)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8",
		"XDG_CONFIG_HOME="+b.TempDir(), "XDG_STATE_HOME="+b.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 60, Cols: 200})
	if err != nil {
		b.Fatal(err)
	}
	defer stop(cmd, tty)
	var drawn atomic.Int64
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			drawn.Add(int64(n))
		}
	}()
	pid := cmd.Process.Pid
	press := func(key string, wait time.Duration) {
		if _, err := tty.WriteString(key); err != nil {
			b.Fatal(err)
		}
		time.Sleep(wait)
	}
	// All was read when next to nothing is done any more.
	for before := -1.0; cpuSeconds(b, pid)-before > 0.02; time.Sleep(time.Second) {
		before = cpuSeconds(b, pid)
	}
	for page := range 8 {
		press(strconv.Itoa(page+1), 500*time.Millisecond)
	}
	press("1", 500*time.Millisecond)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rss(b, pid), "MB-rss")
	b.ReportMetric(memoryOf(b, pid, "RssFile:"), "MB-of-file")
	before, pictures := cpuSeconds(b, pid), 0
	start := time.Now()
	for i := range int(scrubSpan.Seconds() * scrubRate) {
		was := drawn.Load()
		press("\x1b[D", time.Until(start.Add(time.Duration(i+1)*time.Second/scrubRate)))
		if drawn.Load() > was {
			pictures++
		}
	}
	took := time.Since(start).Seconds()
	b.ReportMetric(100*(cpuSeconds(b, pid)-before)/took, "%cpu-scrubbing")
	b.ReportMetric(float64(pictures)/took, "pictures/s")
	b.ReportMetric(rss(b, pid), "MB-rss-then")
}

// BenchmarkKeyInStorm measures from a key to the frame that answers it while routes
// come and go: 50,000 events a second, where ip(8) is as fast.
func BenchmarkKeyInStorm(b *testing.B) {
	const storms, n, rate = 2, 2500, 50_000
	bin, ns := stripped(b), benchWire(b)
	cmd, tty := screen(b, bin, ns)
	defer stop(cmd, tty)
	if seen, err := until(tty, "SATISFIED"); err != nil {
		b.Fatalf("first frame: %v\n%q", err, seen)
	}
	var events atomic.Int64
	stopped := make(chan struct{})
	for storm := range storms {
		add, del := stormBatch(b, "add", storm, n), stormBatch(b, "del", storm, n)
		go func() {
			batches := []string{add, del}
			each := time.NewTicker(storms * n * time.Second / rate)
			defer each.Stop()
			for i := 0; ; i++ {
				select {
				case <-stopped:
					return
				case <-each.C:
				}
				if ns.Command("ip", "-batch", batches[i%2]).Run() == nil {
					events.Add(n)
				}
			}
		}()
	}
	time.Sleep(2 * time.Second)
	first, start := events.Load(), time.Now()
	took := answerTimes(b, tty, max(b.N, 100))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(events.Load()-first)/time.Since(start).Seconds(), "events/s")
	close(stopped)
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms-key-to-frame")
	b.ReportMetric(took[len(took)*95/100], "ms-p95")
	b.ReportMetric(took[len(took)-1], "ms-max")
}

// stormBatch writes a file for ip -batch with routes that no other storm has.
func stormBatch(b *testing.B, verb string, storm, n int) string {
	b.Helper()
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "route %s %d.%d.%d.1/32 dev eth0\n", verb, 20+storm, i>>8&255, i&255)
	}
	name := filepath.Join(b.TempDir(), verb+strconv.Itoa(storm))
	if err := os.WriteFile(name, []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}
