//go:build linux

package kernel

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestLookups compares the lookups with "ip route get", bound and unbound,
// under policies that a look at the main table does not show.
func TestLookups(t *testing.T) {
	const physical = "route add default via 10.0.0.1"
	wgQuick := []string{
		physical, "tuntap add wg0 mode tun", "addr add 10.66.0.2/32 dev wg0", "link set wg0 up",
		"route add default dev wg0 table 51820", "rule add not fwmark 51820 table 51820 priority 100",
		"rule add table main suppress_prefixlength 0 priority 99",
	}
	for _, tt := range []struct {
		name    string
		prepare []string
		// want is the answer for the first destination: an interface, or a
		// refusal. marked is the answer with the tunnel's mark.
		want, marked string
	}{
		{"none", nil, "ENETUNREACH", ""},
		{"default", []string{physical}, "v0", ""},
		{"halves", []string{physical, "route add 0.0.0.0/1 via 10.1.0.1", "route add 128.0.0.0/1 via 10.1.0.1"}, "v1", ""},
		{"wg-quick", wgQuick, "wg0", "v0"},
		{"wg-quick-down", append(slices.Clone(wgQuick), "link set wg0 down"), "v0", "v0"},
		{"own-table", []string{physical, "route add default via 10.1.0.1 table 52", "rule add table 52 priority 100"}, "v1", ""},
		{"unreachable", []string{"route add unreachable default metric 5"}, "EHOSTUNREACH", ""},
		{"prohibit", []string{"route add prohibit default"}, "EACCES", ""},
		{"blackhole", []string{"route add blackhole default"}, "EINVAL", ""},
		{"throw", []string{"route add throw default"}, "ENETUNREACH", ""},
		{"rule-prohibit", []string{physical, "rule add prohibit priority 100"}, "EACCES", ""},
		{"rule-unreachable", []string{physical, "rule add unreachable priority 100"}, "ENETUNREACH", ""},
		{"rule-blackhole", []string{physical, "rule add blackhole priority 100"}, "EINVAL", ""},
		{"unreachable-ipv6", []string{"-6 route add unreachable default"}, "ENETUNREACH", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(strings.Join(tt.prepare, " "), "tuntap") {
				netlab.NeedsTun(t)
			}
			l := newLab(t, tt.prepare...)
			q := fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}
			check := func(q fact.Question, want string) {
				t.Helper()
				l.exact.View(func(s *state.State, _ []fact.Observation) {
					a := s.Lookups[q]
					if a == nil || string(a.Err) != want && string(s.Name(a.Index)) != want {
						t.Errorf("lookup of %+v is %+v, want %s", q, a, want)
					}
				})
			}
			check(q, tt.want)
			if tt.marked != "" {
				q.Mark = 51820
				check(q, tt.marked)
			}
			l.compareLookups()
		})
	}
}

// compareLookups compares every lookup with "ip route get". The mark and the
// interface are given to ip as to the kernel, but ip asks without the matched
// route, so that a bogus success bound to an interface must be left out.
func (l *lab) compareLookups() {
	l.t.Helper()
	l.exact.View(func(s *state.State, _ []fact.Observation) {
		for q, a := range s.Lookups {
			args := "-" + map[fact.Family]string{fact.IPv4: "4", fact.IPv6: "6"}[q.Family] + " route get fibmatch " + q.Dst.String()
			if q.OIF != 0 {
				args += " oif " + string(s.Name(q.OIF))
			}
			if q.Mark != 0 {
				args += " mark " + strconv.Itoa(int(q.Mark))
			}
			out, err := l.ns.Try(args)
			if (err == nil) != (a.Err == "") {
				l.t.Errorf("lookup %+v, but ip %s: %v %s", a, args, err, out)
			} else if err == nil && !strings.Contains(out, "dev "+string(s.Name(a.Index))) {
				l.t.Errorf("lookup by %s, but ip %s: %s", s.Name(a.Index), args, out)
			}
		}
	})
}

// TestUnprivileged runs a source as nobody: it must see everything, with a
// smaller buffer.
func TestUnprivileged(t *testing.T) {
	netlab.NeedsMachine(t, "to become nobody")
	t.Parallel()
	ns := netlab.New(t)
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("SKIPPED: needs setpriv(1), to drop privileges")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copied := copyOut(t, self)
	ns.IP(t, "link add v0 type veth peer name p0")
	ns.IP(t, "addr add 10.0.0.7/24 dev v0")
	cmd := ns.Command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
		"--bounding-set", "-all", copied)
	cmd.Env = append(os.Environ(), childVariable+"=20000")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var problem strings.Builder
	cmd.Stderr = &problem
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	synced := false
	netlab.Until(t, "the unprivileged source has synced", func() bool {
		_, err := in.Write([]byte("\n"))
		ended := err != nil || !said.Scan()
		synced = !ended && strings.HasSuffix(said.Text(), "true")
		return synced || ended
	})
	in.Close()
	if err := cmd.Wait(); err != nil || !synced {
		t.Fatalf("synced: %v, %v: %s", synced, err, problem.String())
	}
}

// copyOut copies a file to where anybody may run it.
func copyOut(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp("", "flapscope-kernel")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Cleanup(func() { os.Remove(f.Name()) })
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Chmod(0o755); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}
