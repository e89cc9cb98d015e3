package sock

import (
	"encoding/binary"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Open opens a non-blocking socket of the family of an address, bound to
// interface index unless that is 0, which reports refused packets.
func Open(a netip.Addr, kind, protocol, index int) (int, error) {
	domain := unix.AF_INET
	if a.Is6() {
		domain = unix.AF_INET6
	}
	fd, err := unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	for _, o := range options(domain, kind, index) {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			unix.Close(fd)
			return -1, os.NewSyscallError("setsockopt", err)
		}
	}
	return fd, nil
}

type option struct{ level, name, value int }

func options(domain, kind, index int) []option {
	all := []option{
		{unix.IPPROTO_IP, unix.IP_RECVERR, 1},
		{unix.IPPROTO_IP, unix.IP_RECVTTL, 1},
		{unix.IPPROTO_IP, unix.IP_PKTINFO, 1},
	}
	if domain == unix.AF_INET6 {
		all = []option{
			{unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1},
			{unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1},
			{unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1},
		}
	}
	if kind == unix.SOCK_STREAM {
		all = all[:1] // The rest is of packets.
	}
	if index != 0 {
		// Allowed without privileges on a fresh socket since Linux 5.7.
		all = append(all, option{unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, index})
	}
	return all
}

// StampReceived asks for the kernel's stamps of what comes in, and of what is
// sent by SendStamped.
func StampReceived(fd int) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW,
		unix.SOF_TIMESTAMPING_RX_SOFTWARE|unix.SOF_TIMESTAMPING_SOFTWARE|
			unix.SOF_TIMESTAMPING_OPT_ID|unix.SOF_TIMESTAMPING_OPT_TSONLY))
}

// SendStamped sends a message, and lets the kernel say in the error queue when it
// came into the queue of the interface, and when out of it.
func SendStamped(fd int, b []byte, to unix.Sockaddr) error {
	_, err := unix.SendmsgN(fd, b, stampSent, to, 0)
	return err
}

// stampSent is the control message that asks for the stamps of one packet.
var stampSent = func() []byte {
	b := make([]byte, unix.CmsgSpace(4))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = unix.SOL_SOCKET, unix.SO_TIMESTAMPING
	h.SetLen(unix.CmsgLen(4))
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0):], unix.SOF_TIMESTAMPING_TX_SCHED|unix.SOF_TIMESTAMPING_TX_SOFTWARE)
	return b
}()

// Sockaddr returns an address in the form that the kernel takes. The index is
// the zone of a link-local one.
func Sockaddr(to netip.AddrPort, index int) unix.Sockaddr {
	a := to.Addr()
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(to.Port())}
	}
	sa := &unix.SockaddrInet6{Addr: a.As16(), Port: int(to.Port())}
	if a.IsLinkLocalUnicast() {
		sa.ZoneId = uint32(index)
	}
	return sa
}
