//go:build linux

package kernel

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A storm is a random sequence of everything that changes the kernel's tables,
// from a seed. Half of the commands fail, as they should: an object is gone, or
// exists already.
type storm struct {
	*rand.Rand
	t *testing.T
	// ns is observed; far holds the other ends of its links.
	ns, far *netlab.Namespace
	dad     bool
	log     []string
}

// stormQuiet is how long the kernel needs to come to rest: its linkwatch runs
// once a second, and duplicate address detection takes two.
func (s *storm) quiet() time.Duration {
	if s.dad {
		return 2800 * time.Millisecond
	}
	return 1300 * time.Millisecond
}

func newStorm(t *testing.T, seed uint64, dad bool) *storm {
	s := &storm{
		Rand: rand.New(rand.NewPCG(seed, 1)), t: t, dad: dad,
		ns: netlab.New(t), far: netlab.New(t),
	}
	if !dad {
		for _, c := range []string{"all", "default"} {
			s.ns.Sysctl(t, "ipv6/conf/"+c+"/accept_dad", "0")
			s.ns.Sysctl(t, "ipv6/conf/"+c+"/dad_transmits", "0")
		}
	}
	s.build()
	return s
}

// build makes what the operations work on, as far as it is missing.
func (s *storm) build() {
	for i := range 3 {
		s.farRun(fmt.Sprintf("link del v%d", i))
		s.run(fmt.Sprintf("link add v%d type veth peer name p%d netns %s\nlink set v%d up\n"+
			"addr add 10.%d.0.1/24 dev v%d\n-6 addr add 2001:db8:%d::1/64 dev v%d",
			i, i, s.far.Name, i, i, i, i, i))
		s.farRun(fmt.Sprintf("link set p%d up", i))
	}
	s.run("link add br0 type bridge\nlink add ifb0 type ifb\ntuntap add tun0 mode tun\ntuntap add tap0 mode tap")
}

// run gives commands to ip in the observed namespace.
func (s *storm) run(commands string) {
	s.log = append(s.log, strings.Split(commands, "\n")...)
	batch(s.t, s.ns, commands)
}

func (s *storm) farRun(commands string) {
	s.log = append(s.log, "far: "+commands)
	batch(s.t, s.far, commands)
}

// batch runs ip -batch; failing commands are part of a storm.
func batch(t testing.TB, ns *netlab.Namespace, commands string) {
	cmd := exec.Command("ip", "-n", ns.Name, "-force", "-batch", "-")
	cmd.Stdin = strings.NewReader(commands + "\n")
	if err := cmd.Run(); err != nil {
		if _, failed := errors.AsType[*exec.ExitError](err); !failed {
			t.Fatal(err)
		}
	}
}

func (s *storm) pick(words ...string) string { return words[s.IntN(len(words))] }

func (s *storm) maybe(words ...string) string {
	if s.IntN(2) == 0 {
		return ""
	}
	return " " + s.pick(words...)
}

// link picks an interface; some were never there or have another name now.
func (s *storm) link() string {
	return s.pick("v0", "v1", "v2", "v0", "v1", "v2", "v3", "r0", "br0", "ifb0", "tun0", "tap0")
}

// blow makes n operations, in bursts. During some of them the source can't
// read, because its host is busy.
func (s *storm) blow(n int, h *netlab.Host) {
	s.build()
	for n > 0 {
		stall := s.IntN(12) == 0
		burst := min(1+s.IntN(12), n)
		if stall {
			burst = min(80, n)
		}
		n -= burst
		var commands []string
		for range burst {
			if op := s.operation(); op != "" {
				commands = append(commands, op)
			}
		}
		if stall {
			h.View(func(*state.State, []fact.Observation) { s.run(strings.Join(commands, "\n")) })
		} else {
			s.run(strings.Join(commands, "\n"))
		}
	}
}

// operation returns a command, or does something that is none and returns "".
func (s *storm) operation() string {
	switch n := s.IntN(100); {
	case n < 20:
		return s.linkOp()
	case n < 25:
		s.farRun("link set p" + s.pick("0", "1", "2") + " " + s.pick("up", "down"))
		return ""
	case n < 40:
		return s.addrOp()
	case n < 60:
		return s.route4Op()
	case n < 78:
		return s.route6Op()
	case n < 85:
		return s.ruleOp()
	case n < 92:
		return s.nexthopOp()
	case n < 96:
		return s.neighOp()
	case n < 99:
		s.sysctl()
		return ""
	}
	return s.moveOp()
}

func (s *storm) linkOp() string {
	l := s.link()
	switch s.IntN(14) {
	case 0, 1, 2:
		return "link set " + l + " up"
	case 3, 4:
		return "link set " + l + " down"
	case 5:
		return "link del " + s.pick("v0", "v1", "v2", "v3", "r0", "ifb0", "br0", "tun0")
	case 6:
		return s.pick("link add v3 type veth peer name v4", "link add ifb0 type ifb", "link add br0 type bridge",
			"tuntap add tun0 mode tun", "tuntap add tap0 mode tap",
			"link add v0 type veth peer name p0 netns "+s.far.Name,
			"link add v1 type veth peer name p1 netns "+s.far.Name)
	case 7:
		return "link set " + l + " mtu " + s.pick("1500", "1400", "1280", "1000")
	case 8:
		return "link set " + l + " alias " + s.pick("one", "two", "three")
	case 9:
		return "link property " + s.pick("add", "del") + " dev " + l + " altname " + s.pick("alt0", "alt1", "alt2")
	case 10:
		return "link set " + l + " " + s.pick("group 7", "group 0", "txqueuelen 99", "txqueuelen 1000", "mode dormant", "mode default")
	case 11:
		return s.pick("link set v1 name r0", "link set r0 name v1", "link set v0 name r0", "link set r0 name v0")
	case 12:
		return "link set " + s.pick("v0", "v1", "v2", "tap0", "ifb0") + " " + s.pick("master br0", "nomaster")
	}
	return "link set " + l + " address 02:00:00:00:00:0" + s.pick("1", "2", "3")
}

func (s *storm) addrOp() string {
	verb := s.pick("add", "add", "add", "del", "replace")
	life := ""
	if verb != "del" {
		life = s.maybe("valid_lft 1 preferred_lft 1", "valid_lft 2 preferred_lft 1", "noprefixroute", "metric 77")
	}
	if s.IntN(2) == 0 {
		a := fmt.Sprintf("10.%d.0.%d", s.IntN(4), 1+s.IntN(3))
		rest := "/" + s.pick("24", "24", "16", "32")
		if s.IntN(6) == 0 {
			rest = fmt.Sprintf(" peer 10.9.0.%d/32", s.IntN(3))
		}
		return "addr " + verb + " " + a + rest + " dev " + s.link() + life
	}
	a := fmt.Sprintf("2001:db8:%d::%d", s.IntN(4), 1+s.IntN(3))
	if verb != "del" && !s.dad {
		life += " nodad"
	}
	return "-6 addr " + verb + " " + a + "/" + s.pick("64", "64", "128") + " dev " + s.link() + life
}

func (s *storm) route4Op() string {
	verb := s.pick("add", "add", "replace", "append", "prepend", "change", "del", "del")
	dst := s.pick("default", "default", "0.0.0.0/1", "128.0.0.0/1", "198.51.100.0/24", "203.0.113.0/24", "10.77.0.0/16")
	key := s.maybe("metric 1", "metric 2", "table 100", "table 1000", "tos 0x10")
	gw := func() string { return fmt.Sprintf("via 10.%d.0.%d", s.IntN(3), 200+s.IntN(3)) }
	switch s.IntN(10) {
	case 0:
		return "route " + verb + " " + s.pick("unreachable", "blackhole", "prohibit", "throw") + " " + dst + key
	case 1:
		return "route " + verb + " " + dst + " dev " + s.link() + s.maybe("scope link") + key
	case 2:
		return "route " + verb + " " + dst + key + " nhid " + strconv.Itoa(1+s.IntN(6))
	case 3, 4:
		return "route " + verb + " " + dst + key + " nexthop " + gw() + " weight " + s.pick("1", "2", "9") + " nexthop " + gw()
	case 5:
		return "route " + verb + " " + dst + key + " via inet6 fe80::99 dev " + s.link()
	case 6:
		return "route " + verb + " " + dst + " " + gw() + key + fmt.Sprintf(" src 10.%d.0.1", s.IntN(3))
	case 7:
		return "route " + verb + " " + dst + " " + gw() + key + s.maybe("mtu 1300", "onlink dev "+s.link(), "proto static")
	}
	return "route " + verb + " " + dst + " " + gw() + key
}

func (s *storm) route6Op() string {
	verb := s.pick("add", "add", "replace", "append", "change", "del", "del")
	dst := s.pick("default", "default", "2000::/3", "2001:db8:77::/48", "2001:db8:78::/48")
	key := s.maybe("metric 1", "metric 2", "table 100", "table 1000")
	gw := func() string {
		return s.pick(fmt.Sprintf("via 2001:db8:%d::%d", s.IntN(3), 99+s.IntN(2)), "via fe80::99 dev "+s.pick("v0", "v1", "v2"))
	}
	switch s.IntN(9) {
	case 0:
		return "-6 route " + verb + " " + s.pick("unreachable", "blackhole", "prohibit", "throw") + " " + dst + key
	case 1:
		return "-6 route " + verb + " " + dst + " dev " + s.link() + key
	case 2:
		return "-6 route " + verb + " " + dst + key + " nhid " + strconv.Itoa(1+s.IntN(6))
	case 3, 4:
		return "-6 route " + verb + " " + dst + key + " nexthop " + gw() + " weight " + s.pick("1", "2", "9") + " nexthop " + gw()
	case 5:
		return "-6 route " + verb + " " + dst + " " + gw() + key + " expires " + s.pick("1", "2")
	}
	return "-6 route " + verb + " " + dst + " " + gw() + key + s.maybe("mtu 1300", "proto static", "pref high")
}

func (s *storm) ruleOp() string {
	f := s.pick("-4", "-6")
	if s.IntN(3) == 0 {
		return f + " rule del priority " + s.pick("10", "11", "12", "13")
	}
	what := s.pick("table 100", "table 1000", "prohibit", "blackhole", "unreachable", "goto 13", "goto 32766", "nop",
		"table main suppress_prefixlength 0")
	match := s.pick("", "fwmark 5", "not fwmark 0x51820", "iif v0", "oif v1", "oif r0", "uidrange 5-70000",
		"ipproto udp dport 53", "fwmark 1/3", "tos 0x10")
	return f + " rule add priority " + s.pick("10", "11", "12", "13") + " " + match + " " + what
}

func (s *storm) nexthopOp() string {
	id := strconv.Itoa(1 + s.IntN(6))
	switch s.IntN(6) {
	case 0:
		return "nexthop del id " + id
	case 1:
		return "nexthop " + s.pick("add", "replace") + " id " + id + " group " + s.pick("1/2", "1,3/2/3", "2,5")
	case 2:
		return "nexthop " + s.pick("add", "replace") + " id " + id + " blackhole"
	case 3:
		return "nexthop " + s.pick("add", "replace") + " id " + id + " via fe80::9" + s.pick("8", "9") + " dev " + s.link()
	}
	return fmt.Sprintf("nexthop %s id %s via 10.%d.0.%d dev %s", s.pick("add", "replace"), id, s.IntN(3), 200+s.IntN(3), s.link())
}

func (s *storm) neighOp() string {
	dst := s.pick(fmt.Sprintf("10.%d.0.%d", s.IntN(3), 200+s.IntN(3)), "fe80::99")
	if s.IntN(3) == 0 {
		return "neigh del " + dst + " dev " + s.link()
	}
	return "neigh replace " + dst + " lladdr 02:00:00:00:01:0" + s.pick("1", "2") + " dev " + s.link() +
		" nud " + s.pick("permanent", "stale", "reachable", "noarp")
}

func (s *storm) sysctl() {
	l := s.pick("v0", "v1", "v2", "all")
	key := s.pick("ipv4/conf/"+l+"/ignore_routes_with_linkdown", "ipv6/conf/"+l+"/ignore_routes_with_linkdown",
		"ipv6/conf/"+l+"/disable_ipv6", "ipv4/conf/"+l+"/promote_secondaries", "ipv6/conf/"+l+"/keep_addr_on_down",
		"ipv4/nexthop_compat_mode", "ipv4/ip_forward", "ipv6/conf/"+l+"/addr_gen_mode")
	value := s.pick("0", "1")
	s.log = append(s.log, "sysctl "+key+"="+value)
	_ = s.ns.Do(func() error { return os.WriteFile("/proc/sys/net/"+key, []byte(value), 0) })
}

func (s *storm) moveOp() string {
	l := s.pick("v0", "v1", "v2")
	if s.IntN(2) == 0 {
		return "link set " + l + " netns " + s.far.Name
	}
	s.farRun("link set " + l + " netns " + s.ns.Name)
	return ""
}

// stormOptions are those of the source under test: no periodic audit, which
// would hide what the triggers miss, but that of links that are down, whose
// attributes change silently for good; and a tiny buffer for some.
func stormOptions(seed uint64) Options {
	opt := Options{Audit: time.Hour, LinkAudit: time.Second}
	if seed%3 == 2 {
		opt.ReceiveBuffer = 16 << 10
	}
	return opt
}

// drift compares the tables of the host with the kernel's, and gives a slow
// machine another second or two to come to rest.
func (s *storm) drift(h *netlab.Host) []string {
	var d []string
	for range 4 {
		time.Sleep(s.quiet())
		kernel := kernelLines(s.t, s.ns)
		h.View(func(st *state.State, _ []fact.Observation) {
			d = difference(kernel, mirrorLines(st.Tables))
		})
		if len(d) == 0 {
			return nil
		}
	}
	return d
}

// replay folds the observations of a host, by way of their JSON form, into
// tables of their own.
func replay(t *testing.T, log []fact.Observation) *state.State {
	s := state.NewState()
	for i := range log {
		line := fact.AppendObservation(nil, &log[i])
		o, err := fact.ParseObservation(line)
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		s.Apply(o)
	}
	return s
}

// weather is what a storm test did.
type weather struct{ checks, rows, overruns, drifts int }

// runStorm blows a storm of ops operations and compares at quiet points.
func runStorm(t *testing.T, seed uint64, ops int, dad, alone bool) (w weather) {
	s := newStorm(t, seed, dad)
	src := state.Source(New(stormOptions(seed)))
	if alone {
		src = naive{New(stormOptions(seed))}
	}
	h := s.ns.Start(t, src)
	h.Synced(t, sourceName)
	const checks = 6
	for i := range checks {
		s.blow(ops/checks, h)
		d := s.drift(h)
		w.checks++
		h.View(func(st *state.State, _ []fact.Observation) { w.rows += len(mirrorLines(st.Tables)) })
		if len(d) == 0 {
			continue
		}
		w.drifts++
		if alone {
			return w
		}
		t.Errorf("seed %d dad %v check %d: %d rows differ (- kernel, + mirror):\n%s\nlast operations:\n%s", seed, dad,
			i, len(d), strings.Join(d, "\n"), strings.Join(s.log[max(0, len(s.log)-ops/checks-20):], "\n"))
		return w
	}
	h.View(func(st *state.State, log []fact.Observation) {
		again := mirrorLines(replay(t, log).Tables)
		if d := difference(mirrorLines(st.Tables), again); len(d) > 0 {
			t.Errorf("seed %d: the fold of the stream differs (- state, + stream):\n%s", seed, strings.Join(d, "\n"))
		}
		for _, o := range log {
			if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == fact.GapOverrun {
				w.overruns++
			}
		}
	})
	return w
}

// environ returns the number in an environment variable.
func environ(t *testing.T, key string, otherwise int) int {
	v := os.Getenv(key)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("%s=%s: want a number", key, v)
	}
	return n
}

// TestStorm compares the mirror with the kernel at the quiet points of random
// storms. STORM_SEEDS is their number, STORM_OPS the operations in each,
// STORM_FROM the first seed.
func TestStorm(t *testing.T) {
	seeds, ops, from := environ(t, "STORM_SEEDS", 2), environ(t, "STORM_OPS", 600), environ(t, "STORM_FROM", 1)
	for seed := uint64(from); seed < uint64(from+seeds); seed++ {
		for _, dad := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed-%d-dad-%v", seed, dad), func(t *testing.T) {
				t.Parallel()
				w := runStorm(t, seed, ops, dad, false)
				t.Logf("%d operations, %d checks of %d rows, %d overruns", ops, w.checks, w.rows, w.overruns)
			})
		}
	}
}

// TestStormNeedsTheMirror proves that the storm can fail: a mirror that only
// follows notifications drifts.
func TestStormNeedsTheMirror(t *testing.T) {
	t.Parallel()
	if w := runStorm(t, 1, 600, false, true); w.drifts == 0 {
		t.Errorf("%d checks found no drift of a mirror by notifications alone", w.checks)
	}
}
