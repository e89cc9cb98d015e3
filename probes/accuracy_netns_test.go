package probes

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"net"
	"net/netip"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/probes/sock"
)

// BenchmarkAccuracy pings and connects every 10 ms, and reports by how much the round trips
// differ from what a tap on the interface saw: the engine, the libraries and
// fping, while the machine is idle, while other processes are busy and while
// goroutines of our own are.
func BenchmarkAccuracy(b *testing.B) {
	loads := map[string]func(*testing.B){
		"idle":       func(*testing.B) {},
		"processes":  busyProcesses,
		"goroutines": busyGoroutines,
	}
	here, there := pair(b)
	serveTCP(b, there, "192.0.2.2:443")
	here.AllowPingSockets(b)
	for _, load := range sortedKeys(loads) {
		asked := map[string]Prober{"tcp": ProberFunc(connect), "net.Dialer": ProberFunc(connectByLibrary)}
		maps.Copy(asked, pingers())
		for _, name := range sortedKeys(asked) {
			b.Run(load+"/"+name, func(b *testing.B) {
				loads[load](b)
				reportErrors(b, here, func() []time.Duration { return probePaced(b, here, asked[name]) })
			})
		}
		if fping, err := exec.LookPath("fping"); err == nil && load != "goroutines" {
			b.Run(load+"/fping", func(b *testing.B) {
				loads[load](b)
				reportErrors(b, here, func() []time.Duration { return fpingPaced(b, here, fping) })
			})
		}
	}
}

const benchPace = 10 * time.Millisecond

// connectByLibrary takes the time of a connection as the standard library lets
// it be taken.
func connectByLibrary(ctx context.Context, t *fact.Target) fact.ProbeResult {
	began := time.Now()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", netip.AddrPortFrom(t.Addr, t.Port).String())
	if err != nil {
		return failed(ctx, err, fact.Phases{})
	}
	defer c.Close()
	return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: time.Since(began)}
}

// serveTCP opens a port in a namespace, and closes each connection.
func serveTCP(b *testing.B, ns *netlab.Namespace, address string) {
	var l net.Listener
	if err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
}

// probePaced returns the round trip of each request, or 0.
func probePaced(b *testing.B, ns *netlab.Namespace, p Prober) []time.Duration {
	all := make([]time.Duration, b.N)
	if err := ns.Do(func() error {
		target := echoTarget("192.0.2.2", ModeUnprivileged, 0)
		target.Port = 443
		tick := time.NewTicker(benchPace)
		defer tick.Stop()
		for i := range all {
			<-tick.C
			ctx, cancel := context.WithTimeout(b.Context(), 2*time.Second)
			r := p.Probe(ctx, target)
			cancel()
			if r.Outcome == fact.OutcomeOK && !r.Uncertain {
				all[i] = r.RTT
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return all
}

func fpingPaced(b *testing.B, ns *netlab.Namespace, fping string) []time.Duration {
	out, err := ns.Command(fping, "-C", strconv.Itoa(b.N), "-p", "10", "-q", "192.0.2.2").CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	_, list, _ := strings.Cut(string(out), ":")
	var all []time.Duration
	for s := range strings.FieldsSeq(list) {
		ms, _ := strconv.ParseFloat(s, 64)
		all = append(all, time.Duration(ms*float64(time.Millisecond)))
	}
	return all
}

func reportErrors(b *testing.B, ns *netlab.Namespace, measure func() []time.Duration) {
	tap := openTap(b, ns)
	measured := measure()
	truth := readTap(b, tap)
	if len(truth) != len(measured) {
		b.Fatalf("the tap saw %d requests, %d were measured", len(truth), len(measured))
	}
	var errors []float64
	for i, rtt := range measured {
		if rtt > 0 && truth[i] > 0 {
			errors = append(errors, float64((rtt-truth[i]).Abs())/1e3)
		}
	}
	slices.Sort(errors)
	if len(errors) == 0 {
		b.Fatal("nothing was measured")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(errors[len(errors)/2], "µs-p50")
	b.ReportMetric(errors[len(errors)*99/100], "µs-p99")
	b.ReportMetric(errors[len(errors)-1], "µs-max")
	b.ReportMetric(float64(len(measured)-len(errors)), "unmeasured")
}

// openTap returns a packet socket that sees all IPv4 packets of a namespace.
func openTap(b *testing.B, ns *netlab.Namespace) int {
	fd := -1
	if err := ns.Do(func() (err error) {
		all := uint16(unix.ETH_P_ALL)
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, int(all<<8|all>>8)); err != nil {
			return err
		}
		if err = sock.StampReceived(fd); err != nil {
			return err
		}
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20)
	}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(fd) })
	return fd
}

// readTap returns the true round trip of each echo request by order of sending.
func readTap(b *testing.B, fd int) (all []time.Duration) {
	sent := map[uint32]time.Time{}
	order := map[uint32]int{}
	var r sock.Reader
	for {
		m, err := r.Data(fd)
		if errors.Is(err, unix.EAGAIN) {
			return all
		}
		if err != nil {
			b.Fatal(err)
		}
		key, request, reply := exchanged(m.Payload)
		if request {
			sent[key], order[key] = m.Stamp, len(all)
			all = append(all, 0)
		} else if at, ok := sent[key]; ok && reply {
			all[order[key]] = m.Stamp.Sub(at)
		}
	}
}

// exchanged tells requests and their replies in IPv4 packets: echoes, and the
// first two segments of a connection.
func exchanged(p []byte) (key uint32, request, reply bool) {
	switch {
	case len(p) < 28 || p[0] != 0x45:
	case p[9] == unix.IPPROTO_ICMP:
		return binary.BigEndian.Uint32(p[24:]), p[20] == 8, p[20] == 0
	case p[9] == unix.IPPROTO_TCP && len(p) >= 40 && p[33] == 0x02:
		return uint32(binary.BigEndian.Uint16(p[20:])), true, false
	case p[9] == unix.IPPROTO_TCP && len(p) >= 40 && p[33] == 0x12:
		return uint32(binary.BigEndian.Uint16(p[22:])), false, true
	}
	return 0, false, false
}

func busyProcesses(b *testing.B) {
	for range 4 {
		c := exec.Command("sh", "-c", "while :; do :; done")
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Process.Kill(); c.Wait() })
	}
}

func busyGoroutines(b *testing.B) {
	var stop atomic.Bool
	b.Cleanup(func() { stop.Store(true) })
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for !stop.Load() {
			}
		}()
	}
}
