package resolver

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A host hands over what a source says, one observation after another.
type host chan fact.Observation

func (h host) Update(fn func(*state.State, fact.Emit)) {
	fn(state.NewState(), func(o fact.Observation) { h <- o })
}

// next returns the next observation's fact. The deadline is far beyond any
// debounce and only ends a test that failed.
func (h host) next(t *testing.T) fact.Observation {
	t.Helper()
	select {
	case o := <-h:
		return o
	case <-time.After(2 * time.Minute):
		t.Fatal("no observation for two minutes")
		return fact.Observation{}
	}
}

// want fails unless the next observation puts exactly this fact.
func (h host) want(t *testing.T, op fact.Op, want fact.Fact) {
	t.Helper()
	o := h.next(t)
	if o.Op != op {
		t.Errorf("op = %q, want %q", o.Op, op)
	}
	if diff := cmp.Diff(want, o.Fact, cmp.Comparer(sameAddr), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("fact (-want +got):\n%s", diff)
	}
}

func sameAddr(a, b netip.Addr) bool { return a == b }

// start runs the source until the test ends.
func start(t *testing.T, s *Source) host {
	t.Helper()
	h := make(host, 64)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, h) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(2 * time.Minute):
			t.Error("Run did not return two minutes after its context ended")
		}
	})
	return h
}

// hintsOnly is a Source that reads again only when something hints at a
// change.
func hintsOnly(o Options) *Source {
	s := New(o)
	s.pollFile, s.pollBus, s.retryBus = time.Hour, time.Hour, time.Hour
	return s
}

// noBus is the address of a bus that does not exist.
func noBus(t *testing.T) string { return "unix:path=" + filepath.Join(t.TempDir(), "none") }

func file(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace puts content in place of path with one rename.
func replace(t *testing.T, path, content string) {
	t.Helper()
	file(t, path+".new", content)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func conf(servers ...string) *fact.Resolvers {
	r := &fact.Resolvers{Source: "resolv.conf"}
	for _, s := range servers {
		r.Servers = append(r.Servers, fact.Server{Addr: netip.MustParseAddr(s), Port: 53})
	}
	return r
}

var synced = &fact.Sync{Source: "resolver"}

func TestFileIsFollowed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "etc", "resolv.conf")
	mkdir(t, filepath.Dir(path))
	file(t, path, "nameserver 192.0.2.1\n")
	h := start(t, hintsOnly(Options{Path: path, BusAddress: noBus(t)}))
	h.want(t, fact.Put, conf("192.0.2.1"))
	h.want(t, fact.Put, synced)

	// Each step changes the file in another way; the next observation must be
	// its result, with nothing reported in between.
	run := filepath.Join(dir, "run", "resolve")
	other := filepath.Join(dir, "other")
	mkdir(t, run)
	mkdir(t, other)
	steps := []struct {
		name   string
		change func()
		want   *fact.Resolvers
	}{
		{"same-content", func() { replace(t, path, "nameserver 192.0.2.1\n# again\n") }, nil},
		{"renamed-over", func() { replace(t, path, "nameserver 192.0.2.2\n") }, conf("192.0.2.2")},
		{"renamed-over-again", func() { replace(t, path, "nameserver 192.0.2.3\n") }, conf("192.0.2.3")},
		{"written-in-place", func() { file(t, path, "nameserver 192.0.2.4\n") }, conf("192.0.2.4")},
		{
			"becomes-link",
			func() {
				file(t, filepath.Join(run, "stub.conf"), "nameserver 127.0.0.53\n")
				symlink(t, "../run/resolve/stub.conf", path)
			},
			conf("127.0.0.53"),
		},
		{
			"target-renamed-over",
			func() { replace(t, filepath.Join(run, "stub.conf"), "nameserver 127.0.0.54\n") },
			conf("127.0.0.54"),
		},
		{
			"target-written-in-place",
			func() { file(t, filepath.Join(run, "stub.conf"), "nameserver 2001:db8::53\n") },
			conf("2001:db8::53"),
		},
		{
			"link-to-link",
			func() {
				file(t, filepath.Join(other, "real.conf"), "nameserver 192.0.2.6\n")
				symlink(t, filepath.Join(other, "real.conf"), filepath.Join(run, "stub.conf"))
			},
			conf("192.0.2.6"),
		},
		{
			"last-hop-changes",
			func() { replace(t, filepath.Join(other, "real.conf"), "nameserver 192.0.2.7\n") },
			conf("192.0.2.7"),
		},
		{
			"dangling",
			func() {
				if err := os.Remove(filepath.Join(other, "real.conf")); err != nil {
					t.Error(err)
				}
			},
			&fact.Resolvers{Source: "resolv.conf", Err: fact.Untrusted(path + " does not exist, so programs ask 127.0.0.1")},
		},
		{"file-again", func() { replace(t, path, "nameserver 192.0.2.8\n") }, conf("192.0.2.8")},
		{
			"a-directory",
			func() {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
				mkdir(t, path)
			},
			&fact.Resolvers{Source: "resolv.conf", Err: fact.Untrusted(path + " is not a regular file")},
		},
	}
	for _, s := range steps {
		if s.change(); s.want != nil {
			t.Log(s.name)
			h.want(t, fact.Put, s.want)
		}
	}
}

// Changes that no watch can see are found by polling.
func TestFileIsPolled(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	path := filepath.Join(dir, "resolv.conf")
	mkdir(t, run)
	file(t, filepath.Join(run, "stub.conf"), "nameserver 192.0.2.1\n")
	symlink(t, filepath.Join(run, "stub.conf"), path)
	src := New(Options{Path: path, BusAddress: noBus(t)})
	src.pollFile = 10 * time.Millisecond
	h := start(t, src)
	h.want(t, fact.Put, conf("192.0.2.1"))
	h.want(t, fact.Put, synced)

	if err := os.RemoveAll(run); err != nil {
		t.Fatal(err)
	}
	h.want(t, fact.Put, &fact.Resolvers{
		Source: "resolv.conf", Err: fact.Untrusted(path + " does not exist, so programs ask 127.0.0.1"),
	})
	mkdir(t, run)
	replace(t, filepath.Join(run, "stub.conf"), "nameserver 192.0.2.2\n")
	h.want(t, fact.Put, conf("192.0.2.2"))
}

// A file that is found empty once may be half written.
func TestEmptyIsBelievedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resolv.conf")
	h := make(host, 8)
	f := fileWatch{path: path, out: &publisher{host: h, source: sourceFile}}
	steps := []struct {
		name, content string
		told          *fact.Resolvers
	}{
		{"first", "nameserver 192.0.2.1\n", conf("192.0.2.1")},
		{"truncated", "", nil},
		{"written", "nameserver 192.0.2.2\n", conf("192.0.2.2")},
		{"truncated-again", "", nil},
		{"still-empty", "", conf()},
		{"still-empty-later", "", nil},
		{"filled", "nameserver 192.0.2.3\n", conf("192.0.2.3")},
	}
	for _, s := range steps {
		t.Log(s.name)
		file(t, path, s.content)
		f.read()
		if s.told != nil {
			h.want(t, fact.Put, s.told)
		}
		if len(h) != 0 {
			t.Fatalf("told %+v, want nothing more", <-h)
		}
	}
}

func TestReadBounded(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	file(t, big, "nameserver 192.0.2.1\n")
	if err := os.Truncate(big, 10<<30); err != nil {
		t.Fatal(err)
	}
	b, err := readBounded(big)
	if err != nil || len(b) != maxFile {
		t.Errorf("read %d bytes, %v, want %d", len(b), err, maxFile)
	}
}

func TestWatchPathsEndsOnLoop(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "resolv.conf")
	symlink(t, path, path)
	want := []string{dir, path}
	if diff := cmp.Diff(want, watchPaths(path)); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	h := make(host, 1)
	f := fileWatch{path: path, out: &publisher{host: h, source: sourceFile}}
	f.read()
	if r := h.next(t).Fact.(*fact.Resolvers); r.Err == "" {
		t.Errorf("a loop of links was read: %+v", r)
	}
}

// Without inotify polling has to do.
func TestFileWithoutWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resolv.conf")
	file(t, path, "nameserver 192.0.2.1\n")
	h := make(host, 8)
	f := fileWatch{path: path, poll: 10 * time.Millisecond, out: &publisher{host: h, source: sourceFile}, watch: &watch{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f.run(ctx) }()
	defer func() { cancel(); <-done }()
	h.want(t, fact.Put, conf("192.0.2.1"))
	replace(t, path, "nameserver 192.0.2.2\n")
	h.want(t, fact.Put, conf("192.0.2.2"))
}
