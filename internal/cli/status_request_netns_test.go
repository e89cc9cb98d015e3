package cli_test

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// An asked is what the tests read of a status that was asked for something.
type asked struct {
	Request struct {
		Status, Reason, Interface, Type, By, Text string
		IPv4, IPv6                                struct{ Status, Interface, Gateway, Source string }
	}
}

// statusRequest asks for a status, and returns its answer and exit code.
func statusRequest(t *testing.T, m machine, args ...string) (got asked, code int) {
	t.Helper()
	out, bad, code := run(t, m.left, append([]string{"status", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: exit code %d, %s%s", err, code, out, bad)
	}
	return got, code
}

// TestStatusTo compares the way to hosts with what the kernel says, and what
// follows from the tables of a recording with both.
func TestStatusTo(t *testing.T) {
	m := wire(t).dual(t).quiesce(t)
	m.left.IP(t, "link add eth1 type veth peer name up1 netns "+m.right.Name)
	m.right.IP(t, "link set up1 up")
	m.left.IP(t, "link set eth1 up")
	m.left.IP(t, "addr add 198.51.100.7/24 dev eth1")
	m.left.IP(t, "route add 203.0.113.0/24 via 198.51.100.1")
	m.left.IP(t, "route add 203.0.113.64/26 via 192.0.2.9 metric 5")
	m.left.IP(t, "route add default via 198.51.100.1 table 100")
	m.left.IP(t, "rule add to 9.0.0.0/8 lookup 100 priority 50")
	m.left.IP(t, "rule add fwmark 7 lookup 100 priority 40")
	m.left.IP(t, "route add unreachable 8.0.0.0/8")
	m.quiesce(t, "eth1")
	file := filepath.Join(t.TempDir(), "ways.flap.gz")
	r := record(t, m.left, file)
	r.says("recording to " + file)
	netlab.Until(t, "the ways are recorded", func() bool {
		_, _, code := run(t, m.left, "status", file, "--to", "1.1.1.1")
		return code == 0
	})
	if code := r.ends(syscall.SIGINT); code != 0 {
		t.Fatalf("the recording ended with %d", code)
	}
	for _, dst := range []string{"1.1.1.1", "203.0.113.9", "203.0.113.70", "9.9.9.9", "198.51.100.50", "192.0.2.1", "192.0.2.7", "2001:db8::9", "2606:4700::1"} {
		var want []struct{ Gateway, Dev, PrefSrc string }
		if err := json.Unmarshal([]byte(m.left.IP(t, "-j route get "+dst)), &want); err != nil {
			t.Fatal(err)
		}
		for _, where := range [][]string{{}, {file}} {
			got, code := statusRequest(t, m, append(where, "--to", dst)...)
			p := got.Request.IPv4
			if dst[:2] == "20" && dst[3] != '.' || dst[:2] == "26" {
				p = got.Request.IPv6
			}
			if code != 0 || p.Gateway != want[0].Gateway || p.Interface != want[0].Dev || p.Source != want[0].PrefSrc {
				t.Errorf("to %s %v: got exit code %d, %+v (%s), the kernel says %+v", dst, where, code, p, got.Request.Text, want[0])
			}
			if by := map[bool]string{true: "kernel", false: "tables"}[len(where) == 0 || dst == "1.1.1.1"]; got.Request.By != by {
				t.Errorf("to %s %v: by %q, want %q", dst, where, got.Request.By, by)
			}
		}
	}
	for _, where := range [][]string{{}, {file}} {
		if got, code := statusRequest(t, m, append(where, "--to", "8.8.8.8")...); code != 1 || got.Request.Reason != "route_blocked" {
			t.Errorf("to what a route refuses %v: exit code %d, %+v", where, code, got.Request)
		}
	}
}

func TestStatusRequirements(t *testing.T) {
	m := wire(t).quiesce(t)
	m.tun(t)
	m.quiesce(t)
	tests := []struct {
		args []string
		by   string
	}{
		{nil, "tun0"},
		{[]string{"--to", "203.0.113.5"}, "tun0"},
		{[]string{"--prohibit", "tunnel"}, "eth0"},
		{[]string{"--prohibit", "tunnel", "--to", "203.0.113.5"}, "eth0"},
		{[]string{"--require", "tunnel"}, "tun0"},
		{[]string{"--require", "virtual,wired"}, "eth0"},
		{[]string{"--require", "wifi"}, ""},
		{[]string{"--prohibit", "tunnel,virtual"}, ""},
		{[]string{"--prohibit", "expensive", "--to", "192.0.2.1"}, "eth0"},
	}
	for _, tt := range tests {
		if tt.args == nil {
			tt.args = []string{"--prohibit", "expensive"}
		}
		got, code := statusRequest(t, m, tt.args...)
		if r := got.Request; (tt.by != "") != (code == 0) || tt.by != "" && r.Interface != tt.by || r.Text == "" {
			t.Errorf("%v: exit code %d, %+v; want %q", tt.args, code, r, tt.by)
		}
	}
	for _, args := range [][]string{{"--require", "fast"}, {"--prohibit", "slow"}, {"--to", ""}, {"--at", "12:00"}, {"--require", "expensive"}} {
		if _, _, code := run(t, m.left, append([]string{"status", "--no-probes"}, args...)...); code != 2 && args[1] != "" {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
	// A path that comes is waited for.
	m.left.IP(t, "route del default")
	time.AfterFunc(700*time.Millisecond, func() { m.left.Try("route add default via 192.0.2.1") })
	if got, code := statusRequest(t, m, "--prohibit", "tunnel", "--wait", "satisfied", "--timeout", "10s"); code != 0 {
		t.Errorf("a path that comes: exit code %d, %+v", code, got.Request)
	}
}
