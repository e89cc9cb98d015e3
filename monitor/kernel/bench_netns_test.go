//go:build linux

package kernel

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

// A process is one that a benchmark weighs.
type process struct {
	b   *testing.B
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startChild runs this binary as a bare source inside the namespace.
func startChild(b *testing.B, ns *netlab.Namespace, limit int) *process {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	p := &process{b: b, cmd: ns.Command(self)}
	p.cmd.Env = append(os.Environ(), childVariable+"="+strconv.Itoa(limit))
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	p.start()
	p.await("synced", func(_, _ int, synced bool) bool { return synced })
	return p
}

func (p *process) start() {
	p.b.Helper()
	if err := p.cmd.Start(); err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(func() {
		_ = p.cmd.Process.Signal(os.Interrupt)
		_ = p.cmd.Wait()
	})
}

// ask returns the child's number of routes and of gaps.
func (p *process) ask() (routes, gaps int, synced bool) {
	fmt.Fprintln(p.in)
	if p.out.Scan() {
		_, _ = fmt.Sscan(p.out.Text(), &routes, &gaps, &synced)
	}
	return routes, gaps, synced
}

func (p *process) await(what string, ok func(routes, gaps int, synced bool) bool) {
	p.b.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok(p.ask()) {
			return
		}
	}
	r, g, s := p.ask()
	p.b.Fatalf("not %s: %d routes, %d gaps, synced %v", what, r, g, s)
}

// cpu returns the user and system time of the process so far.
func (p *process) cpu() time.Duration {
	f := strings.Fields(afterName(p.file("stat")))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * time.Second / userHZ
}

// afterName returns what follows the name in /proc/PID/stat.
func afterName(s string) string { return s[strings.LastIndexByte(s, ')')+2:] }

// rss returns the resident memory of the process and its peak in MB.
func (p *process) rss() (now, peak float64) {
	for line := range strings.Lines(p.file("status")) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			now = kb / 1024
		case "VmHWM:":
			peak = kb / 1024
		}
	}
	return now, peak
}

func (p *process) file(name string) string {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), name))
	if err != nil {
		p.b.Fatal(err)
	}
	return string(b)
}

// routeBatch writes a file for ip -batch that adds or deletes n routes.
func routeBatch(b *testing.B, verb string, n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "route %s %d.%d.%d.%d/32 via 10.0.0.1\n", verb, 20+i>>24, i>>16&255, i>>8&255, i&255)
	}
	name := filepath.Join(b.TempDir(), verb)
	if err := os.WriteFile(name, []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}

func benchNamespace(b *testing.B) *netlab.Namespace {
	ns := netlab.New(b)
	// IPv6 would add routes of its own meanwhile.
	ns.Sysctl(b, "ipv6/conf/default/disable_ipv6", "1")
	ns.IP(b, "link add v0 type veth peer name p0")
	ns.IP(b, "link set p0 up")
	ns.IP(b, "link set v0 up")
	ns.IP(b, "addr add 10.0.0.7/24 dev v0")
	return ns
}

// BenchmarkRoutes adds and deletes 100,000 routes and weighs a bare source
// against "ip monitor route" on the same storm.
func BenchmarkRoutes(b *testing.B) {
	const n = 100_000
	ns := benchNamespace(b)
	add, del := routeBatch(b, "add", n), routeBatch(b, "del", n)
	ours := startChild(b, ns, 10*n)
	before, _, _ := ours.ask()
	theirs := &process{b: b, cmd: exec.Command("ip", "-n", ns.Name, "-rcvbuf", "67108864", "monitor", "route")}
	out, err := os.Create(filepath.Join(b.TempDir(), "monitor"))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	theirs.cmd.Stdout = out
	theirs.start()
	time.Sleep(200 * time.Millisecond)
	for b.Loop() {
		start, theirStart := ours.cpu(), theirs.cpu()
		ns.IP(b, "-batch "+add)
		ours.await("mirrored", func(r, _ int, _ bool) bool { return r == before+n })
		now, peak := ours.rss()
		ns.IP(b, "-batch "+del)
		ours.await("empty", func(r, _ int, _ bool) bool { return r == before })
		time.Sleep(300 * time.Millisecond)
		cpu, theirCPU := ours.cpu()-start, theirs.cpu()-theirStart
		_, gaps, _ := ours.ask()
		b.ReportMetric(cpu.Seconds(), "cpu-s")
		b.ReportMetric(theirCPU.Seconds(), "ip-monitor-cpu-s")
		b.ReportMetric(cpu.Seconds()/theirCPU.Seconds(), "cpu-ratio")
		b.ReportMetric(now, "rss-MB")
		b.ReportMetric(peak, "peak-MB")
		b.ReportMetric(float64(gaps), "gaps")
	}
}

// BenchmarkRouterMode weighs a bare source in router mode beside a million
// routes, most of them there before it starts.
func BenchmarkRouterMode(b *testing.B) {
	const n = 1_000_000
	ns := benchNamespace(b)
	ns.IP(b, "-batch "+routeBatch(b, "add", n))
	for b.Loop() {
		ours := startChild(b, ns, 20000)
		start := ours.cpu()
		time.Sleep(2 * time.Second)
		routes, _, _ := ours.ask()
		now, peak := ours.rss()
		b.ReportMetric(now, "rss-MB")
		b.ReportMetric(peak, "peak-MB")
		b.ReportMetric(100*(ours.cpu()-start).Seconds()/2, "idle-cpu-%")
		b.ReportMetric(float64(routes), "routes")
	}
}

// BenchmarkLatency measures how long after a request to the kernel each reader
// has what changed: a bare source in its fold, and "ip -ts monitor" by its own time
// stamps, of the same changes.
func BenchmarkLatency(b *testing.B) {
	ns := benchNamespace(b)
	theirs := &process{b: b, cmd: exec.Command("ip", "-n", ns.Name, "-ts", "monitor", "route")}
	out, err := theirs.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	theirs.start()
	stamps := make(chan time.Time, 64)
	go readStamps(out, stamps)
	child := startChild(b, ns, 20000)
	fmt.Fprintln(child.in, "watch")
	var conn *rtnetlink.Conn
	if err := ns.Do(func() (err error) { conn, err = rtnetlink.Dial(nil); return err }); err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	time.Sleep(500 * time.Millisecond)
	var ours, others []time.Duration
	for i := 0; b.Loop(); i++ {
		asked := time.Now()
		err := conn.Route.Add(&rtnetlink.RouteMessage{
			Family: unix.AF_INET, DstLength: 32, Table: unix.RT_TABLE_MAIN, Type: unix.RTN_UNICAST, Protocol: 4,
			Attributes: rtnetlink.RouteAttributes{
				Dst: net.IPv4(20, byte(i>>16), byte(i>>8), byte(i)), Gateway: net.IPv4(10, 0, 0, 1),
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		if !child.out.Scan() {
			b.Fatal("the child has gone")
		}
		nanos, err := strconv.ParseInt(child.out.Text(), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ours, others = append(ours, time.Unix(0, nanos).Sub(asked)), append(others, (<-stamps).Sub(asked))
		time.Sleep(2 * time.Millisecond) // single changes, not a storm
	}
	p50, p99 := quantile(ours, 50), quantile(ours, 99)
	b.ReportMetric(float64(p50.Microseconds()), "p50-us")
	b.ReportMetric(float64(p99.Microseconds()), "p99-us")
	b.ReportMetric(float64(quantile(others, 50).Microseconds()), "ip-p50-us")
	b.ReportMetric(float64(quantile(others, 99).Microseconds()), "ip-p99-us")
	b.ReportMetric(float64(p50)/float64(quantile(others, 50)), "p50-ratio")
	b.ReportMetric(float64(p99)/float64(quantile(others, 99)), "p99-ratio")
}

// readStamps sends the time stamps of ip's lines: "[2006-01-02T15:04:05.000000] …".
func readStamps(r io.Reader, stamps chan<- time.Time) {
	in := bufio.NewScanner(r)
	for in.Scan() {
		text, _, ok := strings.Cut(strings.TrimPrefix(in.Text(), "["), "]")
		t, err := time.ParseInLocation("2006-01-02T15:04:05.000000", text, time.Local)
		if ok && err == nil {
			stamps <- t
		}
	}
}

func quantile(d []time.Duration, percent int) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[min(len(d)*percent/100, len(d)-1)]
}
