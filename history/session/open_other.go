//go:build !unix

package session

import "io/fs"

// Recordings are made on Linux; elsewhere they are read.
const openSafely, noFollow = 0, 0

func checkOwner(fs.FileInfo, int) error { return nil }

func ownerOf(fs.FileInfo) int { return -1 }
