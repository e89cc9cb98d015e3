package echo

import (
	"context"
	"errors"
	"maps"
	"slices"
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
	// Queue is the part of RTT that the request spent in the queue of this
	// machine's interface; 0 is none, or unknown.
	Queue time.Duration
	// TTL is what was left of the time to live, and Index the interface by which
	// the reply came; 0 is unknown.
	TTL, Index int
}

// An Engine pings. The zero Engine is ready. It is safe for concurrent use.
type Engine struct {
	mu      sync.Mutex // guards all following
	sockets map[key]*socket
	// poller is open as long as a socket is. Sockets are numbered, since what is
	// closed may be told of later.
	poller *poller
	newest int32
	// held is whether sockets are read by Collect alone.
	held bool
}

// A key says what a socket is for.
type key struct {
	is6, raw bool
	index    int
}

// An Answer is what came back for a request.
type Answer struct {
	Reply
	// Err is who refused the request, as a *sock.Refusal, or nil.
	Err error
	// Late is whether the request was given up before, or refused, and Again
	// whether it was answered before.
	Late, Again bool
}

// Ping sends one request and waits for its reply until ctx ends. The error is a
// *sock.Refusal if the request was refused, and a *StrangerError if only
// others answered.
func (e *Engine) Ping(ctx context.Context, r Request) (Reply, error) {
	first := make(chan Answer, 1)
	f, err := e.Send(r, func(a Answer) {
		if !a.Late && !a.Again {
			first <- a
		}
	})
	if err != nil {
		return Reply{}, err
	}
	select {
	case a := <-first:
		return a.Reply, a.Err
	case <-ctx.Done():
		// It may have come, and not been read, since this process did not run.
		e.Collect()
		select {
		case a := <-first:
			return a.Reply, a.Err
		default:
		}
		if stranger, _ := f.GiveUp(); stranger.IsValid() {
			return Reply{}, &StrangerError{stranger}
		}
		return Reply{}, ctx.Err()
	}
}

// Hold lets answers wait for Collect, or no longer. What costs is that the machine
// wakes up: a caller that will be awake soon need not be woken for each answer,
// and the round trip ends with the kernel's stamp, whenever it is read.
func (e *Engine) Hold(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = on
	for _, s := range e.sockets {
		e.rewatch(s)
	}
}

// rewatch waits for answers on a socket, unless that is not wanted.
func (e *Engine) rewatch(s *socket) {
	if e.held || s.watched {
		return
	}
	s.watched = e.poller.watch(unix.EPOLL_CTL_MOD, s) == nil
}

// Collect reports the answers that there are.
func (e *Engine) Collect() {
	e.mu.Lock()
	all := slices.Collect(maps.Values(e.sockets))
	e.mu.Unlock()
	for _, s := range all {
		s.read()
	}
}

// readable reads the socket with a number.
func (e *Engine) readable(number int32) {
	s := e.numbered(number)
	if s == nil {
		return
	}
	s.read()
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.watched = false; e.sockets[s.key] == s {
		e.rewatch(s)
	}
}

// Send sends one request. Each answer goes to report, from any goroutine; it must
// not wait.
func (e *Engine) Send(r Request, report func(Answer)) (*Flight, error) {
	for {
		s, opened, err := e.socket(key{r.Addr.Is6(), r.Raw, r.Index})
		if err != nil {
			return nil, err
		}
		f, err := s.send(r, report)
		// A socket whose interface was deleted is of no use any more, even if
		// another has the index now.
		if opened || !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.ENXIO) && !errors.Is(err, errClosed) {
			return f, err
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
	if s, err = e.open(k); err != nil {
		return nil, false, err
	}
	s.used = now
	return s, true, nil
}

// open opens a socket, and reads it from now on.
func (e *Engine) open(k key) (*socket, error) {
	s, err := open(k)
	if err != nil {
		return nil, err
	}
	if e.poller == nil {
		if e.poller, err = newPoller(); err != nil {
			s.close()
			return nil, err
		}
		e.sockets = map[key]*socket{}
		go e.poller.run(e.readable)
	}
	e.newest++
	s.number = e.newest
	if err := e.poller.watch(unix.EPOLL_CTL_ADD, s); err != nil {
		s.close()
		return nil, err
	}
	s.watched = true
	e.sockets[k] = s
	return s, nil
}

// numbered returns the socket with a number, or nil.
func (e *Engine) numbered(n int32) *socket {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sockets {
		if s.number == n {
			return s
		}
	}
	return nil
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

// Close closes all sockets. Nothing is reported any more; later requests open
// sockets anew.
func (e *Engine) Close() error {
	e.mu.Lock()
	for _, s := range e.sockets {
		e.discard(s)
	}
	p := e.poller
	e.poller, e.held = nil, false
	e.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.file.Close() // It waits for the reader, which asks for sockets.
}
