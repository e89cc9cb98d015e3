package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// TestCrowdOfInterfaces: hundreds of interfaces that all change at once are
// followed in bounded memory, and the program ends when it is asked to.
func TestCrowdOfInterfaces(t *testing.T) {
	const pairs = 300
	ns := netlab.New(t)
	var add, change strings.Builder
	for i := range pairs {
		fmt.Fprintf(&add, "link add a%d type veth peer name b%d\n", i, i)
		fmt.Fprintf(&change, "link set a%d up\nlink set b%d up\n", i, i)
	}
	for i := range pairs {
		fmt.Fprintf(&change, "link set a%d down\n", i)
	}
	batch := func(commands string) {
		t.Helper()
		name := filepath.Join(t.TempDir(), "batch")
		if err := os.WriteFile(name, []byte(commands), 0o600); err != nil {
			t.Fatal(err)
		}
		ns.IP(t, "-batch "+name)
	}
	batch(add.String())
	cmd := ns.Command(binary(t), "events", "--json", "--no-probes")
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	events := &started{t: t, process: cmd}
	cmd.Stdout = events
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	events.says(`"scope":"machine"`)
	batch(change.String())
	events.says(`"scope":"interface:a7"`)
	if got := peak(t, cmd.Process.Pid) / 1000; got == 0 || got > 120 {
		t.Errorf("peak memory: got %d MB, want at most 120", got)
	}
	// It takes far less than a second where the machine has nothing else to do.
	hang := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer hang.Stop()
	if code := events.ends(syscall.SIGINT); code != 0 {
		t.Errorf("ended with %d", code)
	}
}

// peak returns the most memory that a process ever had, in kB, or 0 where it has
// ended. What getrusage(2) says would be at least what its parent has: a process that
// starts a program has the memory of that.
func peak(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb
		}
	}
	return 0
}
