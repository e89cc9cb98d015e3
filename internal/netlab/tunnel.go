//go:build linux

package netlab

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// A Tunnel is a VPN between a machine and the world: a tun0 at both ends, whose
// packets go in UDP to 203.0.113.53. The machine's end has 10.7.0.2, the other 10.7.0.1.
type Tunnel struct {
	machine, world *os.File
	silent         atomic.Bool
}

// Tunnel builds one. No route leads into it yet.
func (n *Internet) Tunnel(t testing.TB) *Tunnel {
	t.Helper()
	v := NewTunnel(t, n.Machine, n.World)
	n.Machine.Batch(t, "route replace 203.0.113.53 via 192.0.2.1")
	return v
}

// NewTunnel builds one between two namespaces, of which the world has 203.0.113.53.
func NewTunnel(t testing.TB, machine, world *Namespace) *Tunnel {
	t.Helper()
	NeedsTun(t)
	v := &Tunnel{machine: openTun(t, machine), world: openTun(t, world)}
	near, far := udp(t, machine, ":0"), udp(t, world, "203.0.113.53:5000")
	machine.Batch(t, "link set tun0 up", "addr add 10.7.0.2/24 dev tun0")
	world.Batch(t, "link set tun0 up", "addr add 10.7.0.1/24 dev tun0")
	server := netip.MustParseAddrPort("203.0.113.53:5000")
	var client atomic.Pointer[netip.AddrPort]
	go v.send(v.machine, func(packet []byte) { near.WriteToUDPAddrPort(packet, server) }) //nolint:errcheck // A packet that can't be sent is lost.
	go v.send(v.world, func(packet []byte) {
		if to := client.Load(); to != nil {
			far.WriteToUDPAddrPort(packet, *to) //nolint:errcheck // As above.
		}
	})
	go v.receive(near, v.machine, func(netip.AddrPort) {})
	go v.receive(far, v.world, func(from netip.AddrPort) { client.Store(&from) })
	return v
}

// Silence lets the far end swallow everything, or no longer.
func (v *Tunnel) Silence(on bool) { v.silent.Store(on) }

// Release lets the program of the machine's end go, while its interface stays.
func (v *Tunnel) Release(t testing.TB) {
	t.Helper()
	// Fd would make reads block, which a Close then waits for.
	raw, err := v.machine.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var persist error
	err = raw.Control(func(fd uintptr) { persist = unix.IoctlSetInt(int(fd), unix.TUNSETPERSIST, 1) })
	if err := cmp.Or(err, persist); err != nil {
		t.Fatalf("tun0: %v", err)
	}
	v.machine.Close()
}

// send passes on what goes into an end of the tunnel.
func (v *Tunnel) send(tun *os.File, send func([]byte)) {
	buf := make([]byte, 1<<16)
	for {
		n, err := tun.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err == nil && (!v.silent.Load() || tun != v.world) {
			send(buf[:n])
		}
	}
}

// receive passes on what comes out of the tunnel.
func (v *Tunnel) receive(conn *net.UDPConn, tun *os.File, note func(from netip.AddrPort)) {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			note(from)
			tun.Write(buf[:n]) //nolint:errcheck // A packet that can't be written is lost.
		}
	}
}

// openTun makes tun0 in the namespace.
func openTun(t testing.TB, ns *Namespace) *os.File {
	t.Helper()
	var f *os.File
	err := ns.Do(func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		req, err := unix.NewIfreq("tun0")
		if err != nil {
			return err
		}
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil {
			unix.Close(fd)
			return err
		}
		f = os.NewFile(uintptr(fd), "tun0")
		return nil
	})
	if err != nil {
		t.Fatalf("tun0: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// udp opens a UDP socket in the namespace.
func udp(t testing.TB, ns *Namespace, address string) *net.UDPConn {
	t.Helper()
	var conn net.PacketConn
	err := ns.Do(func() (err error) {
		conn, err = net.ListenPacket("udp4", address)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.UDPConn)
}
