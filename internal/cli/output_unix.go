//go:build unix

package cli

import "golang.org/x/sys/unix"

// noFollow refuses a symbolic link in the last part of a name (open(2)).
const noFollow = unix.O_NOFOLLOW
