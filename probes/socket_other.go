//go:build !linux

package probes

import (
	"errors"
	"syscall"
	"time"
)

// Nothing is probed but on Linux. What is configured is read everywhere.

// PingMode says that nothing is pinged here.
func PingMode() (string, error) { return "", errors.ErrUnsupported }

// enokey is an errno of Linux.
const enokey = syscall.Errno(0x7e)

func bind(uintptr, int) error { return errors.ErrUnsupported }

func bootTime() time.Duration { return 0 }
