package probes

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// manyTargets are asked once a second each, as many as a small site has.
const manyTargets = 200

// BenchmarkMany asks two hundred targets once a second, for some seconds, and
// reports what that cost a process that does nothing else: the Runner with the
// engine, and fping in the same run. The work of the other end is in it, which
// the kernel does for whoever sends into a veth.
func BenchmarkMany(b *testing.B) {
	here, there := pair(b)
	there.IP(b, "route add local 198.51.100.0/24 dev lo")
	here.IP(b, "route add default via 192.0.2.2")
	here.AllowPingSockets(b)
	const seconds = 8
	measure := func(name string, command func() *exec.Cmd) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				reportCost(b, command(), seconds)
			}
		})
	}
	measure("runner", func() *exec.Cmd {
		program, err := os.Executable()
		if err != nil {
			b.Fatal(err)
		}
		return here.Command(program, "many", strconv.Itoa(seconds))
	})
	fping, err := exec.LookPath("fping")
	if err != nil {
		return
	}
	measure("fping", func() *exec.Cmd {
		return here.Command(fping, append([]string{"-q", "-p", "1000", "-i", "5", "-c", strconv.Itoa(seconds)}, many()...)...)
	})
}

func many() (all []string) {
	for i := range manyTargets {
		all = append(all, "198.51.100."+strconv.Itoa(i+1))
	}
	return all
}

// TestStoppedIsNoLoss stops a process that asks many targets: whatever was in
// flight then is not lost, and what is asked after it is answered.
func TestStoppedIsNoLoss(t *testing.T) {
	here, there := pair(t)
	there.IP(t, "route add local 198.51.100.0/24 dev lo")
	here.IP(t, "route add default via 192.0.2.2")
	here.AllowPingSockets(t)
	c := here.Command(self(t), "many", "8")
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second)
	c.Process.Signal(syscall.SIGSTOP)
	time.Sleep(2500 * time.Millisecond)
	c.Process.Signal(syscall.SIGCONT)
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	var answered, lost, unknown int
	if _, err := fmt.Sscanf(out.String(), "answered/s=%d lost=%d unknown=%d", &answered, &lost, &unknown); err != nil {
		t.Fatalf("%v: %q", err, out.String())
	}
	if lost > 0 || answered < 80 {
		t.Errorf("%s: want answers, and no loss", out.String())
	}
}

// reportCost runs a command and reports what it cost. Memory is its own, without
// the program's code.
func reportCost(b *testing.B, c *exec.Cmd, seconds float64) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	began := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Duration(seconds * 0.8 * float64(time.Second)))
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err := c.Wait(); err != nil {
		b.Fatalf("%v: %s", err, out.String())
	}
	took := time.Since(began).Seconds()
	usage := c.ProcessState.SysUsage().(*syscall.Rusage)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*(c.ProcessState.UserTime()+c.ProcessState.SystemTime()).Seconds()/took, "%core")
	b.ReportMetric(float64(usage.Nvcsw)/took, "switches/s")
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "RssAnon: %f kB", &kB); n == 1 {
			b.ReportMetric(kB/1024, "MB")
		}
	}
	for field := range strings.FieldsSeq(out.String()) {
		name, value, ok := strings.Cut(field, "=")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			b.ReportMetric(v, name)
		}
	}
}

// askMany asks many targets for some seconds, and prints how it went.
func askMany(args []string) error {
	seconds, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	c := DefaultConfig()
	c.Portal.URL, c.Internet, c.Calm.After, c.Budget = "", nil, 0, Budget{Packets: 1e6, Bytes: 1e9}
	c.Intervals.Internet = time.Second
	for _, a := range many() {
		c.Internet = append(c.Internet, "ping:"+a)
	}
	runner, err := New(c)
	if err != nil {
		return err
	}
	host := &countingHost{state: state.NewState()}
	for _, f := range append(lookups(fact.IPv4, "192.0.2.2", "192.0.2.1"), eth0(), &fact.Sync{Source: "kernel"}) {
		host.state.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(seconds)*time.Second)
	defer cancel()
	files := 0
	time.AfterFunc(time.Duration(seconds)*time.Second/2, func() {
		list, _ := os.ReadDir("/proc/self/fd")
		files = len(list) - 1 // But for the directory.
	})
	if err := runner.Run(ctx, host); err != nil {
		return err
	}
	fmt.Printf("answered/s=%d lost=%d unknown=%d uncertain=%d files=%d\n",
		host.answered/seconds, host.lost, host.unknown, host.uncertain, files)
	return nil
}

// A countingHost applies what is observed to a state, and counts it.
type countingHost struct {
	state                              *state.State
	answered, lost, unknown, uncertain int
}

// Update implements state.Host.
func (h *countingHost) Update(fn func(*state.State, fact.Emit)) {
	fn(h.state, func(o fact.Observation) {
		o.Mono = bootTime()
		h.state.Apply(o)
		r, ok := o.Fact.(*fact.ProbeResult)
		switch {
		case !ok:
		case r.Outcome == fact.OutcomeOK:
			h.answered++
			if r.Uncertain {
				h.uncertain++
			}
		case r.Outcome.Lost():
			h.lost++
		default:
			h.unknown++
		}
	})
}
