//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// containedEnv is set in the process that Run starts.
const containedEnv = "FLAPSCOPE_TEST_CONTAINED"

// unfurnished is the exit code of a process that may have namespaces, but not
// use them: AppArmor can be set up so.
const unfurnished = 120

// Run runs the tests of a package as root, or as whoever is root in a user
// namespace of their own, where a kernel allows that (user_namespaces(7)).
// There they can make network namespaces without being root of the machine. It
// returns the exit code.
func Run(m *testing.M) int {
	// What tests write is read by others, whatever the umask of who runs them.
	unix.Umask(0o022)
	if os.Getenv(containedEnv) != "" {
		if err := furnish(); err != nil {
			fmt.Fprintln(os.Stderr, "netlab:", err)
			return unfurnished
		}
		return m.Run()
	}
	if os.Geteuid() == 0 {
		return m.Run()
	}
	// The signal for the death of a parent is that of its thread.
	runtime.LockOSThread()
	cmd, err := contain()
	if err != nil {
		return m.Run() // What needs root is skipped.
	}
	err = cmd.Wait()
	switch exit, ok := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return 0
	case ok && exit.ExitCode() == unfurnished:
		return m.Run()
	case ok && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	return 1
}

// Contained reports whether root is root of a user namespace only: nobody else
// exists there, and what belongs to the machine as a whole is out of reach.
func Contained() bool { return os.Getenv(containedEnv) != "" }

// NeedsMachine skips a test that needs to be root of the machine.
func NeedsMachine(t testing.TB, why string) {
	t.Helper()
	if os.Geteuid() != 0 || Contained() {
		t.Skip("SKIPPED: needs root of the machine, " + why)
	}
}

// NeedsTun skips a test that makes tun devices where this process may not.
func NeedsTun(t testing.TB) {
	t.Helper()
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("SKIPPED: needs a tun device: %v", err)
	}
	f.Close()
}

// contain starts this program again, with the same arguments, in a user, mount
// and network namespace of its own.
func contain() (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), containedEnv+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   unix.SIGKILL,
	}
	return cmd, cmd.Start()
}

// furnish makes in fresh namespaces what tests find on a machine: a place for
// the names of network namespaces, a sysfs of this network namespace, and a
// loopback.
func furnish() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return fmt.Errorf("mount /sys: %w", err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w: %s", err, out)
	}
	return nil
}
