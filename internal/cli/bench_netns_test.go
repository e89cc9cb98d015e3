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
// path, on a terminal that never answers, and in turn with it to those of mtr and
// bmon, and the start of "ip link".
func BenchmarkFirstFrame(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	took := map[string][]float64{}
	for range max(b.N, 15) {
		start := time.Now()
		if err := ns.Command("ip", "link").Run(); err != nil {
			b.Fatal(err)
		}
		took["ip-link"] = append(took["ip-link"], time.Since(start).Seconds()*1e3)
		for _, tt := range []struct {
			name, shows string
			args        []string
		}{
			{"first-frame", "SATISFIED", []string{bin}},
			{"mtr", "Keys:", []string{"mtr", "-n", "1.1.1.1"}},
			{"bmon", "eth0", []string{"bmon", "-p", "eth0"}},
		} {
			if _, err := exec.LookPath(tt.args[0]); err != nil {
				continue
			}
			start := time.Now()
			cmd, tty := screen(b, tt.args[0], ns, tt.args[1:]...)
			if seen, err := until(tty, tt.shows); err != nil {
				b.Fatalf("first frame of %s: %v\n%q", tt.name, err, seen)
			}
			took[tt.name] = append(took[tt.name], time.Since(start).Seconds()*1e3)
			stop(cmd, tty)
		}
	}
	b.ReportMetric(0, "ns/op")
	for name, all := range took {
		b.ReportMetric(median(all), "ms-"+name)
	}
}

// BenchmarkKey measures from a key to the frame that answers it.
func BenchmarkKey(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	cmd, tty := screen(b, bin, ns)
	defer stop(cmd, tty)
	if seen, err := until(tty, "SATISFIED"); err != nil {
		b.Fatalf("first frame: %v\n%q", err, seen)
	}
	took := answerTimes(b, tty, max(b.N, 30))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(took), "ms-key-to-frame")
	b.ReportMetric(took[len(took)-1], "ms-max")
}

// answerTimes are how many milliseconds it takes until a key is answered, so often:
// the help opens.
func answerTimes(b *testing.B, tty *os.File, n int) (took []float64) {
	b.Helper()
	for range n {
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
	return took
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

// liveSpan is how long BenchmarkLive looks at each screen.
const liveSpan = 15 * time.Second

// BenchmarkLive measures the processor time, context switches and memory of the
// live screen: probing as by default with all targets answering and with half of
// them silent, and probing nothing; the size of the binary; and in the same
// namespace the screens of mtr, which pings one address, and of bmon, which pings
// none.
func BenchmarkLive(b *testing.B) {
	bin, ns := stripped(b), benchWire(b)
	info, err := os.Stat(bin)
	if err != nil {
		b.Fatal(err)
	}
	config := func(name, text string) []string {
		path := filepath.Join(b.TempDir(), name)
		// A diagnosis is made once of an incident, with which this network begins:
		// nobody there knows names.
		if err := os.WriteFile(path, []byte("[probes]\ndiagnose = false\n"+text+"\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		return []string{bin, "--config", path}
	}
	for _, tt := range []struct {
		name          string
		rows, columns uint16
		args          []string
	}{
		{"probing-120x40", 40, 120, config("probing.toml", "")},
		{"probing-200x60", 60, 200, config("probing.toml", "")},
		{"half-silent-200x60", 60, 200, config("silent.toml", `internet = ["1.1.1.1", "2606:4700:4700::1111", "192.0.2.99", "2001:db8::99"]`)},
		{"idle-120x40", 40, 120, config("idle.toml", "enabled = false")},
		{"lite-120x40", 40, 120, append(config("idle.toml", "enabled = false"), "--lite")},
		{"mtr", 40, 120, []string{"mtr", "-n", "1.1.1.1"}},
		{"bmon", 40, 120, []string{"bmon", "-p", "eth0"}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			if _, err := exec.LookPath(tt.args[0]); err != nil {
				b.Skip("SKIPPED: ", err)
			}
			cmd, tty := screenOf(b, tt.rows, tt.columns, tt.args[0], ns, tt.args[1:]...)
			defer stop(cmd, tty)
			go io.Copy(io.Discard, tty)
			time.Sleep(3 * time.Second)
			pid := descendant(b, cmd.Process.Pid, filepath.Base(tt.args[0]))
			before, switched := cpuSeconds(b, pid), switches(b, pid)
			time.Sleep(liveSpan)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(100*(cpuSeconds(b, pid)-before)/liveSpan.Seconds(), "%cpu")
			b.ReportMetric((switches(b, pid)-switched)/liveSpan.Seconds(), "switches/s")
			b.ReportMetric(rss(b, pid), "MB-rss")
			if tt.args[0] == bin {
				b.ReportMetric(float64(info.Size())/1e6, "MB-binary")
			}
		})
	}
}

// switches is how often the threads of a process went to sleep. How often another
// process took the processor away says more of that one.
func switches(b *testing.B, pid int) (sum float64) {
	b.Helper()
	for _, status := range tasks(b, pid, "status") {
		for line := range strings.Lines(status) {
			if value, ok := strings.CutPrefix(line, "voluntary_ctxt_switches:"); ok {
				n, _ := strconv.Atoi(strings.TrimSpace(value))
				sum += float64(n)
			}
		}
	}
	return sum
}

// tasks returns a file of each thread of a process.
func tasks(b *testing.B, pid int, name string) (out []string) {
	b.Helper()
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/%s", pid, name))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range all {
		if text, err := os.ReadFile(name); err == nil { // else the thread ended
			out = append(out, string(text))
		}
	}
	return out
}

// descendant returns the process that "ip netns exec" became: itself.
func descendant(b *testing.B, pid int, want string) int {
	b.Helper()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || strings.TrimSpace(string(name)) != want {
		b.Fatalf("process %d is %q (%v), want %s", pid, name, err, want)
	}
	return pid
}

// cpuSeconds is how long the threads of a process ran (the first field of
// schedstat, in nanoseconds; proc(5) counts in ticks of 10 ms elsewhere).
func cpuSeconds(b *testing.B, pid int) (sum float64) {
	b.Helper()
	for _, schedstat := range tasks(b, pid, "schedstat") {
		ran, _, _ := strings.Cut(schedstat, " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += float64(n) / 1e9
	}
	return sum
}

func rss(b *testing.B, pid int) float64 {
	b.Helper()
	return memoryOf(b, pid, "VmRSS:")
}

// memoryOf is a line of the status of a process, in megabytes.
func memoryOf(b *testing.B, pid int, key string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1e3
		}
	}
	b.Fatalf("no %s", key)
	return 0
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
