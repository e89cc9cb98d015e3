package cage

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// What observing uses, if the process has it: raw sockets for ping, and a
// receive buffer beyond net.core.rmem_max, until the socket has it.
const (
	observing = 1<<unix.CAP_NET_RAW | 1<<unix.CAP_NET_ADMIN
	probing   = 1 << unix.CAP_NET_RAW
)

// What root uses to read and write the files of others, as the user that it was
// before sudo(8): without these it could do less than that user.
const (
	foreignRead  = 1 << unix.CAP_DAC_READ_SEARCH
	foreignFiles = foreignRead | 1<<unix.CAP_DAC_OVERRIDE
)

// Start is for the beginning of every command: it keeps no capability but those
// that observing may need, and gives up gaining any by starting a program.
func (Process) Start() {
	keep(observing, foreignFiles)
	_, _, _ = psx.Syscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
}

// Opened is for when the sockets are open that stay open.
func (Process) Opened() { keep(probing, foreignFiles) }

// Drop keeps no capability at all, for commands that only read; root can still
// read what it could.
func (Process) Drop() { keep(0, foreignRead) }

// keep gives up all capabilities, in all threads, those of C too, but those in mask;
// root keeps those in maskOfRoot too. What the process did not have it does not get.
func keep(mask, maskOfRoot uint64) {
	if os.Geteuid() == 0 {
		mask |= maskOfRoot
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if unix.Capget(&header, &sets[0]) != nil {
		return
	}
	for i := range sets {
		part := uint32(mask >> (32 * i))
		sets[i].Effective &= part
		sets[i].Permitted &= part
		// Ambient capabilities go with the inheritable ones.
		sets[i].Inheritable = 0
	}
	header.Pid = 0
	_, _, _ = psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets[0])), 0)
}
