package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A markKeeper is a listener that keeps marks.
type markKeeper struct {
	mu    sync.Mutex
	marks []fact.Observation
}

func (k *markKeeper) Observed(o fact.Observation, _ *state.State) {
	if o.Fact.Kind() == fact.KindMark {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.marks = append(k.marks, o)
	}
}

func (*markKeeper) Happened(fold.Event, func() *fold.Snapshot) {}

// taken waits for as many marks, and returns all.
func (k *markKeeper) taken(t *testing.T, n int) []fact.Observation {
	t.Helper()
	var got []fact.Observation
	netlab.Until(t, fmt.Sprintf("%d marks were taken", n), func() bool {
		k.mu.Lock()
		defer k.mu.Unlock()
		got = slices.Clone(k.marks)
		return len(got) >= n
	})
	return got
}

// taker takes marks in a directory until the test ends.
func taker(t *testing.T, runtimeDir string) *markKeeper {
	t.Helper()
	k := &markKeeper{}
	m := live.New(path.DefaultSettings(), live.Boottime)
	m.Listen(k)
	app := &App{Env: func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": runtimeDir}[name] }}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		app.takeMarks(ctx, m, "a\x1b[2Jfile")
	}()
	t.Cleanup(func() { cancel(); <-done })
	name := filepath.Join(runtimeDir, "flapscope")
	netlab.Until(t, "there is a socket of this user alone", func() bool {
		list, _ := filepath.Glob(name + "/*.sock")
		if len(list) == 0 {
			return false
		}
		info, err := os.Stat(list[0])
		return err == nil && info.Mode().Perm() == 0o600
	})
	return k
}

// A mark of another process reaches what records, with its text as it is.
func TestMarkCommand(t *testing.T) {
	t.Parallel()
	dir := netlab.SocketDir(t)
	env := map[string]string{"XDG_RUNTIME_DIR": dir}
	if _, errs, code := runMain(t, env, "mark", "x"); code != exitFailure || !strings.Contains(errs, "nothing is being recorded") {
		t.Errorf("with nothing that records: exit code %d, %q", code, errs)
	}
	k := taker(t, dir)
	// One that ended without tidying up.
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "flapscope", "1.sock"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	const text = "call froze \x1b[2J\xff \u202e"
	for _, args := range [][]string{{text}, {"--last", "2m", "and", "froze"}, {}} {
		out, errs, code := runMain(t, env, append([]string{"mark"}, args...)...)
		if code != 0 || errs != "" || out != `marked: a\x1b[2Jfile`+"\n" {
			t.Errorf("%q: exit code %d, %q, %q", args, code, out, errs)
		}
	}
	marks := k.taken(t, 3)
	var got []string
	for _, o := range marks {
		got = append(got, string(o.Fact.(*fact.Mark).Text))
	}
	if want := []string{text, "and froze", ""}; !slices.Equal(got, want) {
		t.Errorf("marked %q, want %q", got, want)
	}
	if d := marks[1].Mono - marks[1].Fact.(*fact.Mark).From; d != 2*time.Minute && marks[1].Fact.(*fact.Mark).From != 1 {
		t.Errorf("a stretch of %v, want 2 min", d)
	}
	if _, err := os.Stat(filepath.Join(dir, "flapscope", "1.sock")); !os.IsNotExist(err) {
		t.Errorf("the socket of who ended is still there: %v", err)
	}
	for _, args := range [][]string{{"--last", "-1s"}, {strings.Repeat("x", maxMark+1)}} {
		if _, errs, code := runMain(t, env, append([]string{"mark"}, args...)...); code != exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%.20q: exit code %d, %q", args, code, errs)
		}
	}
	if _, _, code := runMain(t, nil, "mark", "x"); code != exitFailure {
		t.Errorf("without a runtime directory: exit code %d", code)
	}
	if n := len(k.taken(t, 3)); n != 3 {
		t.Errorf("%d marks, want 3", n)
	}
}

// What is no mark is not taken, nor what is too long, nor what another user
// sends; and nobody is kept from sending one after it.
func TestMarkIsNotTaken(t *testing.T) {
	t.Parallel()
	dir := netlab.SocketDir(t)
	k := taker(t, dir)
	sockets, _ := filepath.Glob(filepath.Join(dir, "flapscope", "*.sock"))
	send := func(text string) {
		c, err := net.Dial("unix", sockets[0])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte(text))
		_ = c.(*net.UnixConn).CloseWrite()
		_, _ = c.Read(make([]byte, 100))
	}
	for _, text := range []string{"", "x", "\n", "-1\nx", "99999999999999999999\nx", "0\n" + strings.Repeat("x", maxMark+1), strings.Repeat("0", 1<<20)} {
		send(text)
	}
	if os.Geteuid() == 0 {
		asAnother(t, dir, func() { send("0\nof another") })
	}
	send("0\nlast")
	if got := k.taken(t, 1); len(got) != 1 || got[0].Fact.(*fact.Mark).Text != "last" {
		t.Errorf("taken: %+v", got)
	}
	if err := os.Chmod(filepath.Join(dir, "flapscope"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := runMain(t, map[string]string{"XDG_RUNTIME_DIR": dir}, "mark", "x"); code != exitFailure || !strings.Contains(errs, "alone") {
		t.Errorf("a directory for everybody: exit code %d, %q", code, errs)
	}
}

// asAnother does something as another user, for whom the socket is made open.
func asAnother(t *testing.T, dir string, do func()) {
	t.Helper()
	for name := filepath.Join(dir, "flapscope"); name != "/tmp" && name != "/"; name = filepath.Dir(name) {
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	sockets, _ := filepath.Glob(filepath.Join(dir, "flapscope", "*.sock"))
	if err := os.Chmod(sockets[0], 0o666); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// This thread alone is of another user, and ends with the goroutine.
		runtime.LockOSThread()
		const nobody = 65534
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			t.Error(errno)
			return
		}
		do()
	}()
	<-done
}

// FuzzParseMark: whatever is sent, what is taken is what can be sent.
func FuzzParseMark(f *testing.F) {
	f.Add([]byte("0\nx"))
	f.Add(appendMark(nil, time.Minute, "a\nb"))
	f.Fuzz(func(t *testing.T, b []byte) {
		last, note, err := parseMark(b)
		if err != nil {
			return
		}
		again, same, err := parseMark(appendMark(nil, last, note))
		if err != nil || again != last || same != note || len(note) > maxMark || last < 0 {
			t.Errorf("%q: %v %q, then %v %q, %v", b, last, note, again, same, err)
		}
	})
}

// Events say how long what was marked had lasted.
func TestEventsSayStretches(t *testing.T) {
	t.Parallel()
	name := write(t, "x.flap.gz", headerOnly+`{"time":"2026-11-21T09:05:00Z","mono_ns":300000000002,"kind":"mark","mark":{"text":"bad","from_ns":180000000002}}`+"\n")
	out, _, code := runMain(t, nil, "events", "--all", name)
	if code != 0 || !strings.Contains(out, "bad  the last 2 min") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
