package sock

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Message is one message of a socket's data or error queue.
type Message struct {
	// Name is the sender of data, and where a refused packet was sent to.
	Name netip.Addr
	// Payload is the data; in the error queue as much of the refused packet as
	// whoever refused it sent back. It is valid until the next message is read.
	Payload []byte
	Control
}

// A Control is what the kernel says beside a message. What it does not say is
// zero.
type Control struct {
	// Stamp is when the message came in, by the wall clock.
	Stamp time.Time
	// TTL is what was left of the time to live, or the hop limit.
	TTL int
	// Index is the interface by which the message came, and To the address of
	// this machine that it was for.
	Index int
	To    netip.Addr
	// Refusal is why a packet was refused, in the error queue.
	Refusal *Refusal
	// Departure says that Stamp is when an own packet left, in the error queue.
	Departure *Departure
}

// A Departure is a packet on its way out of this machine.
type Departure struct {
	// Queued is whether it comes into the queue of an interface, rather than out
	// of it.
	Queued bool
	// ID counts the packets of a socket that are stamped.
	ID uint32
}

// A Reader reads messages. It is not safe for concurrent use.
type Reader struct {
	data [2048]byte
	oob  [512]byte
}

// Data reads the next message of the data queue of a non-blocking socket. The
// error is EAGAIN when there is none.
func (r *Reader) Data(fd int) (Message, error) { return r.read(fd, 0) }

// Errors reads the next message of the error queue.
func (r *Reader) Errors(fd int) (Message, error) { return r.read(fd, unix.MSG_ERRQUEUE) }

func (r *Reader) read(fd, flags int) (Message, error) {
	for {
		n, oobn, _, from, err := unix.Recvmsg(fd, r.data[:], r.oob[:], flags)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return Message{}, err
		}
		return Message{Name: address(from), Payload: r.data[:max(0, n)], Control: Parse(r.oob[:oobn])}, nil
	}
}

// Parse reads control messages; what is cut off or unknown is left out.
func Parse(oob []byte) Control {
	var c Control
	for len(oob) >= unix.SizeofCmsghdr {
		h, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			break
		}
		switch h.Level {
		case unix.SOL_SOCKET:
			if h.Type == unix.SO_TIMESTAMPING_NEW && len(data) >= 16 {
				c.Stamp = stamp(data)
			}
		case unix.IPPROTO_IP:
			c.ip(h.Type, data)
		case unix.IPPROTO_IPV6:
			c.ip6(h.Type, data)
		}
		oob = rest
	}
	if r := c.Refusal; r != nil {
		// An error about an own packet that this machine also sent: it found
		// nobody on the link, or its packet filter rejects with a message.
		r.Own = r.Offender.IsValid() && r.Offender == c.To
	}
	return c
}

// stamp reads the software stamp, the first of the three of struct
// scm_timestamping64 (Documentation/networking/timestamping.rst).
func stamp(b []byte) time.Time {
	sec, nsec := int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:]))
	if sec <= 0 || nsec < 0 || nsec >= int64(time.Second) {
		return time.Time{}
	}
	return time.Unix(sec, nsec)
}

func (c *Control) ip(kind int32, b []byte) {
	switch {
	case kind == unix.IP_TTL && len(b) >= 4:
		c.TTL = int(binary.NativeEndian.Uint32(b) & 0xff)
	case kind == unix.IP_PKTINFO && len(b) >= unix.SizeofInet4Pktinfo:
		c.Index = int(binary.NativeEndian.Uint32(b))
		c.To = netip.AddrFrom4([4]byte(b[8:12]))
	case kind == unix.IP_RECVERR:
		c.Refusal, c.Departure = refusal(b), departure(b)
	}
}

func (c *Control) ip6(kind int32, b []byte) {
	switch {
	case kind == unix.IPV6_HOPLIMIT && len(b) >= 4:
		c.TTL = int(binary.NativeEndian.Uint32(b) & 0xff)
	case kind == unix.IPV6_PKTINFO && len(b) >= unix.SizeofInet6Pktinfo:
		c.To = netip.AddrFrom16([16]byte(b[:16]))
		c.Index = int(binary.NativeEndian.Uint32(b[16:]))
	case kind == unix.IPV6_RECVERR:
		c.Refusal, c.Departure = refusal(b), departure(b)
	}
}

// sizeofExtendedErr is the size of struct sock_extended_err; the address of the
// offender follows it (SO_EE_OFFENDER in linux/errqueue.h).
const sizeofExtendedErr = 16

// departure reads the stamp of a packet of our own (linux/net_tstamp.h,
// linux/errqueue.h).
func departure(b []byte) *Departure {
	const intoDriver, intoQueue = 0, 1 // SCM_TSTAMP_SND, SCM_TSTAMP_SCHED
	if len(b) < sizeofExtendedErr || b[4] != unix.SO_EE_ORIGIN_TIMESTAMPING {
		return nil
	}
	kind := binary.NativeEndian.Uint32(b[8:])
	if kind != intoDriver && kind != intoQueue {
		return nil
	}
	return &Departure{Queued: kind == intoQueue, ID: binary.NativeEndian.Uint32(b[12:])}
}

func refusal(b []byte) *Refusal {
	if len(b) < sizeofExtendedErr {
		return nil
	}
	r := &Refusal{Errno: syscall.Errno(binary.NativeEndian.Uint32(b)), Type: b[5], Code: b[6]}
	switch b[4] {
	case unix.SO_EE_ORIGIN_LOCAL:
	case unix.SO_EE_ORIGIN_ICMP:
		r.Protocol = ICMP
	case unix.SO_EE_ORIGIN_ICMP6:
		r.Protocol = ICMPv6
	default:
		return nil // A stamp of a sent packet, say.
	}
	if r.Errno == unix.EMSGSIZE {
		r.MTU = int(binary.NativeEndian.Uint32(b[8:]))
	}
	if r.Protocol != Local {
		r.Offender = offender(b[sizeofExtendedErr:])
	}
	return r
}

// offender reads a struct sockaddr_in or sockaddr_in6.
func offender(b []byte) netip.Addr {
	if len(b) < 8 {
		return netip.Addr{}
	}
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET:
		return netip.AddrFrom4([4]byte(b[4:8]))
	case family == unix.AF_INET6 && len(b) >= 24:
		return netip.AddrFrom16([16]byte(b[8:24])).Unmap()
	}
	return netip.Addr{}
}

// address returns the address of a sockaddr, without zone.
func address(sa unix.Sockaddr) netip.Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(sa.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(sa.Addr).Unmap()
	}
	return netip.Addr{}
}
