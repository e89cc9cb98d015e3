//go:build unix

package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// soon fails a test that hangs.
func soon(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s hangs", what)
	}
}

// TestFIFO puts a FIFO wherever a file is opened.
func TestFIFO(t *testing.T) {
	store := NewStore(t.TempDir())
	name := filepath.Join(store.Dir, "a"+Suffix)
	w := create(t, name)
	if err := errors.Join(w.Abandon(), os.Remove(name+journalSuffix), syscall.Mkfifo(name+journalSuffix, 0o600)); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(store.Dir, "b"+Suffix)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	soon(t, "open beside a FIFO", func() {
		if _, err := Open(name); !errors.Is(err, errForeign) {
			t.Errorf("open: %v", err)
		}
	})
	soon(t, "open of a FIFO", func() {
		if _, err := Open(fifo); !errors.Is(err, errForeign) {
			t.Errorf("open: %v", err)
		}
	})
	soon(t, "repair", func() {
		if err := Repair(name); !errors.Is(err, errForeign) {
			t.Errorf("repair: %v", err)
		}
	})
	soon(t, "the history", func() {
		list, err := store.List()
		if err != nil || len(list) != 1 || list[0].Err == nil {
			t.Errorf("list %+v, %v", list, err)
		}
		w, err := store.Create(epoch, boot, testHeader(), nil)
		if err != nil {
			t.Error(err)
			return
		}
		w.Abandon()
	})
}

// TestCreateTakesNothingOver finds something where the journal goes.
func TestCreateTakesNothingOver(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	for what, put := range map[string]func(name string) error{
		"symlink":  func(name string) error { return os.Symlink(precious, name) },
		"dangling": func(name string) error { return os.Symlink(filepath.Join(dir, "nowhere"), name) },
		"file":     func(name string) error { return os.WriteFile(name, []byte("theirs"), 0o666) },
	} {
		t.Run(what, func(t *testing.T) {
			if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, what+Suffix)
			if err := put(name + journalSuffix); err != nil {
				t.Fatal(err)
			}
			if _, err := Create(name, epoch, boot, testHeader(), nil); !errors.Is(err, fs.ErrExist) {
				t.Errorf("error %v", err)
			}
			if exists(name) {
				t.Error("half a recording is left")
			}
			if b, err := os.ReadFile(precious); err != nil || string(b) != "precious" {
				t.Errorf("precious is now %q, %v", b, err)
			}
		})
	}
}

// TestCreateBesideNothing finds a recording of its name, and leaves no journal
// beside it.
func TestCreateBesideNothing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	if err := os.WriteFile(name, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(name, epoch, boot, testHeader(), nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "theirs" || exists(name+journalSuffix) {
		t.Errorf("the file is now %q, %v, and has a journal: %v", b, err, exists(name+journalSuffix))
	}
}

// TestCreateKilled: a process that dies between its two files leaves nothing that a
// repair does not remove.
func TestCreateKilled(t *testing.T) {
	store := NewStore(t.TempDir())
	name := filepath.Join(store.Dir, "a"+Suffix)
	if err := os.WriteFile(name+journalSuffix, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Tidy(epoch); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(store.Dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestForeignJournal does not read, repair or remove the journal that another
// user put beside a recording, nor one that is a symbolic link.
func TestForeignJournal(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("precious\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, put := range map[string]func(name string) error{
		"symlink": func(name string) error { return os.Symlink(precious, name) },
		"foreign": func(name string) error {
			if os.Geteuid() != 0 {
				return errors.ErrUnsupported
			}
			return errors.Join(os.WriteFile(name, []byte("theirs\n"), 0o666), os.Chown(name, 65534, 65534))
		},
	} {
		t.Run(what, func(t *testing.T) {
			store := NewStore(t.TempDir())
			name := filepath.Join(store.Dir, "a"+Suffix)
			w := create(t, name)
			if err := errors.Join(w.Abandon(), os.Remove(name+journalSuffix)); err != nil {
				t.Fatal(err)
			}
			if err := put(name + journalSuffix); errors.Is(err, errors.ErrUnsupported) {
				t.Skip("giving files away needs root")
			} else if err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(name); err == nil {
				t.Error("it was read")
			}
			if err := store.Tidy(epoch); err != nil {
				t.Error(err)
			}
			after, err := os.ReadFile(name)
			if err != nil || string(before) != string(after) {
				t.Errorf("the recording changed: %v", err)
			}
			if _, err := os.Lstat(name + journalSuffix); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSharedDirectory refuses to keep the history where others can write.
func TestSharedDirectory(t *testing.T) {
	for _, mode := range []fs.FileMode{0o777, 0o775 | fs.ModeSticky, 0o720} {
		store := NewStore(t.TempDir())
		if err := os.Chmod(store.Dir, mode); err != nil {
			t.Fatal(err)
		}
		_, err := store.Create(epoch, boot, testHeader(), nil)
		if err == nil || !strings.Contains(err.Error(), "writable by other users") || strings.Contains(err.Error(), "\n") {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

// TestModes makes files whatever the umask is.
func TestModes(t *testing.T) {
	old := syscall.Umask(0o277)
	defer syscall.Umask(old)
	dir := t.TempDir()
	name := filepath.Join(dir, "a"+Suffix)
	w := create(t, name)
	defer w.Abandon()
	for _, n := range []string{name, name + journalSuffix} {
		if info, err := os.Stat(n); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", n, info.Mode(), err)
		}
	}
}

// TestLocked begins a recording on a name whose file was removed under another
// that goes on.
func TestLocked(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w := create(t, name)
	defer w.Abandon()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(name, epoch, boot, testHeader(), nil); err == nil {
		t.Error("two recordings share a journal")
	}
	if err := lockFile(w.journal); err != nil {
		t.Errorf("its own lock: %v", err)
	}
	other, err := os.Open(name + journalSuffix)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := lockFile(other); !errors.Is(err, errLocked) {
		t.Errorf("lock of a journal that is written: %v", err)
	}
	if err := Repair(name); err != nil {
		t.Fatal(err)
	}
	if !exists(name + journalSuffix) {
		t.Error("the journal of a recording under way was removed")
	}
}

// TestForeignHome: root makes no directory that would keep its owner out.
func TestForeignHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: it makes the home of another user")
	}
	home := filepath.Join(t.TempDir(), "home")
	if err := errors.Join(os.Mkdir(home, 0o700), os.Chown(home, 65534, 65534)); err != nil {
		t.Fatal(err)
	}
	_, err := NewStore(filepath.Join(home, ".local", "state")).Create(epoch, boot, Header{Tool: "test"}, nil)
	if err == nil || !strings.Contains(err.Error(), home+" is another user's") {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("made %v, %v", left, err)
	}
}
