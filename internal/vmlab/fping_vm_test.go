package vmlab

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// besideFping is how long TestBesideFping pings; ten minutes make the figures of
// docs/performance.md.
var besideFping = flag.Duration("beside-fping", 12*time.Second, "how long to ping beside fping")

// TestBesideFping pings the same addresses over the same link at the same time as
// fping does, through a delay and loss made by netem: both must find the same,
// within what chance allows.
func TestBesideFping(t *testing.T) {
	nightly(t)
	const targets, every, timeout = 10, 250 * time.Millisecond, 500 * time.Millisecond
	var addrs, custom []string
	for i := range targets {
		addrs = append(addrs, fmt.Sprintf("198.51.100.%d", 101+i))
		custom = append(custom, fmt.Sprintf("%q", "ping:"+addrs[i]))
	}
	m := lab(t, Options{
		Modules: []string{"sch_netem"}, Programs: []string{"tc", "fping"},
		// Fping asks the C library for the numbers of its protocols.
		Files: map[string][]byte{"/etc/protocols": []byte("icmp 1\nipv6-icmp 58\n"), "/etc/flapscope.toml": []byte(fmt.Sprintf(`[probes]
internet = []
custom = [%s]
custom_interval = %q
timeout = %q
portal_url = ""
packets_per_minute = 1000000
bytes_per_minute = "1GB"
`, strings.Join(custom, ", "), every, timeout))},
	})
	losses := map[string]float64{"a": 0.05, "b": 0.20}
	for ns, loss := range losses {
		wire(t, m, ns)
		m.Run(t, fmt.Sprintf(`for addr in %[2]s; do ip -n %[1]s-r addr add $addr/32 dev lo; done
			ip netns exec %[1]s sysctl -qw net.ipv4.ping_group_range='0 2147483647'
			ip netns exec %[1]s ping -c 1 -W 5 192.0.2.1 >/dev/null
			tc -n %[1]s-r qdisc replace dev p0 root netem delay 50ms loss %[3]v%%`, ns, strings.Join(addrs, " "), 100*loss))
	}
	count := int(*besideFping / every)
	for ns := range losses {
		m.Run(t, fmt.Sprintf(`cd /tmp
			%[1]sflapscope events --all --json --config /etc/flapscope.toml >ours-%[2]s 2>ours-%[2]s.err & echo $! >ours-%[2]s.pid
			sleep 1
			%[1]sfping -q -i 1 -C %[3]d -p %[4]d -t %[5]d %[6]s >/dev/null 2>fping-%[2]s & echo $! >fping-%[2]s.pid`,
			inside(ns), ns, count, every.Milliseconds(), timeout.Milliseconds(), strings.Join(addrs, " ")))
	}
	time.Sleep(*besideFping)
	for ns := range losses {
		for m.Try(t, "kill -0 $(cat /tmp/fping-"+ns+".pid)").Code == 0 {
			time.Sleep(200 * time.Millisecond)
		}
		m.Try(t, "kill -INT $(cat /tmp/ours-"+ns+".pid); sleep 1")
	}
	for ns, loss := range losses {
		t.Run(fmt.Sprintf("loss-%.0f", 100*loss), func(t *testing.T) {
			ours, theirs := oursOf(t, m, ns), fpingOf(t, m, ns)
			t.Logf("ours:  %s", ours)
			t.Logf("fping: %s", theirs)
			ours.agrees(t, theirs)
			ours.agrees(t, pings{n: ours.n, lost: int(loss * float64(ours.n)), rtts: theirs.rtts})
		})
	}
}

// pings are what came of many pings; round trips are sorted, in milliseconds.
type pings struct {
	n, lost int
	rtts    []float64
}

func (p pings) loss() float64 { return float64(p.lost) / float64(p.n) }

func (p pings) quantile(q float64) float64 { return p.rtts[int(q*float64(len(p.rtts)-1))] }

func (p pings) String() string {
	return fmt.Sprintf("%d of %d lost, %.2f %%; p10 %.3f ms, p50 %.3f ms, p95 %.3f ms",
		p.lost, p.n, 100*p.loss(), p.quantile(0.1), p.quantile(0.5), p.quantile(0.95))
}

// agrees checks that two losses differ by no more than chance explains, which is
// four standard deviations of the difference, and the round trips by no more than
// a millisecond: of those that the emulated machine did not hold up, a tenth.
func (p pings) agrees(t *testing.T, with pings) {
	t.Helper()
	both := float64(p.lost+with.lost) / float64(p.n+with.n)
	most := 4 * math.Sqrt(both*(1-both)*(1/float64(p.n)+1/float64(with.n)))
	if diff := math.Abs(p.loss() - with.loss()); diff > most {
		t.Errorf("%s; %s: the losses differ by %.2f %%, chance explains %.2f %%", p, with, 100*diff, 100*most)
	}
	if diff := math.Abs(p.quantile(0.1) - with.quantile(0.1)); diff > 1 {
		t.Errorf("%s; %s: the round trips differ by %.3f ms", p, with, diff)
	}
}

// oursOf reads what the program observed of the addresses.
func oursOf(t *testing.T, m *Machine, ns string) (p pings) {
	t.Helper()
	const results = `grep -E '"target":"ping:198.51.100.1[0-9][0-9]"' /tmp/ours-`
	p.n = number(t, m.Run(t, results+ns+` | grep -cE '"outcome":"(ok|timeout)"'`))
	p.lost = number(t, m.Try(t, results+ns+` | grep -c '"outcome":"timeout"'`).Stdout)
	for f := range strings.FieldsSeq(m.Run(t, results+ns+` | grep '"outcome":"ok"' | grep -oE '"rtt_ns":[0-9]+' | cut -d : -f 2`)) {
		p.rtts = append(p.rtts, float64(number(t, f))/1e6)
	}
	return p.checked(t)
}

// fpingOf reads what fping prints: "198.51.100.101 : 50.1 - 50.2".
func fpingOf(t *testing.T, m *Machine, ns string) (p pings) {
	t.Helper()
	for line := range strings.Lines(m.Run(t, "cat /tmp/fping-"+ns)) {
		_, all, ok := strings.Cut(line, " : ")
		if !ok {
			continue
		}
		for f := range strings.FieldsSeq(all) {
			p.n++
			rtt, err := strconv.ParseFloat(f, 64)
			if err != nil {
				p.lost++
				continue
			}
			p.rtts = append(p.rtts, rtt)
		}
	}
	return p.checked(t)
}

func (p pings) checked(t *testing.T) pings {
	t.Helper()
	if p.n < 100 || len(p.rtts) != p.n-p.lost {
		t.Fatalf("%d pings, %d lost, %d round trips", p.n, p.lost, len(p.rtts))
	}
	slices.Sort(p.rtts)
	return p
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
