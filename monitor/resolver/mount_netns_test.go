package resolver

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// childEnv makes the test binary a process that watches DefaultPath and prints
// what it sees as JSON lines.
const childEnv = "FLAPSCOPE_RESOLVER_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	src := New(Options{BusAddress: "unix:path=/nonexistent"})
	src.pollFile = time.Hour
	if err := src.Run(context.Background(), printer{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type printer struct{}

func (printer) Update(fn func(*state.State, fact.Emit)) {
	fn(nil, func(o fact.Observation) {
		if err := json.NewEncoder(os.Stdout).Encode(o.Fact); err != nil {
			panic(err)
		}
	})
}

// In a namespace entered by ip-netns(8) the file is a bind mount, as in a
// container: what is written to it happens in a directory that the mount
// hides.
func TestBindMount(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: not root: a bind-mounted resolv.conf is not tested")
	}
	name := fmt.Sprintf("flapres%d", os.Getpid())
	dir := filepath.Join("/etc/netns", name)
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Fatalf("ip netns add: %v: %s", err, out)
	}
	mkdir(t, dir)
	t.Cleanup(func() {
		_ = exec.Command("ip", "netns", "del", name).Run()
		_ = os.RemoveAll(dir)
		_ = os.Remove("/etc/netns") // only if nobody else uses it
	})
	path := filepath.Join(dir, "resolv.conf")
	file(t, path, "nameserver 192.0.2.1\n")

	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ip", "netns", "exec", name, exe)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("end of output, want %s", want)
		}
		if lines.Text() != want {
			t.Fatalf("line %s, want %s", lines.Text(), want)
		}
	}
	next(`{"source":"resolv.conf","servers":[{"addr":"192.0.2.1","port":53}]}`)
	next(`{"source":"resolver"}`)
	file(t, path, "nameserver 192.0.2.2\n")
	next(`{"source":"resolv.conf","servers":[{"addr":"192.0.2.2","port":53}]}`)
}
