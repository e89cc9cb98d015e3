package cage

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain runs what a child of a test does in a cage, of which there is no way
// out.
func TestMain(m *testing.M) {
	if os.Getenv("CAGE_CHILD") != "" {
		child(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// child enters the cage that the first argument names, and says what it can do.
func child(args []string) {
	// Threads of before are in it too.
	var running, done sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		running.Add(1)
		done.Go(func() {
			runtime.LockOSThread()
			running.Done()
			<-stop
		})
	}
	running.Wait()
	var p Process
	switch args[0] {
	case "start":
		p.Start()
	case "opened":
		p.Start()
		p.Opened()
	case "drop":
		p.Start()
		p.Drop()
	case "read":
		p.ReadOnly("", args[1:]...)
		report(args[1:])
	case "write":
		p.ReadOnly(args[1], args[2:]...)
		report(args[2:])
		name := filepath.Join(args[1], "made")
		fmt.Println("make", errno(os.WriteFile(name, []byte("text"), 0o600)))
		b, err := os.ReadFile(name)
		fmt.Println("read again", len(b), errno(err))
		fmt.Println("remove again", errno(os.Remove(name)))
	}
	for _, file := range list("/proc/self/task/*/status") {
		b, err := os.ReadFile(file)
		if err != nil {
			fmt.Println("status:", errno(err))
			continue
		}
		for _, key := range []string{"NoNewPrivs", "CapEff", "CapPrm", "CapInh", "CapAmb"} {
			fmt.Println(strings.Join(strings.Fields(regexp.MustCompile(`(?m)^`+key+`:.*`).FindString(string(b))), " "))
		}
	}
	close(stop)
	done.Wait()
}

// say says what the cage lets through.
func report(files []string) {
	for _, file := range append(files, "/etc/passwd", files[0]+".open", filepath.Join(filepath.Dir(files[0]), "other")) {
		_, err := os.ReadFile(file)
		fmt.Println("read", filepath.Base(file), errno(err))
	}
	_, err := os.OpenFile(files[0], os.O_WRONLY, 0)
	fmt.Println("write", errno(err))
	fmt.Println("create", errno(os.WriteFile(filepath.Join(filepath.Dir(files[0]), "new"), nil, 0o600)))
	fmt.Println("remove", errno(os.Remove(files[0])))
	_, err = net.Dial("tcp4", "127.0.0.1:1")
	fmt.Println("connect", errno(err))
	fmt.Println("run", errno(exec.Command("/bin/true").Run()))
	fmt.Println("limit", debug.SetMemoryLimit(-1))
}

func list(pattern string) []string {
	found, _ := filepath.Glob(pattern)
	return found
}

func errno(err error) string {
	var n syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &n):
		return unix.ErrnoName(n)
	}
	return err.Error()
}

// inChild runs a child with ambient capabilities, or as root, and returns what
// it said, each line once.
func inChild(t *testing.T, root bool, args ...string) []string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to have capabilities to give up")
	}
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), "CAGE_CHILD=1")
	if !root {
		cmd.Path = public(t)
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: []uintptr{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_SYS_TIME},
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	return slices.Compact(lines)
}

// public returns a copy of this test that another user can run.
func public(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cage")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "test")
	if err := errors.Join(os.WriteFile(name, b, 0o700), os.Chmod(name, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestCapabilities: every thread is left with what is used, and no more.
func TestCapabilities(t *testing.T) {
	const none = "0000000000000000"
	caps := func(sets string) []string {
		return []string{"CapAmb: " + none, "CapEff: " + sets, "CapInh: " + none, "CapPrm: " + sets, "NoNewPrivs: 1"}
	}
	for _, tt := range []struct {
		stage      string
		user, root string
	}{
		{"start", "0000000000003000", "0000000000003006"},
		{"opened", "0000000000002000", "0000000000002006"},
		{"drop", "0000000000000000", "0000000000000004"},
	} {
		t.Run(tt.stage, func(t *testing.T) {
			if got, want := inChild(t, true, tt.stage), caps(tt.root); !slices.Equal(got, want) {
				t.Errorf("root has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if got, want := inChild(t, false, tt.stage), caps(tt.user); !slices.Equal(got, want) {
				t.Errorf("a user has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestReadOnly: what is named can be read, and nothing else done, but for making files in
// the output that is named.
func TestReadOnly(t *testing.T) {
	abi := landlockABI()
	if abi == 0 {
		t.Skip("this kernel has no Landlock")
	}
	dir := t.TempDir()
	inside := filepath.Join(dir, "directory")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "a.open", "other", "directory/b"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	both := []string{
		"read a ok", "read b ok", "read a.open ok", "read other EACCES", "read passwd EACCES",
		"write EACCES", "create EACCES", "remove EACCES", "run EACCES", "limit 83886080",
	}
	if abi >= 4 {
		both = append(both, "connect EACCES")
	}
	output := t.TempDir()
	for _, tt := range []struct{ args, want []string }{
		{[]string{"read"}, both},
		{[]string{"write", output}, append(both, "make ok", "read again 4 ok", "remove again ok")},
	} {
		got := inChild(t, true, append(tt.args, filepath.Join(dir, "a"), filepath.Join(inside, "b"))...)
		for _, w := range tt.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: not %q, but\n%s", tt.args[0], w, strings.Join(got, "\n"))
			}
		}
	}
}
