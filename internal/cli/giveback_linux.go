package cli

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBack returns what gives back the pages of the program's own file that are in
// memory: those that reading a recording took, which are half of them, are not used
// again while it is shown. The others come back from the cache of files when they are
// used. It is to be called before the cage is entered, from which nobody sees
// what is mapped.
func giveBack() func() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return func() {}
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return func() {}
	}
	given := cleanMappings(string(text), program)
	return func() {
		for _, m := range given {
			// It fails where the pages are locked into memory: they stay.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
		}
	}
}

// A mapping is a stretch of memory.
type mapping struct{ from, to uintptr }

// cleanMappings returns where a file is mapped, by proc_pid_smaps(5), to be read only
// and as it is in the file: what a linker changed would be lost (RELRO).
func cleanMappings(smaps, file string) (out []mapping) {
	var last mapping
	readOnly := false
	for line := range strings.Lines(smaps) {
		words := strings.Fields(line)
		from, to, ok := strings.Cut(words[0], "-")
		switch {
		case ok:
			readOnly = len(words) == 6 && words[5] == file && (words[1] == "r-xp" || words[1] == "r--p")
			last = mapping{address(from), address(to)}
		case readOnly && words[0] == "Anonymous:" && words[1] == "0":
			out = append(out, last)
		}
	}
	return out
}

// address reads what the kernel wrote in hexadecimal digits.
func address(text string) uintptr {
	n, _ := strconv.ParseUint(text, 16, 64)
	return uintptr(n)
}
