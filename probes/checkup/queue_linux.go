package checkup

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/sock"
)

// discard is the port of the discard service (RFC 863).
const discard = 9

// measureQueue finds out how long a packet to the gateway waits in this machine:
// as long as the kernel counts it to the socket that sent it (SIOCOUTQ in
// udp(7)), which ends when the driver has it. One whose gateway has to be found
// on the link first waits for that too, so only a known one is asked.
func (r *run) measureQueue(w *verdict.Way) {
	known := false
	if r.Look != nil {
		r.Look(func(s *state.State) { known = Resolved(s, w) })
	}
	if !known {
		return
	}
	fd, err := sock.Open(w.Gateway, unix.SOCK_DGRAM, 0, w.Index)
	if err != nil {
		return
	}
	sent := time.Now()
	if unix.Sendto(fd, []byte{0}, 0, sock.Sockaddr(netip.AddrPortFrom(w.Gateway, discard), w.Index)) != nil {
		unix.Close(fd)
		return
	}
	r.flying.Go(func() {
		defer unix.Close(fd)
		r.drain(r.ctx, fd, sent)
	})
}

// drain waits until the queue of a socket is empty.
func (r *run) drain(ctx context.Context, fd int, sent time.Time) {
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		n, err := unix.IoctlGetInt(fd, unix.TIOCOUTQ)
		if err != nil || n == 0 && time.Since(sent) < 5*time.Millisecond {
			return
		}
		r.mu.Lock()
		r.queue = max(r.queue, time.Since(sent))
		r.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
