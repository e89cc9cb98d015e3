//go:build linux

package ui

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// deadline bounds every wait for the program: far more than it needs, even on
// a busy machine.
const deadline = 2 * time.Minute

// A terminal is a program on a pseudo-terminal, and the emulator that shows
// what it draws.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	// tty is kept open to see the modes after the program has ended.
	tty *os.File

	mu     sync.Mutex // guards all following
	screen *vt.Emulator
	raw    []byte
	exited chan error
}

// spawn starts the helper in a part, on a terminal that is read from when
// reading is true.
func spawn(t *testing.T, part string, reading bool, argv ...string) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	const cols, rows = 100, 30
	master = pollable(t, master)
	if len(argv) == 0 {
		argv = []string{os.Args[0]}
	}
	tm := &terminal{t: t, master: master, tty: tty, screen: vt.NewEmulator(cols, rows), exited: make(chan error, 1)}
	tm.cmd = exec.Command(argv[0], argv[1:]...)
	tm.cmd.Stdin, tm.cmd.Stdout, tm.cmd.Stderr = tty, tty, tty
	tm.cmd.Env = append(os.Environ(), helperVar+"="+part, "TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=", "SHELL_HELPER="+os.Args[0])
	tm.resize(cols, rows)
	tm.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := tm.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { tm.exited <- tm.cmd.Wait() }()
	if reading {
		go tm.read()
	}
	go tm.answer()
	t.Cleanup(tm.close)
	return tm
}

// pollable returns the file in a form whose Close ends a Read that waits: the
// terminal must be gone at once when a test takes it away.
func pollable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.SetNonblock(fd, true), f.Close()); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// resize changes the size of the terminal.
func (tm *terminal) resize(w, h int) {
	tm.t.Helper()
	tm.mu.Lock()
	tm.screen.Resize(w, h)
	tm.mu.Unlock()
	size := unix.Winsize{Col: uint16(w), Row: uint16(h)}
	if err := unix.IoctlSetWinsize(int(tm.tty.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		tm.t.Fatal(err)
	}
}

// read shows what the program draws.
func (tm *terminal) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := tm.master.Read(buf)
		tm.mu.Lock()
		tm.raw = append(tm.raw, buf[:n]...)
		_, _ = tm.screen.Write(buf[:n])
		tm.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// answer sends what the emulator replies to the program's questions.
func (tm *terminal) answer() { _, _ = io.Copy(tm.master, tm.screen) }

func (tm *terminal) close() {
	if tm.cmd.ProcessState == nil {
		_ = tm.cmd.Process.Kill()
	}
	_ = tm.master.Close()
	_ = tm.tty.Close()
	// Emulator.Close races with Read; closing the pipe ends Read as well.
	if c, ok := tm.screen.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}

// text returns the screen.
func (tm *terminal) text() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return strings.ReplaceAll(tm.screen.String(), "\u00a0", " ")
}

// output returns everything that the program wrote.
func (tm *terminal) output() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return string(tm.raw)
}

// until waits for a condition.
func (tm *terminal) until(what string, ok func() bool) {
	tm.t.Helper()
	end := time.Now().Add(deadline)
	for !ok() {
		if time.Now().After(end) {
			tm.t.Fatalf("never: %s; the screen is\n%s", what, tm.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// shows waits until the screen holds a text.
func (tm *terminal) shows(text string) {
	tm.t.Helper()
	tm.until("the screen shows "+text, func() bool { return strings.Contains(tm.text(), text) })
}

// typed sends keys.
func (tm *terminal) typed(keys string) {
	tm.t.Helper()
	if _, err := tm.master.WriteString(keys); err != nil {
		tm.t.Fatal(err)
	}
}

// leaves presses the key that ends the program. What was asked for before may come
// late, over all, and take keys: all of them, if it is the list of commands.
func (tm *terminal) leaves() {
	tm.t.Helper()
	var pressed time.Time
	tm.until("the program ends", func() bool {
		if time.Since(pressed) > 100*time.Millisecond { // Nobody reads them in the end.
			tm.typed("\x1b[27u\x1b[27uq")
			pressed = time.Now()
		}
		return len(tm.exited) > 0
	})
}

// ends waits for the end of the program and returns its exit code.
func (tm *terminal) ends() int {
	tm.t.Helper()
	select {
	case err := <-tm.exited:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		if err != nil {
			tm.t.Fatal(err)
		}
		return 0
	case <-time.After(deadline):
		tm.t.Fatalf("the program does not end; the screen is\n%s", tm.text())
		return -1
	}
}

// cooked reports whether the terminal echoes and edits lines, as before.
func (tm *terminal) cooked() bool {
	tm.t.Helper()
	modes, err := unix.IoctlGetTermios(int(tm.tty.Fd()), unix.TCGETS)
	if err != nil {
		tm.t.Fatal(err)
	}
	const want = unix.ICANON | unix.ECHO | unix.ISIG
	return modes.Lflag&want == want && modes.Oflag&unix.OPOST != 0
}

// inOrder checks that the terminal is as it was found.
func (tm *terminal) inOrder() {
	tm.t.Helper()
	if !tm.cooked() {
		tm.t.Error("the terminal is left raw")
	}
	tm.until("the cursor is shown and the screen left", func() bool {
		out := tm.output()
		return strings.LastIndex(out, "\x1b[?25h") > strings.LastIndex(out, "\x1b[?25l") &&
			strings.LastIndex(out, "\x1b[?1049l") > strings.LastIndex(out, "\x1b[?1049h")
	})
}

func TestPtyQuit(t *testing.T) {
	tm := spawn(t, "plain", true)
	tm.shows("● SATISFIED")
	tm.shows("INCIDENTS")
	if tm.cooked() {
		t.Error("the terminal is not raw while the screen is shown")
	}
	tm.typed("?")
	tm.shows("any key closes")
	tm.typed("x")
	tm.typed("\x1b[D") // left
	tm.shows("ago")
	tm.typed("q")
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}

// TestPtyBeside: two recordings are shown, and all keys work for either.
func TestPtyBeside(t *testing.T) {
	tm := spawn(t, "beside", true)
	tm.shows("after.flap.gz")
	tm.shows("the same time")
	tm.typed("x")
	tm.shows("stays")
	o := Options{Replay: true, Beside: &Beside{}}
	k := newKeyMap(&o, pageKinds())
	for _, name := range everyKey(&k) {
		tm.typed("1" + bytesOf(t, name) + "\x1b[27u\x1b[27u\t")
	}
	tm.typed("1x")
	tm.leaves()
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}

func TestPtySignals(t *testing.T) {
	for name, sig := range map[string]os.Signal{"term": syscall.SIGTERM, "int": syscall.SIGINT, "hup": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			tm := spawn(t, "plain", true)
			tm.shows("SATISFIED")
			if err := tm.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := tm.ends(); code != exitOK {
				t.Errorf("exit code %d, want %d", code, exitOK)
			}
			tm.inOrder()
			tm.until("Run returned", func() bool { return strings.Contains(tm.output(), "ended") })
		})
	}
}

func TestPtyContext(t *testing.T) {
	tm := spawn(t, "context", true)
	tm.shows("SATISFIED")
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}

// TestPtyGone takes the terminal away: the kernel sends SIGHUP to the session.
func TestPtyGone(t *testing.T) {
	tm := spawn(t, "plain", true)
	tm.shows("SATISFIED")
	_ = tm.tty.Close()
	_ = tm.master.Close()
	tm.ends()
}

// TestPtyGoneUnheard takes the terminal away from a program that was started
// with SIGHUP ignored, as by nohup.
func TestPtyGoneUnheard(t *testing.T) {
	tm := spawn(t, "plain", true, "/bin/sh", "-c", `trap "" HUP; exec "$SHELL_HELPER"`)
	tm.shows("SATISFIED")
	_ = tm.tty.Close()
	_ = tm.master.Close()
	tm.ends()
}

// TestPtyStalled lets a terminal stop reading, as a frozen connection does,
// until the program cannot write any more; it must still end when asked.
func TestPtyStalled(t *testing.T) {
	tm := spawn(t, "busy", false)
	tm.until("the terminal is full", func() bool {
		// Every size is a full repaint; the kernel holds some 64 KiB of them.
		tm.resize(100+rand.IntN(100), 30+rand.IntN(30))
		fds := []unix.PollFd{{Fd: int32(tm.tty.Fd()), Events: unix.POLLOUT}}
		n, _ := unix.Poll(fds, 0)
		return n == 0
	})
	begin := time.Now()
	if err := tm.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	t.Logf("ended %v after SIGTERM", time.Since(begin).Round(time.Millisecond))
	if !tm.cooked() {
		t.Error("the terminal is left raw")
	}
}

func TestPtyPanics(t *testing.T) {
	for part, keys := range map[string]string{
		"panic-update": "", "panic-view": "", "panic-command": "s", "panic-goroutine": "",
	} {
		t.Run(part, func(t *testing.T) {
			tm := spawn(t, part, true)
			if keys != "" {
				tm.shows("SATISFIED")
				tm.typed(keys)
			}
			if code := tm.ends(); code != exitFailure {
				t.Errorf("exit code %d, want %d", code, exitFailure)
			}
			tm.inOrder()
			tm.until("the panic is printed", func() bool {
				out := tm.output()
				out = out[strings.LastIndex(out, "\x1b[?1049l"):]
				return strings.Contains(out, "panic: in ") && strings.Contains(out, "please report this")
			})
			if out := tm.output(); strings.Contains(out, "goroutine 1") || strings.Contains(out, "Caught panic") {
				t.Errorf("a trace is printed: %q", out[strings.LastIndex(out, "\x1b[?1049l"):])
			}
		})
	}
}

// TestPtyResizeStorm checks that after many sizes the screen is that of the
// last one.
func TestPtyResizeStorm(t *testing.T) {
	tm := spawn(t, "plain", true)
	tm.shows("SATISFIED")
	for range 100 {
		tm.resize(1+rand.IntN(220), 1+rand.IntN(70))
		time.Sleep(2 * time.Millisecond)
	}
	tm.resize(80, 24)
	want := start(sceneOf(t, "failover"), Options{}, 80, 24).grid.Plain()
	tm.until("the screen is that of 80x24", func() bool {
		got := strings.Split(tm.text(), "\n")
		for y, row := range want {
			if y >= len(got) || strings.TrimRight(got[y], " ") != strings.TrimRight(row, " ") {
				return false
			}
		}
		return true
	})
	tm.typed("q")
	tm.ends()
}

// TestPtySuspendOrphan presses ctrl+z in a process group that no shell watches
// over: the kernel does not stop it, and the screen must come back.
func TestPtySuspendOrphan(t *testing.T) {
	tm := spawn(t, "plain", true)
	tm.shows("SATISFIED")
	tm.typed("\x1a")
	tm.until("the screen was left and taken again", func() bool {
		out := tm.output()
		left := strings.Index(out, "\x1b[?1049l")
		return left > 0 && strings.Contains(out[left:], "\x1b[?1049h")
	})
	tm.shows("SATISFIED")
	tm.typed("q")
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}

// TestPtySuspend presses ctrl+z under a shell with job control.
func TestPtySuspend(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash for job control")
	}
	tm := spawn(t, "plain", true, "bash", "--norc", "-c", `set -m; "$SHELL_HELPER"; echo "stopped with $?"; sleep 0.5; fg >/dev/null`)
	tm.shows("SATISFIED")
	tm.typed("\x1a")
	tm.until("the shell is told", func() bool { return strings.Contains(tm.output(), "stopped with 148") })
	tm.until("the screen is taken again", func() bool {
		out := tm.output()
		return strings.LastIndex(out, "\x1b[?1049h") > strings.Index(out, "stopped with 148")
	})
	tm.shows("SATISFIED")
	tm.typed("q")
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}

func TestNoTerminal(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		name    string
		in, out *os.File
		term    string
		want    string
	}{
		{"output", tty, null, "xterm", "standard output is not one"},
		{"input", null, tty, "xterm", "standard input is not one"},
		{"dumb", tty, tty, "dumb", `TERM is "dumb"`},
		{"no-term", tty, tty, "", `TERM is ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Run(t.Context(), sceneOf(t, "good"), Options{Input: c.in, Output: c.out, Environ: []string{"TERM=" + c.term}})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "flapscope events") {
				t.Errorf("got %v, want %q and what to use instead", err, c.want)
			}
		})
	}
}
