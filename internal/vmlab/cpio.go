package vmlab

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// An archive is what an initramfs is: a cpio archive in the "newc" format
// (Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	w    io.Writer
	ino  int
	dirs map[string]bool
	err  error
}

func newArchive(w io.Writer) *archive { return &archive{w: w, dirs: map[string]bool{"/": true}} }

// The file types of a mode (inode(7)).
const (
	modeDir     = 0o040000
	modeRegular = 0o100000
	modeSymlink = 0o120000
)

// dir adds a directory with its parents.
func (a *archive) dir(name string) {
	name = path.Clean("/" + name)
	if a.dirs[name] {
		return
	}
	a.dir(path.Dir(name))
	a.dirs[name] = true
	a.entry(name, modeDir|0o755, nil)
}

// file adds a file that anybody may run.
func (a *archive) file(name string, content []byte) {
	a.dir(path.Dir(path.Clean("/" + name)))
	a.entry(name, modeRegular|0o755, content)
}

// link adds a symbolic link.
func (a *archive) link(name, target string) {
	a.dir(path.Dir(path.Clean("/" + name)))
	a.entry(name, modeSymlink|0o777, []byte(target))
}

// host adds a file of the host under the name.
func (a *archive) host(name, file string) {
	content, err := os.ReadFile(file)
	if err != nil && a.err == nil {
		a.err = err
	}
	a.file(name, content)
}

// entry writes a header of 13 numbers of 8 hexadecimal digits, the name and
// the content, each padded to 4 bytes.
func (a *archive) entry(name string, mode int, content []byte) {
	if a.err != nil {
		return
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	a.ino++
	fields := []int{a.ino, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0}
	head := []byte("070701")
	for _, f := range fields {
		head = fmt.Appendf(head, "%08X", f)
	}
	head = append(append(head, name...), 0)
	_, a.err = a.w.Write(slices.Concat(pad(head), pad(slices.Clone(content))))
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// close ends the archive and returns the first error of all.
func (a *archive) close() error {
	a.entry("TRAILER!!!", 0, nil)
	return a.err
}
