package vmlab

import (
	"strings"
	"testing"
)

// TestCage enters the cage under Debian's kernel, whose Landlock is older than
// TCP, and reads a recording in it with every command.
func TestCage(t *testing.T) {
	m := lab(t, Options{HostFiles: map[string]string{"/bin/cage.test": product(t, "cage.test")}})
	out := m.Run(t, "cage.test -test.v")
	for _, want := range []string{"--- PASS: TestReadOnly", "--- PASS: TestCapabilities"} {
		if !strings.Contains(out, want) {
			t.Errorf("not %q:\n%s", want, out)
		}
	}
	// Linux 6.1, as Debian 12 has it.
	if got := m.Run(t, "flapscope --version"); strings.HasPrefix(m.Release, "6.1.") && !strings.Contains(got, "Landlock (ABI 2) for files\n") {
		t.Errorf("the cage under %s is %q", m.Release, got)
	}
	wire(t, m, "c")
	m.Run(t, "mkdir /run/mine; ip netns exec c flapscope record /run/mine/a.flap.gz --no-probes --for 2s; mkfifo /run/in")
	for args, want := range map[string]string{
		"events": "satisfied", "events --all": "192.0.2.7", "events --all --json": `"ifname":"eth0"`, "state": "192.0.2.7/24",
		"state --json": "192.0.2.7", "history stats": "machine", "verify": "whole",
	} {
		r := m.Try(t, "flapscope "+args+" /run/mine/a.flap.gz")
		if r.Code != 0 || !strings.Contains(r.Stdout, want) {
			t.Errorf("%s: exit code %d, not %q:\n%s%s", args, r.Code, want, r.Stdout, r.Stderr)
		}
	}
}
