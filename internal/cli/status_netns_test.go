package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// run runs the program in a namespace and returns its output and exit code.
func run(t *testing.T, ns *netlab.Namespace, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, bad strings.Builder
	cmd := ns.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &out, &bad
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return out.String(), bad.String(), code
}

func TestStatusAgreesWithIP(t *testing.T) {
	m := wire(t).dual(t).quiesce(t)
	out, bad, code := run(t, m.left, "status", "--json", "--no-probes")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, bad)
	}
	var got struct {
		Path struct {
			Status, Interface string
			IPv4, IPv6        struct{ Gateway, Source, Interface string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for dst, p := range map[string]struct{ Gateway, Source, Interface string }{
		"1.1.1.1": got.Path.IPv4, "2606:4700:4700::1111": got.Path.IPv6,
	} {
		var want []struct{ Gateway, Dev, PrefSrc string }
		if err := json.Unmarshal([]byte(m.left.IP(t, "-j route get "+dst)), &want); err != nil {
			t.Fatal(err)
		}
		if p.Gateway != want[0].Gateway || p.Source != want[0].PrefSrc || p.Interface != want[0].Dev {
			t.Errorf("%s: got %+v, ip route get says %+v", dst, p, want[0])
		}
	}
}

func TestExitCodes(t *testing.T) {
	up, down := wire(t).quiesce(t), netlab.New(t)
	tests := []struct {
		name string
		ns   *netlab.Namespace
		args string
		code int
	}{
		{"satisfied", up.left, "status --no-probes", 0},
		{"unsatisfied", down, "status --no-probes", 1},
		{"unknown-command", down, "fly", 2},
		{"unknown-flag", down, "status --fly", 2},
		{"bad-wait", down, "status --wait fly", 2},
		{"missing-config", down, "--config /nonexistent status", 2},
		{"missing-recording", down, "replay " + filepath.Join(t.TempDir(), "none"), 3},
		{"no-recording", down, "events /etc/hostname", 3},
		{"no-terminal", down, "--no-history", 3},
		{"version", down, "--version", 0},
		{"config", down, "config", 0},
		{"state", down, "state --json", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, bad, code := run(t, tt.ns, strings.Fields(tt.args)...)
			if code != tt.code {
				t.Errorf("exit code: got %d, want %d\n%s%s", code, tt.code, out, bad)
			}
			if n := strings.Count(bad, "\n"); n > 1 {
				t.Errorf("standard error: got %d lines, want one at most:\n%s", n, bad)
			}
			if code >= 2 && !strings.HasPrefix(bad, "flapscope: ") {
				t.Errorf("standard error: got %q, want what failed", bad)
			}
		})
	}
}

func TestStatusWaits(t *testing.T) {
	m := wire(t).quiesce(t)
	m.left.IP(t, "route del default")
	time.AfterFunc(700*time.Millisecond, func() { m.left.Try("route add default via 192.0.2.1") })
	if _, bad, code := run(t, m.left, "status", "--no-probes", "--wait", "satisfied", "--timeout", "10s"); code != 0 {
		t.Errorf("a path that comes: exit code %d, %s", code, bad)
	}
	if _, _, code := run(t, m.left, "status", "--no-probes", "--wait", "unsatisfied", "--timeout", "300ms"); code != 1 {
		t.Errorf("a loss that does not come: exit code %d, want 1", code)
	}
}
