package cage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// The accesses that Landlock handles, by the version of its ABI
// (landlock(7)): handling one that the kernel does not know is an error.
const (
	handledFirst  = 1<<13 - 1
	readFile      = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readDirectory = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	makeFiles     = unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// ReadOnly is for commands that read files of others, before the first of them
// is opened: from then on the process has no capability, can open nothing but
// these files and what is in these directories, for reading, and no connection
// by TCP. A journal beside a file belongs to it. In the directory output, unless that is
// "", it can make files.
func (p Process) ReadOnly(output string, files ...string) {
	limitMemory(files)
	p.Start()
	p.Drop()
	// The time zone is read at its first use.
	_, _ = time.Now().Zone()
	abi := landlockABI()
	if abi <= 0 {
		return
	}
	attr, size := ruleset(abi)
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if errno != 0 {
		return
	}
	defer unix.Close(int(fd))
	for _, name := range files {
		allow(int(fd), name, 0)
		allow(int(fd), name+".open", 0)
	}
	for _, name := range descriptions() {
		allow(int(fd), name, 0)
	}
	if output != "" {
		allow(int(fd), output, makeFiles&attr.Handled_access_fs)
	}
	// With cgo the threads are found there, one after the other.
	permit(int(fd), fmt.Sprintf("/proc/%d/task", os.Getpid()), unix.LANDLOCK_ACCESS_FS_READ_DIR)
	_, _, _ = psx.Syscall3(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0)
}

// landlockABI returns the version of the ABI, or 0 where there is none.
func landlockABI() int {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(abi)
}

// ruleset returns what is handled in a version of the ABI, all of it, and how
// much of the structure that version knows.
func ruleset(abi int) (attr unix.LandlockRulesetAttr, size uintptr) {
	attr.Handled_access_fs, size = handledFirst, 8
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.Handled_access_net, size = unix.LANDLOCK_ACCESS_NET_BIND_TCP|unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 16
	}
	if abi >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		// Not signals: ctrl+z stops the whole process group.
		attr.Scoped, size = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, 24
	}
	return attr, size
}

// allow lets a file be read, or a directory with what is in it, and more be done in a
// directory.
func allow(ruleset int, name string, more uint64) {
	var info unix.Stat_t
	if unix.Stat(name, &info) != nil {
		return
	}
	access := uint64(readFile)
	if info.Mode&unix.S_IFMT == unix.S_IFDIR {
		access = readDirectory | more
	}
	permit(ruleset, name, access)
}

// permit adds a rule for a file, or a directory and what is in it. What does not exist
// can't be opened either.
func permit(ruleset int, name string, access uint64) {
	fd, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, _ = unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
}

// descriptions are where terminals are described (terminfo(5)), which a screen
// asks for its colours.
func descriptions() []string {
	dirs := []string{"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", os.Getenv("TERMINFO")}
	if home := os.Getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".terminfo"))
	}
	return append(dirs, strings.FieldsFunc(os.Getenv("TERMINFO_DIRS"), func(r rune) bool { return r == ':' })...)
}

// Describe says what the cage is made of on this kernel.
func Describe() string {
	abi := landlockABI()
	switch {
	case abi <= 0:
		return "cage: no new privileges, capabilities given up; this kernel has no Landlock"
	case abi < 4:
		return fmt.Sprintf("cage: no new privileges, capabilities given up; Landlock (ABI %d) for files", abi)
	}
	return fmt.Sprintf("cage: no new privileges, capabilities given up; Landlock (ABI %d) for files and TCP", abi)
}
