package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"flapscope/internal/netlab"
)

// stripped builds the binary as it is released and returns its path.
func stripped(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "flapscope")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "flapscope")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// screen starts the live screen of a namespace on a terminal of 120x40 that
// answers no query.
func screen(b *testing.B, bin string, ns *netlab.Namespace, args ...string) (*exec.Cmd, *os.File) {
	b.Helper()
	return screenOf(b, 40, 120, bin, ns, args...)
}

// screenOf does the same on a terminal of another size.
func screenOf(b *testing.B, rows, columns uint16, bin string, ns *netlab.Namespace, args ...string) (*exec.Cmd, *os.File) {
	b.Helper()
	cmd := ns.Command(bin, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8",
		"XDG_CONFIG_HOME="+b.TempDir(), "XDG_STATE_HOME="+b.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		b.Fatal(err)
	}
	return cmd, tty
}

func stop(cmd *exec.Cmd, tty *os.File) {
	cmd.Process.Signal(os.Interrupt)
	go io.Copy(io.Discard, tty)
	cmd.Wait()
	tty.Close()
}

// benchWire is the network of the benchmarks, whose router answers for the
// default internet targets.
func benchWire(b *testing.B) *netlab.Namespace {
	b.Helper()
	left, right := netlab.New(b), netlab.New(b)
	left.IP(b, "link add eth0 type veth peer name up0 netns "+right.Name)
	right.IP(b, "link set up0 up")
	left.IP(b, "link set eth0 up")
	left.IP(b, "addr add 192.0.2.7/24 dev eth0")
	left.IP(b, "addr add 2001:db8::7/64 dev eth0 nodad")
	right.IP(b, "addr add 192.0.2.1/24 dev up0")
	right.IP(b, "addr add 2001:db8::1/64 dev up0 nodad")
	for _, a := range []string{"1.1.1.1/32", "8.8.8.8/32", "2606:4700:4700::1111/128", "2001:4860:4860::8888/128"} {
		right.IP(b, "addr add "+a+" dev lo")
	}
	left.IP(b, "route add default via 192.0.2.1")
	left.IP(b, "-6 route add default via 2001:db8::1")
	time.Sleep(2 * time.Second) // linkwatch and address detection
	return left
}

// BenchmarkFirstFrame measures from exec to the first frame that shows the
// path, on a terminal that never answers, beside the start of "ip link".
func BenchmarkFirstFrame(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	var ours, peer []float64
	for range max(b.N, 15) {
		start := time.Now()
		if err := ns.Command("ip", "link").Run(); err != nil {
			b.Fatal(err)
		}
		peer = append(peer, time.Since(start).Seconds()*1e3)
		start = time.Now()
		cmd, tty := screen(b, bin, ns)
		if seen, err := until(tty, "SATISFIED"); err != nil {
			b.Fatalf("first frame: %v\n%q", err, seen)
		}
		ours = append(ours, time.Since(start).Seconds()*1e3)
		stop(cmd, tty)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "ms-first-frame")
	b.ReportMetric(median(peer), "ms-ip-link")
}

// BenchmarkKey measures from a key to the frame that answers it.
func BenchmarkKey(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	cmd, tty := screen(b, bin, ns)
	defer stop(cmd, tty)
	if seen, err := until(tty, "SATISFIED"); err != nil {
		b.Fatalf("first frame: %v\n%q", err, seen)
	}
	var took []float64
	for range max(b.N, 30) {
		time.Sleep(50 * time.Millisecond)
		start := time.Now()
		if _, err := tty.WriteString("?"); err != nil {
			b.Fatal(err)
		}
		if seen, err := until(tty, "closes"); err != nil {
			b.Fatalf("help: %v\n%q", err, seen)
		}
		took = append(took, time.Since(start).Seconds()*1e3)
		if _, err := tty.WriteString("x"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(took), "ms-key-to-frame")
	b.ReportMetric(took[len(took)-1], "ms-max")
}

// until reads from a terminal until the text has come.
func until(r io.Reader, text string) ([]byte, error) {
	var seen bytes.Buffer
	in := bufio.NewReader(r)
	for !bytes.Contains(seen.Bytes(), []byte(text)) {
		c, err := in.ReadByte()
		if err != nil {
			return seen.Bytes(), fmt.Errorf("%q did not come: %w", text, err)
		}
		seen.WriteByte(c)
	}
	return seen.Bytes(), nil
}

// BenchmarkLive measures the processor time, context switches and memory of the
// live screen over ten seconds: probing as by default with all targets
// answering and with half of them silent, and probing nothing; and the size of
// the binary.
func BenchmarkLive(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	info, err := os.Stat(bin)
	if err != nil {
		b.Fatal(err)
	}
	config := func(name, text string) []string {
		path := filepath.Join(b.TempDir(), name)
		if err := os.WriteFile(path, []byte("[probes]\n"+text+"\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		return []string{"--config", path}
	}
	for _, tt := range []struct {
		name          string
		rows, columns uint16
		args          []string
	}{
		{"probing-120x40", 40, 120, nil},
		{"probing-200x60", 60, 200, nil},
		{"half-silent-200x60", 60, 200, config("silent.toml", `internet = ["1.1.1.1", "2606:4700:4700::1111", "192.0.2.99", "2001:db8::99"]`)},
		{"idle-120x40", 40, 120, config("idle.toml", "enabled = false")},
	} {
		b.Run(tt.name, func(b *testing.B) {
			cmd, tty := screenOf(b, tt.rows, tt.columns, bin, ns, tt.args...)
			go io.Copy(io.Discard, tty)
			time.Sleep(3 * time.Second)
			pid := descendant(b, cmd.Process.Pid)
			before, switched := cpuSeconds(b, pid), switches(b, pid)
			const span = 10 * time.Second
			time.Sleep(span)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(100*(cpuSeconds(b, pid)-before)/span.Seconds(), "%cpu")
			b.ReportMetric((switches(b, pid)-switched)/span.Seconds(), "switches/s")
			b.ReportMetric(rss(b, pid), "MB-rss")
			b.ReportMetric(float64(info.Size())/1e6, "MB-binary")
			stop(cmd, tty)
		})
	}
}

// switches is how often the threads of a process were switched to.
func switches(b *testing.B, pid int) (sum float64) {
	b.Helper()
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range all {
		status, err := os.ReadFile(name)
		if err != nil {
			continue // The thread ended.
		}
		for line := range strings.Lines(string(status)) {
			if key, value, _ := strings.Cut(line, ":"); strings.HasSuffix(key, "_ctxt_switches") {
				n, _ := strconv.Atoi(strings.TrimSpace(value))
				sum += float64(n)
			}
		}
	}
	return sum
}

// descendant returns the process that "ip netns exec" became: itself.
func descendant(b *testing.B, pid int) int {
	b.Helper()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || strings.TrimSpace(string(name)) != "flapscope" {
		b.Fatalf("process %d is %q (%v), want flapscope", pid, name, err)
	}
	return pid
}

// cpuSeconds is user and system time (proc(5): fields 14 and 15 of stat, in
// ticks of 10 ms).
func cpuSeconds(b *testing.B, pid int) float64 {
	b.Helper()
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return float64(ticks) / 100
}

func rss(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1e3
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
