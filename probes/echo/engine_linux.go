package echo

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// idle is how long a socket stays open that nobody uses: interfaces come and
	// go with new indexes.
	idle = time.Minute
	// preempted: when a send takes longer than this, this process did not run
	// between the reading of the clock and the packet.
	preempted = time.Millisecond
)

// A Reply is the answer to a request.
type Reply struct {
	RTT time.Duration
	// Uncertain is whether this process may have added to RTT: there was no
	// stamp, or the machine took long to send.
	Uncertain bool
	// TTL is what was left of the time to live, and Index the interface by which
	// the reply came; 0 is unknown.
	TTL, Index int
}

// An Engine pings. The zero Engine is ready. It is safe for concurrent use.
type Engine struct {
	mu      sync.Mutex // guards sockets
	sockets map[key]*socket
}

// A key says what a socket is for.
type key struct {
	is6, raw bool
	index    int
}

// Ping sends one request and waits for its reply until ctx ends. The error is a
// *sock.Refusal if the request was refused, and a *StrangerError if only
// others answered.
func (e *Engine) Ping(ctx context.Context, r Request) (Reply, error) {
	w, err := e.send(r)
	if err != nil {
		return Reply{}, err
	}
	select {
	case a := <-w.answer:
		return a.Reply, a.err
	case <-ctx.Done():
		if stranger := w.socket.abandon(w); stranger.IsValid() {
			return Reply{}, &StrangerError{stranger}
		}
		return Reply{}, ctx.Err()
	}
}

// send sends a request by the socket for it. A socket whose interface was
// deleted is of no use any more, even if another has the index now.
func (e *Engine) send(r Request) (*waiting, error) {
	for {
		s, opened, err := e.socket(key{r.Addr.Is6(), r.Raw, r.Index})
		if err != nil {
			return nil, err
		}
		w, err := s.send(r.Addr)
		if opened || !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.ENXIO) && !errors.Is(err, errClosed) {
			return w, err
		}
		e.drop(s)
	}
}

// socket returns the socket of a kind, and whether it was opened for that.
func (e *Engine) socket(k key) (s *socket, opened bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if s := e.sockets[k]; s != nil {
		s.used = now
		return s, false, nil
	}
	for _, s := range e.sockets {
		if now.Sub(s.used) > idle {
			e.discard(s)
		}
	}
	if s, err = open(k); err != nil {
		return nil, false, err
	}
	s.used = now
	if e.sockets == nil {
		e.sockets = map[key]*socket{}
	}
	e.sockets[k] = s
	return s, true, nil
}

func (e *Engine) drop(s *socket) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.discard(s)
}

func (e *Engine) discard(s *socket) {
	if e.sockets[s.key] == s {
		delete(e.sockets, s.key)
	}
	s.close()
}

// Close closes all sockets. Whoever waits for a reply waits in vain; later
// requests open sockets anew.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sockets {
		e.discard(s)
	}
	return nil
}
