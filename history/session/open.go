package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"flapscope/monitor/fact"
)

// errForeign means that a file can't be trusted where it lies: it is no plain
// file, or somebody else's.
var errForeign = errors.New("not a file of ours")

// openFile opens every file of this package that exists. It never waits for
// another program, as a FIFO would make it, and returns regular files only.
//
// A name that the user gave may be a symbolic link and belong to anybody. A
// name that this package made up, of a journal or in the history, may not: who
// can write to the directory could point it at any file of the user's. It must
// belong to this user, root, or the user with the ID owner.
func openFile(name string, flag int, made bool, owner int) (*os.File, error) {
	flag |= openSafely
	if made {
		flag |= noFollow
	}
	f, err := os.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("%w: it is a %s", errForeign, typeOf(info.Mode()))}
	}
	if err == nil && made {
		if foreign := checkOwner(info, owner); foreign != nil {
			err = &fs.PathError{Op: "open", Path: name, Err: foreign}
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// noOwner is the owner where no other user is trusted.
const noOwner = -1

// createFile makes every new file of this package: it never takes over what is
// there already, and nobody else can read it, whatever the umask.
func createFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|openSafely|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, nil
}

// typeOf names what is not a regular file.
func typeOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "FIFO"
	case m&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// makeDir makes a directory and those above it. Root makes none within another user's
// (sudo may leave HOME as it is): ~/.local of root keeps that user out of it.
func makeDir(dir string) error {
	above := dir
	info, err := os.Stat(above)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(above) != above {
		above = filepath.Dir(above)
		info, err = os.Stat(above)
	}
	if err == nil && above != dir && os.Geteuid() == 0 && checkOwner(info, noOwner) != nil {
		return fmt.Errorf("%s is another user's: run this as that user, or set history.dir to a directory of your own",
			fact.Untrusted(above).Display())
	}
	return os.MkdirAll(dir, 0o700)
}

// checkPrivate refuses a directory that others can write to: they could put
// recordings into the history, or take its journals away.
func checkPrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if openSafely != 0 && info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is writable by other users (mode %#o): chmod go-w it, or set history.dir to a directory of your own",
			fact.Untrusted(dir).Display(), info.Mode().Perm())
	}
	return nil
}

// inPlace reports whether an open file is the one that its name leads to: what is
// written to it otherwise is lost when the program ends.
func inPlace(f *os.File, name string) bool {
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(here, there)
}

// syncDir waits until the names in the directory of a file are on the disk.
func syncDir(name string) error {
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	// Some file systems can't, and say EINVAL; the files are written all the
	// same.
	_ = d.Sync()
	return d.Close()
}
