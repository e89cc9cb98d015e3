//go:build linux

package netlab

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A Cable is a wire between the machine and its gateway whose frames pass this
// program: it can lose and delay them, which a kernel can only with sch_netem.
type Cable struct {
	mu sync.Mutex // guards all following fields
	// quality is what becomes of a frame.
	quality Quality
	// first is how many frames still take as long as slow.
	first int
	slow  time.Duration
	rand  *rand.Rand
}

// Quality says what becomes of the frames on a cable, in each direction.
type Quality struct {
	// Loss is the share of the frames that are lost.
	Loss float64
	// Delay is how long a frame takes.
	Delay time.Duration
}

// Cable lays a cable in place of the wire between the machine and its gateway.
// The machine must be configured again.
func (n *Internet) Cable(t testing.TB) *Cable {
	t.Helper()
	n.Machine.Batch(t, "link del eth0")
	middle := New(t)
	middle.Sysctl(t, "ipv6/conf/default/disable_ipv6", "1")
	n.Machine.Batch(t, "link add eth0 type veth peer name a0 netns "+middle.Name)
	n.Gateway.Batch(t, "link add lan0 type veth peer name b0 netns "+middle.Name)
	middle.Batch(t, "link set a0 promisc on up", "link set b0 promisc on up")
	n.gatewayAddresses(t)
	c := &Cable{rand: rand.New(rand.NewPCG(1, 2))}
	a, b := packetSocket(t, middle, "a0"), packetSocket(t, middle, "b0")
	go c.carry(a, b)
	go c.carry(b, a)
	n.Configure(t)
	return c
}

// Set changes what becomes of frames from now on.
func (c *Cable) Set(q Quality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quality = q
}

// SlowFirst lets the next n frames take a time of their own.
func (c *Cable) SlowFirst(n int, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first, c.slow = n, delay
}

// fate draws what becomes of one frame.
func (c *Cable) fate() (lost bool, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first > 0 {
		c.first--
		return false, c.slow
	}
	return c.rand.Float64() < c.quality.Loss, c.quality.Delay
}

// carry carries frames one way until the sockets are closed.
func (c *Cable) carry(from, to *os.File) {
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			continue // The link is down.
		}
		frame := append([]byte(nil), buf[:n]...)
		lost, delay := c.fate()
		switch {
		case lost:
		case delay == 0:
			to.Write(frame) //nolint:errcheck // A frame that can't be sent is lost.
		default:
			time.AfterFunc(delay, func() { to.Write(frame) }) //nolint:errcheck // As above.
		}
	}
}

// packetSocket opens a socket that gets the frames that come in at an interface
// of the namespace.
func packetSocket(t testing.TB, ns *Namespace, name string) *os.File {
	t.Helper()
	var f *os.File
	err := ns.Do(func() error {
		const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8 // in network byte order
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		ifreq, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifreq); err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			return err
		}
		// What a veth carries has no checksum yet; the header before each frame
		// says so, to whom it is written too.
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
			return err
		}
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: int(ifreq.Uint32())}); err != nil {
			return err
		}
		f = os.NewFile(uintptr(fd), name)
		return nil
	})
	if err != nil {
		t.Fatalf("packet socket on %s: %v", name, err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
