package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// A started is a "record" that runs in a namespace.
type started struct {
	t       *testing.T
	process *exec.Cmd
	mu      sync.Mutex
	said    bytes.Buffer
}

// Write takes what it says on standard error.
func (r *started) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.Write(b)
}

func (r *started) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String()
}

// says waits until it has said something.
func (r *started) says(what string) {
	r.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(r.text(), what); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("it never said %q, but\n%s", what, r.text())
		}
	}
}

// ends sends a signal, if there is one, and returns the exit code.
func (r *started) ends(s os.Signal) int {
	r.t.Helper()
	if s != nil {
		if err := r.process.Process.Signal(s); err != nil {
			r.t.Fatal(err)
		}
	}
	r.process.Wait()
	return r.process.ProcessState.ExitCode()
}

// record starts to record to name, by way of the command line before it.
func record(t *testing.T, ns *netlab.Namespace, name string, by ...string) *started {
	t.Helper()
	args := append(by, binary(t), "record", "--no-probes", name)
	r := &started{t: t, process: ns.Command(args[0], args[1:]...)}
	r.process.Stderr = r
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.process.Process.Kill() })
	return r
}

func TestRecordEndsOnHangup(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "x.flap.gz")
			// Where the tests are run under nohup(1), a program that they start
			// would outlive SIGHUP too, as it should.
			r := record(t, netlab.New(t), name, "env", "--default-signal=HUP")
			r.says("recording to " + name)
			if code := r.ends(s); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if _, err := os.Stat(name + ".open"); err == nil {
				t.Error("the journal is still there: the recording has no end")
			}
			if info, err := os.Stat(name); err != nil || !strings.Contains(r.text(), name+", ") || info.Size() == 0 {
				t.Errorf("%v; it said\n%s", err, r.text())
			}
		})
	}
}

// What nohup(1) starts goes on when the terminal is gone.
func TestRecordOutlivesHangupUnderNohup(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.flap.gz")
	r := record(t, netlab.New(t), name, "nohup")
	r.says("recording to " + name)
	if err := r.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if code := r.ends(syscall.SIGTERM); code != 0 || !strings.Contains(r.text(), name+", ") {
		t.Errorf("exit code %d, it said\n%s", code, r.text())
	}
}

// Of several that begin on one name, one records, and each other one says so.
func TestRecordersOfOneName(t *testing.T) {
	ns, name := netlab.New(t), filepath.Join(t.TempDir(), "x.flap.gz")
	var all []*started
	for range 6 {
		all = append(all, record(t, ns, name))
	}
	records := 0
	for _, r := range all {
		r.says("\n")
	}
	for _, r := range all {
		var signal os.Signal
		if strings.Contains(r.text(), "recording to "+name) {
			signal = syscall.SIGTERM
		}
		switch code := r.ends(signal); {
		case code == 0 && signal != nil:
			records++
		case code != 2 && code != 3 || strings.Contains(r.text(), "recording to") || strings.Count(r.text(), "\n") != 1:
			t.Errorf("exit code %d, it said\n%s", code, r.text())
		}
	}
	if records != 1 {
		t.Errorf("%d recorded, want 1", records)
	}
}

// A file that is removed is followed by another, which is named, and the size
// at the end is that one's.
func TestRecordNamesTheFileItWrites(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.flap.gz")
	r := record(t, netlab.New(t), name)
	r.says("recording to " + name)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	next := strings.TrimSuffix(name, ".flap.gz") + "-1.flap.gz"
	r.says("not recording: " + name + " was removed")
	r.says("recording again, to " + next)
	if err := os.WriteFile(name, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := r.ends(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !regexp.MustCompile(regexp.QuoteMeta(next) + `, [0-9.]+ k?B\n$`).MatchString(r.text()) {
		t.Errorf("it said\n%s", r.text())
	}
}

// A full disk is reported when it is full, and when it no longer is.
func TestRecordSaysThatTheDiskIsFull(t *testing.T) {
	ns, dir := netlab.New(t), t.TempDir()
	ns.IP(t, "link add d0 type veth peer name d1")
	// The disk is in its own mount namespace, and is emptied once it was said to be full.
	const script = `full=$1; shift; mount -t tmpfs -o size=1m none "$0" && { head -c 980k /dev/zero > "$0/fill"; ` +
		`{ sleep 1; cat /dev/zero >> "$0/fill"; while [ -e "$full" ]; do ip link set d0 down; ip link set d0 up; sleep 0.1; done; rm "$0/fill"; } 2>/dev/null & exec "$@"; }`
	full := filepath.Join(t.TempDir(), "full")
	if err := os.WriteFile(full, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := record(t, ns, filepath.Join(dir, "x.flap.gz"), "unshare", "-m", "sh", "-c", script, dir, full)
	r.says("recording to ")
	r.says("not recording: ")
	r.says("no space left on device")
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	r.says("recording again, to ")
	if code := r.ends(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(r.text(), "\n"); n > 8 {
		t.Errorf("%d lines:\n%s", n, r.text())
	}
}
