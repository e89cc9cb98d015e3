package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A cachedDisk is a disk with a volatile cache: what was written since the last
// flush may be lost, each sector for itself. It is served to the kernel as one file
// of a file system in user space (fuse(4)), which a loop device makes a disk of:
// what the device is asked to flush arrives as an fsync of the file.
type cachedDisk struct {
	file   string
	device *os.File

	mu sync.Mutex // guards all following
	// durable is what a power loss leaves for certain, current what is read.
	durable, current []byte
	// cached are the places of the sectors that were written since the last flush.
	cached []int64
}

// sector is what a disk writes as a whole.
const sector = 512

// The requests of the kernel to a file system in user space that are answered, or
// need no answer (linux/fuse.h).
const (
	fuseForget    = 2
	fuseGetattr   = 3
	fuseSetattr   = 4
	fuseOpen      = 14
	fuseRead      = 15
	fuseWrite     = 16
	fuseRelease   = 18
	fuseFsync     = 20
	fuseFlush     = 25
	fuseInit      = 26
	fuseInterrupt = 36
	fuseDestroy   = 38
)

// The version of that protocol, how long what comes before the body of a request
// and before the data of a write is, how much is written at once, and two flags:
// writes of more than a page, and an open file past the cache of pages.
const (
	fuseMajor, fuseMinor        = 7, 31
	fuseHeader, fuseWriteHeader = 40, 40
	fuseMaxWrite                = 128 << 10
	fuseBigWrites               = 1 << 5
	fuseDirect                  = 1
)

// serveDisk puts a disk with the content of a file in the place of the file.
func serveDisk(file string) (*cachedDisk, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := &cachedDisk{file: file, durable: content, current: slices.Clone(content)}
	fd, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/fuse: %w", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=100000,user_id=0,group_id=0", fd)
	if err := syscall.Mount("torture", file, "fuse", syscall.MS_NODEV|syscall.MS_NOSUID, options); err != nil {
		return nil, errors.Join(fmt.Errorf("mount the disk: %w", err), syscall.Close(fd))
	}
	d.device = os.NewFile(uintptr(fd), "/dev/fuse")
	go d.serve()
	return d, nil
}

// close removes the disk.
func (d *cachedDisk) close() {
	_ = syscall.Unmount(d.file, syscall.MNT_DETACH)
	_ = d.device.Close()
}

// serve answers until the file system is unmounted.
func (d *cachedDisk) serve() {
	// The kernel wants room for the longest write and a page.
	request := make([]byte, fuseMaxWrite+4096)
	for {
		n, err := syscall.Read(int(d.device.Fd()), request)
		if errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.ENOENT) {
			continue
		}
		if err != nil || n < fuseHeader {
			return
		}
		opcode := binary.NativeEndian.Uint32(request[4:])
		if opcode == fuseForget || opcode == fuseInterrupt {
			continue
		}
		body, errno := d.answer(opcode, request[fuseHeader:n])
		reply := binary.NativeEndian.AppendUint32(nil, uint32(16+len(body)))
		reply = binary.NativeEndian.AppendUint32(reply, uint32(-int32(errno)))
		reply = append(append(reply, request[8:16]...), body...)
		if _, err := syscall.Write(int(d.device.Fd()), reply); err != nil && !errors.Is(err, syscall.ENOENT) {
			return
		}
	}
}

// answer does what is asked for.
func (d *cachedDisk) answer(opcode uint32, in []byte) ([]byte, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	order := binary.NativeEndian
	switch opcode {
	case fuseInit:
		out := make([]byte, 64)
		order.PutUint32(out, fuseMajor)
		order.PutUint32(out[4:], fuseMinor)
		order.PutUint32(out[12:], fuseBigWrites)
		order.PutUint32(out[20:], fuseMaxWrite)
		return out, 0
	case fuseGetattr, fuseSetattr:
		// For how long it is valid, and struct fuse_attr: number, size, mode, links.
		out := make([]byte, 16+88)
		attributes := out[16:]
		order.PutUint64(attributes, 1)
		order.PutUint64(attributes[8:], uint64(len(d.current)))
		order.PutUint32(attributes[60:], syscall.S_IFREG|0o600)
		order.PutUint32(attributes[64:], 1)
		return out, 0
	case fuseOpen:
		out := make([]byte, 16)
		order.PutUint32(out[8:], fuseDirect)
		return out, 0
	case fuseRead:
		from, size := int(order.Uint64(in[8:])), int(order.Uint32(in[16:]))
		from = min(from, len(d.current))
		return d.current[from:min(from+size, len(d.current))], 0
	case fuseWrite:
		size := order.Uint32(in[16:])
		d.write(int64(order.Uint64(in[8:])), in[fuseWriteHeader:fuseWriteHeader+size])
		return order.AppendUint64(nil, uint64(size)), 0
	case fuseFsync:
		for _, at := range d.cached {
			copy(d.durable[at:at+sector], d.current[at:])
		}
		d.cached = d.cached[:0]
		return nil, 0
	case fuseRelease, fuseFlush, fuseDestroy:
		return nil, 0
	}
	return nil, syscall.ENOSYS
}

// write takes what is written into the cache.
func (d *cachedDisk) write(at int64, data []byte) {
	copy(d.current[at:], data)
	for s := at / sector * sector; s < at+int64(len(data)); s += sector {
		d.cached = append(d.cached, s)
	}
}

// lose returns what the disk may hold if its power fails now, or soon: while it has
// something to lose.
func (d *cachedDisk) lose() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range 500 {
		if len(d.cached) > 0 {
			break
		}
		d.mu.Unlock()
		time.Sleep(100 * time.Microsecond)
		d.mu.Lock()
	}
	left := slices.Clone(d.durable)
	kept := rand.Float64()
	for _, at := range d.cached {
		if rand.Float64() < kept {
			copy(left[at:at+sector], d.current[at:])
		}
	}
	return left
}
