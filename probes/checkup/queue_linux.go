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
		r.drain(r.ctx, sent, func() (int, error) { return unix.IoctlGetInt(fd, unix.TIOCOUTQ) })
	})
}

// drain waits until a queue, of which length says how much is in it, is empty. It was
// full for as long as it was seen to be: this process may have waited for a processor
// since.
func (r *run) drain(ctx context.Context, sent time.Time, length func() (int, error)) {
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		waited := time.Since(sent)
		if n, err := length(); err != nil || n == 0 {
			return
		}
		r.mu.Lock()
		r.queue = max(r.queue, waited)
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
