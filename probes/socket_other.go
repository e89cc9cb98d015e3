//go:build !linux

package probes

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"time"
)

// Nothing is watched but on Linux: here targets are asked once, on demand.

// PingMode returns how this system lets processes ping. Whether it lets this one
// shows when it does.
func PingMode() (string, error) { return libraryMode(runtime.GOOS), nil }

// enokey is an errno of Linux.
const enokey = syscall.Errno(0x7e)

func prepare(_ uintptr, _ bool, index int) error {
	if index != 0 {
		return errors.ErrUnsupported
	}
	return nil
}

func explain(_ net.Conn, err error) error { return err }

func bootTime() time.Duration { return time.Since(began) }

// began stands for the boot, which is not known.
var began = time.Now()
