//go:build !linux

package probes

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// Nothing is probed but on Linux. What is configured is read everywhere.

// PingMode says that nothing is pinged here.
func PingMode() (string, error) { return "", errors.ErrUnsupported }

// enokey is an errno of Linux.
const enokey = syscall.Errno(0x7e)

func prepare(_ uintptr, _ bool, index int) error {
	if index != 0 {
		return errors.ErrUnsupported
	}
	return nil
}

func explain(_ net.Conn, err error) error { return err }

func bootTime() time.Duration { return 0 }
