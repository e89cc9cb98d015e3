package cli_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endless writes a recording that takes any command many seconds: thousands of
// interfaces that flap, and thousands of rollups.
func endless(t *testing.T, name string) {
	t.Helper()
	const head, interfaces = `{"time":"2026-11-20T14:00:00Z","mono_ns":%d,"kind":"%s",`, 3000
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	fmt.Fprintf(z, head+`"session":{"schema":1}}`+"\n", 1, "session")
	fmt.Fprintf(z, head+`"sync":{"source":"kernel"}}`+"\n", 2, "sync")
	for i := range 300 * interfaces {
		flags := [...]string{`"UP","LOWER_UP"`, `"UP"`}[i/interfaces%2]
		fmt.Fprintf(z, head+`"op":"put","link":{"ifindex":%d,"ifname":"e%[3]d","type":"wired","flags":[%s],"mtu":1500}}`+"\n",
			1000+i*1_000_000, "link", i%interfaces+2, flags)
		if i%200 == 0 {
			fmt.Fprintf(z, head+`"rollup":{"from_ns":%d,"to_ns":%[1]d,"step_ns":60000000000,"scopes":[{"scope":"machine","changes":[%s{}]}]}}`+"\n",
				1000+i*1_000_000, "rollup", i, strings.Repeat(`{},`, 1000))
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestInterrupt: SIGINT ends every command that reads recordings at once, whatever
// it is doing.
func TestInterrupt(t *testing.T) {
	home := t.TempDir()
	kept := filepath.Join(home, "flapscope")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(kept, "a.flap.gz")
	endless(t, file)
	busy := 0
	for _, line := range []string{
		"events FILE", "events --all FILE", "events --all --json FILE", "state FILE", "state --json FILE", "state -",
		"history", "history --json", "history stats", "history stats FILE", "history save SAVED --last 100h",
		"verify FILE", "verify --json FILE", "replay FILE", "replay", "status --no-probes --wait unsatisfied",
		"status FILE", "check FILE", "wifi FILE", "incidents", "incidents --json FILE", "diff FILE FILE", "diff --marks FILE",
		"redact FILE -o SAVED", "report FILE -o SAVED", "report --format html FILE -o SAVED", "report --format trace FILE -o SAVED",
		"report --format csv --table samples --redact none FILE -o SAVED", "demo",
	} {
		saved := filepath.Join(t.TempDir(), "saved.flap.gz")
		args := strings.Fields(strings.NewReplacer("FILE", file, "SAVED", saved).Replace(line))
		cmd := exec.Command(binary(t), args...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+home)
		var said strings.Builder
		cmd.Stderr = &said
		if interrupted(t, cmd, line) {
			busy++
		}
		left, _ := filepath.Glob(saved + "*")
		for _, name := range left {
			// Where no file can be removed any more it is empty, which is said.
			if info, err := os.Stat(name); err != nil || info.Size() > 0 || !strings.Contains(said.String(), "is empty: it can be removed") {
				t.Errorf("%s left %s and said %q", line, name, said.String())
			}
		}
	}
	if busy < 20 {
		t.Errorf("%d commands were busy: this shows nothing", busy)
	}
}

// TestInterruptIgnored: it does so too where a script has put the command into
// the background, which starts with SIGINT ignored.
func TestInterruptIgnored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.flap.gz")
	endless(t, file)
	busy := 0
	for _, line := range []string{"events FILE", "state -", "report FILE", "events --no-probes"} {
		args := append([]string{"-c", `trap "" INT; exec "$@"`, "sh", binary(t)}, strings.Fields(strings.ReplaceAll(line, "FILE", file))...)
		if interrupted(t, exec.Command("sh", args...), line) {
			busy++
		}
	}
	if busy < 3 {
		t.Errorf("%d commands were busy: this shows nothing", busy)
	}
}

// interrupted starts a command and interrupts it, unless it ends before.
func interrupted(t *testing.T, cmd *exec.Cmd, line string) bool {
	t.Helper()
	// It does not end: what reads it waits.
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		t.Logf("%s ended before it was interrupted", line)
		return false
	case <-time.After(100 * time.Millisecond):
	}
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGINT); errors.Is(err, os.ErrProcessDone) {
		t.Logf("%s ended when it was interrupted", line)
		return false
	} else if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		// It takes less than a second where the machine has nothing else to do;
		// how long it takes here is no matter of a test.
		t.Logf("%s ended %v after it was interrupted", line, time.Since(began).Round(time.Millisecond))
	case <-time.After(time.Minute):
		t.Errorf("%s does not end", line)
		cmd.Process.Kill()
	}
	return true
}
