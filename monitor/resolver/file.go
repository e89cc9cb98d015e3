package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"flapscope/monitor/fact"
)

// maxHops bounds a chain of symbolic links, as the kernel does (MAXSYMLINKS in
// linux/namei.h).
const maxHops = 40

// A fileWatch reads a resolv.conf whenever it may have changed.
type fileWatch struct {
	path  string
	poll  time.Duration
	out   *publisher
	watch *watch
	// emptied is whether the newest reading found the file empty though it had
	// content before: its writer may be between truncating and writing.
	emptied bool
}

// run reads the file again after every hint and every poll until ctx ends.
func (f *fileWatch) run(ctx context.Context) {
	poll := time.NewTicker(f.poll)
	defer poll.Stop()
	var h hints
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.watch.events:
			h.add()
		case <-f.watch.errors: //nolint:errcheck // Whatever was lost is read.
			h.add()
		case <-h.timer:
			h.done()
			f.look()
		case <-poll.C:
			f.look()
		}
		if f.emptied {
			h.add()
		}
	}
}

// look reads the file, after watching whatever its path now leads through, so
// that no change falls between the two.
func (f *fileWatch) look() {
	f.watch.set(watchPaths(f.path))
	f.read()
}

// read reads the file once and says what it says. An empty file is believed
// when it is found empty twice.
func (f *fileWatch) read() {
	b, err := readBounded(f.path)
	if err != nil {
		f.emptied = false
		f.out.put(&fact.Resolvers{Err: fact.Untrusted(f.explain(err))})
		return
	}
	if len(b) == 0 && !f.emptied && f.out.last != nil && f.out.last.Err == "" {
		f.emptied = true
		return
	}
	f.emptied = false
	servers, search := parse(b, interfaceIndex)
	f.out.put(&fact.Resolvers{Servers: servers, Search: search})
}

// explain says what an unreadable file means. Without the file the C library
// asks the local machine (resolv.conf(5), nameserver).
func (f *fileWatch) explain(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return f.path + " does not exist, so programs ask 127.0.0.1"
	}
	return err.Error()
}

// readBounded reads the start of a regular file. It does not wait for the
// other end of a FIFO.
func readBounded(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return b, nil
}

// interfaceIndex returns the index of the interface called name, or 0.
func interfaceIndex(name string) int {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return 0
	}
	return ifi.Index
}

// watchPaths returns what must be watched to see every change of path: its
// directory and that of each symbolic link on the way, because a rename or a
// new link is an event of the directory, and the file itself, because a file
// that is mounted over (containers, ip netns exec) is written in a directory
// nobody can see.
func watchPaths(path string) []string {
	var paths []string
	for range maxHops {
		paths = append(paths, filepath.Dir(path))
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	paths = append(paths, path)
	slices.Sort(paths)
	return slices.Compact(paths)
}
