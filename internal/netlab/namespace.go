//go:build linux

// Package netlab makes network namespaces for tests of what only a kernel can
// answer. It never touches the namespace that the tests run in.
package netlab

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A Namespace is a network namespace that lives as long as a test.
type Namespace struct {
	// Name is the name by which "ip -n" knows it.
	Name string
}

// New makes a namespace with its loopback up, which is removed when the test
// ends. It skips the test unless it runs as root, be it in a user namespace: see
// Run.
func New(t testing.TB) *Namespace {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: needs root or user namespaces, to make network namespaces")
	}
	// Names are global to the machine; other tests run beside this one.
	ns := &Namespace{Name: fmt.Sprintf("flap-%d-%08x", os.Getpid(), rand.Uint32())}
	if out, err := exec.Command("ip", "netns", "add", ns.Name).CombinedOutput(); err != nil {
		t.Fatalf("ip netns add %s: %v: %s", ns.Name, err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", ns.Name).CombinedOutput(); err != nil {
			t.Errorf("ip netns del %s: %v: %s", ns.Name, err, out)
		}
	})
	ns.IP(t, "link set lo up")
	return ns
}

// IP runs ip(8) inside the namespace with the words of args and returns what it
// prints. It fails the test if ip does.
func (ns *Namespace) IP(t testing.TB, args string) string {
	t.Helper()
	out, err := ns.Try(args)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Try is IP for commands that may fail.
func (ns *Namespace) Try(args string) (string, error) {
	words := append([]string{"-n", ns.Name}, strings.Fields(args)...)
	out, err := exec.Command("ip", words...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ip %s: %w: %s", strings.Join(words, " "), err, out)
	}
	return string(out), nil
}

// Command returns a command that runs inside the namespace.
func (ns *Namespace) Command(name string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", ns.Name, name}, args...)...)
}

// Sysctl sets net/KEY, "ipv4/ip_forward" say, inside the namespace.
func (ns *Namespace) Sysctl(t testing.TB, key, value string) {
	t.Helper()
	err := ns.Do(func() error {
		return os.WriteFile(filepath.Join("/proc/sys/net", key), []byte(value), 0)
	})
	if err != nil {
		t.Fatalf("sysctl %s in %s: %v", key, ns.Name, err)
	}
}

// AllowPingSockets lets every group that there is open ping sockets (icmp(7)).
func (ns *Namespace) AllowPingSockets(t testing.TB) {
	t.Helper()
	all := "0 2147483647"
	if Contained() {
		all = "0 0" // The kernel refuses groups that the user namespace lacks.
	}
	ns.Sysctl(t, "ipv4/ping_group_range", all)
}

// Do calls fn on a thread inside the namespace and returns its error. The
// thread is never used for anything else: it ends with the call. Goroutines
// that fn starts run elsewhere.
func (ns *Namespace) Do(fn func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := ns.enter(); err != nil {
			result <- err
			return
		}
		result <- fn()
	}()
	return <-result
}

func (ns *Namespace) enter() error {
	f, err := os.Open(filepath.Join("/run/netns", ns.Name))
	if err != nil {
		return fmt.Errorf("open namespace: %w", err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter namespace %s: %w", ns.Name, err)
	}
	return nil
}
