package sock

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// preempted: when a send takes longer than this, this process did not run
// between the reading of the clock and the packet.
const preempted = time.Millisecond

// A Knock is what came back for a datagram.
type Knock struct {
	RTT time.Duration
	// Uncertain is whether this process may have added to RTT.
	Uncertain bool
	// Refused is who refused the datagram and why, or nil if somebody listens on
	// the port, and answered it.
	Refused *Refusal
	// TTL is what was left of the time to live of the answer, and Index the
	// interface by which it came; 0 is unknown.
	TTL, Index int
}

// KnockUDP sends a datagram by interface index, unless that is 0, and waits for
// what comes back: an ICMP message that nobody listens on the port, mostly. The
// error is a *Refusal where this machine's kernel did not send the datagram.
func KnockUDP(ctx context.Context, to netip.AddrPort, index int, payload []byte) (Knock, error) {
	fd, err := Open(to.Addr(), unix.SOCK_DGRAM, 0, index)
	if err != nil {
		return Knock{}, err
	}
	if err := StampReceived(fd); err != nil {
		unix.Close(fd)
		return Knock{}, err
	}
	// Connected, so that the kernel takes messages about this datagram only.
	if err := unix.Connect(fd, Sockaddr(to, index)); err != nil {
		unix.Close(fd)
		return Knock{}, refusedHere(err)
	}
	file := os.NewFile(uintptr(fd), "udp")
	defer file.Close()
	k, err := knock(ctx, file, payload)
	if k.Refused != nil {
		k.Refused.To = to.Addr()
	}
	return k, err
}

// refusedHere says that this machine's kernel did not send.
func refusedHere(err error) error {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return err
	}
	return &Refusal{Errno: errno}
}

// knock sends payload on a connected socket, and reads what comes back.
func knock(ctx context.Context, file *os.File, payload []byte) (k Knock, err error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return Knock{}, err
	}
	defer context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })()
	var r Reader
	var sent time.Time
	var slow bool
	waited := raw.Read(func(fd uintptr) bool {
		if sent.IsZero() {
			sent = time.Now()
			_, err = unix.Write(int(fd), payload)
			if slow = time.Since(sent) > preempted; err != nil {
				err = refusedHere(err)
				return true
			}
		}
		m, ok := r.either(int(fd))
		if ok {
			k = m.knock(sent, slow)
		}
		return ok
	})
	if e := ctx.Err(); e != nil && waited != nil {
		return Knock{}, e
	}
	if waited != nil {
		return Knock{}, waited
	}
	return k, err
}

// either returns the next message of either queue. A read of data may return
// the error of a message that came in since the error queue was looked at.
func (r *Reader) either(fd int) (Message, bool) {
	for range 2 {
		if m, err := r.Errors(fd); err == nil && m.Refusal != nil {
			return m, true
		}
		m, err := r.Data(fd)
		if err == nil {
			return m, true
		}
		if errors.Is(err, unix.EAGAIN) {
			break
		}
	}
	return Message{}, false
}

// knock times a message by the kernel's stamp, if it can be.
func (m *Message) knock(sent time.Time, slow bool) Knock {
	rtt, stamped := RoundTrip(sent, m.Stamp, time.Now())
	return Knock{RTT: rtt, Uncertain: !stamped || slow, Refused: m.Refusal, TTL: m.TTL, Index: m.Index}
}
