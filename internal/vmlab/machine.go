package vmlab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options say what a machine has beyond busybox and ip(8).
type Options struct {
	// Kernel is the version of the kernel, "6.12"; if empty it is that of Debian's
	// release.
	Kernel string
	// Modules are loaded at boot; OnDemand are there for the kernel to load.
	Modules, OnDemand []string
	// Programs are names of programs of the host.
	Programs []string
	// Files are written into the machine, by their path in it.
	Files map[string][]byte
	// HostFiles are files of the host by their path in the machine.
	HostFiles map[string]string
	// CPUs is the number of processors; 1 if zero.
	CPUs int
	// NICs is the number of network cards, called nic0, nic1… by Monitor, whose
	// cables lead nowhere.
	NICs int
}

// bootTime bounds how long a machine may take to boot: three seconds are usual
// without hardware acceleration, on a busy machine several times that.
const bootTime = 2 * time.Minute

// A Machine is a running virtual machine.
type Machine struct {
	// Release is the kernel's.
	Release string

	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	console string
	monitor string
	// stream is the path of what a stream is kept in, but for its number, and
	// streams how many are in use.
	stream  string
	streams int
}

// maxStreams bounds the streams of a machine.
const maxStreams = 4

// Boot starts a machine that lives as long as the test. It skips the test when
// there is no emulator or no kernel to be had.
func Boot(t testing.TB, o Options) *Machine {
	t.Helper()
	m, err := boot(t.TempDir(), o)
	if errors.Is(err, errUnavailable) {
		t.Skipf("SKIPPED: no virtual machine: %v", err)
	}
	if err != nil {
		t.Fatalf("boot a virtual machine: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("last words on the console of the machine:\n%s", m.lastWords())
		}
		m.stop()
		t.Logf("the machine took %v of a processor", m.cpu().Round(100*time.Millisecond))
	})
	if err := m.await(); err != nil {
		t.Fatalf("boot a virtual machine: %v", err)
	}
	return m
}

func boot(dir string, o Options) (*Machine, error) {
	qemu, err := program("qemu-system-x86_64")
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		// Without a home directory.
		cache = os.TempDir()
	}
	k, err := FetchKernel(filepath.Join(cache, "flapscope-vmlab"), o.Kernel)
	if err != nil {
		return nil, err
	}
	image := filepath.Join(dir, "initramfs")
	if err := writeImage(image, k, o); err != nil {
		return nil, err
	}
	m := &Machine{
		Release: k.Release, console: filepath.Join(dir, "console"), monitor: filepath.Join(dir, "monitor"),
		stream: filepath.Join(dir, "stream"),
		cmd:    exec.Command(qemu, "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "640"),
	}
	m.cmd.Args = append(m.cmd.Args,
		"-smp", fmt.Sprint(max(1, o.CPUs)), "-nodefaults", "-display", "none", "-no-reboot",
		// On a busy host no tick may come in time for the kernel's test of its timer,
		// which ends with a panic.
		"-kernel", k.Image, "-initrd", image, "-append", "no_timer_check console=ttyS0 panic=-1 quiet no_console_suspend nokaslr mitigations=off random.trust_cpu=on",
		"-serial", "file:"+m.console, "-monitor", "unix:"+m.monitor+",server=on,wait=off",
		"-chardev", "stdio,id=control,signal=off", "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=control")
	for i := range maxStreams {
		m.cmd.Args = append(m.cmd.Args, "-chardev", fmt.Sprintf("file,id=stream%d,path=%s%d", i, m.stream, i),
			"-device", fmt.Sprintf("virtserialport,chardev=stream%d", i))
	}
	for i := range o.NICs {
		m.cmd.Args = append(m.cmd.Args, "-netdev", fmt.Sprintf("hubport,hubid=%d,id=cable%d", i, i),
			"-device", fmt.Sprintf("e1000,netdev=cable%d,id=nic%d,romfile=", i, i))
	}
	return m, m.start()
}

func (m *Machine) start() error {
	stderr, err := os.Create(m.console + ".err")
	if err != nil {
		return err
	}
	defer stderr.Close()
	m.cmd.Stderr = stderr
	if m.in, err = m.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	m.out = bufio.NewReader(out)
	return m.cmd.Start()
}

// await waits until the machine takes scripts.
func (m *Machine) await() error {
	return m.within(bootTime, func() error {
		line, err := m.out.ReadString('\n')
		if err == nil && line != "ready\n" {
			err = fmt.Errorf("it said %q, want ready", line)
		}
		return err
	})
}

// within runs fn, and kills the machine when that takes too long, which ends
// fn too.
func (m *Machine) within(most time.Duration, fn func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = m.cmd.Process.Kill() })
	defer stop()
	err := fn()
	if ctx.Err() != nil {
		return fmt.Errorf("no answer within %v", most)
	}
	return err
}

func (m *Machine) stop() {
	_ = m.cmd.Process.Kill()
	// The error is that it was killed.
	_ = m.cmd.Wait()
}

// cpu is how long the emulator has computed, once it has ended.
func (m *Machine) cpu() time.Duration {
	if m.cmd.ProcessState == nil {
		return 0
	}
	return m.cmd.ProcessState.UserTime() + m.cmd.ProcessState.SystemTime()
}

// Stream returns a device of the machine that a script may write to, and the file
// of the host in which that arrives: to read it costs the machine nothing. In a
// script the device has to be expanded, "$(echo DEVICE)".
func (m *Machine) Stream(t testing.TB) (device, file string) {
	t.Helper()
	if m.streams == maxStreams {
		t.Fatalf("a machine has %d streams", maxStreams)
	}
	// The first port takes the scripts.
	device, file = fmt.Sprintf("/dev/vport*p%d", m.streams+2), fmt.Sprintf("%s%d", m.stream, m.streams)
	m.streams++
	return device, file
}

// lastWords returns the end of the console's output and of the emulator's.
func (m *Machine) lastWords() string {
	var b strings.Builder
	for _, f := range []string{m.console, m.console + ".err"} {
		text, err := os.ReadFile(f)
		if err != nil {
			fmt.Fprintln(&b, err)
		}
		b.Write(text[max(0, len(text)-4000):])
	}
	return b.String()
}

// scriptTime bounds how long a script may take.
const scriptTime = 4 * time.Minute

// A Result is what a script did.
type Result struct {
	// Code is the exit code.
	Code           int
	Stdout, Stderr string
}

// Try runs a shell script inside the machine and returns what it did. It fails
// the test only when the machine does not answer.
func (m *Machine) Try(t testing.TB, script string) (r Result) {
	t.Helper()
	err := m.within(scriptTime, func() error {
		if _, err := fmt.Fprintf(m.in, "%d\n%s", len(script), script); err != nil {
			return err
		}
		var nout, nerr int
		if _, err := fmt.Fscanf(m.out, "%d %d %d\n", &r.Code, &nout, &nerr); err != nil {
			return err
		}
		both := make([]byte, nout+nerr)
		_, err := io.ReadFull(m.out, both)
		r.Stdout, r.Stderr = string(both[:nout]), string(both[nout:])
		return err
	})
	if err != nil {
		t.Fatalf("script in the virtual machine: %v\n%s", err, script)
	}
	return r
}

// Run runs a shell script inside the machine and returns what it prints. It
// fails the test when the script, or any command of it, does.
func (m *Machine) Run(t testing.TB, script string) string {
	t.Helper()
	r := m.Try(t, "set -e\n"+script)
	if r.Code != 0 {
		t.Fatalf("script in the virtual machine: exit code %d\n%s\nit printed: %s%s", r.Code, script, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Monitor gives a command to the emulator: "set_link nic0 off" pulls the cable.
func (m *Machine) Monitor(t testing.TB, command string) {
	t.Helper()
	c, err := net.DialTimeout("unix", m.monitor, 10*time.Second)
	if err != nil {
		t.Fatalf("monitor of the virtual machine: %v", err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The prompt comes when the command before it was done.
	r := bufio.NewReader(c)
	for i, prompts := 0, 2; i < prompts; i++ {
		if _, err := r.ReadString(')'); err != nil {
			t.Fatalf("monitor of the virtual machine: %s: %v", command, err)
		}
		if i == 0 {
			if _, err := fmt.Fprintln(c, command); err != nil {
				t.Fatalf("monitor of the virtual machine: %s: %v", command, err)
			}
		}
	}
}
