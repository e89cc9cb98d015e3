//go:build linux

package kernel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A session is the life of one socket.
type session struct {
	*Source
	sock *socket
	host state.Host
	// n is the number of datagrams to take in the next turn.
	n  int
	at instant
	// next is when the mirror wants the next turn, at the latest.
	next time.Duration
	turn func(*state.State, fact.Emit)
	// dumped and narrow are what the mirror's were at the last check.
	dumped int
	narrow bool
	// began is an instant since which the machine was not suspended.
	began instant
	// before is when the turn before was, and rush counts turns in a rush.
	before time.Duration
	rush   int
	// turns bounds how often the socket is read, links is how many there were at
	// the last turn.
	turns budget
	links int
	// draining is whether the socket is only read to its end.
	draining bool
}

// session reads from one socket until it fails: by an overrun, or because ctx
// ended and closed it.
func (s *Source) session(ctx context.Context, h state.Host) error {
	sock, err := openSocket(s.opt.ReceiveBuffer)
	if err != nil {
		return err
	}
	defer sock.close()
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		sock.interrupt()
		close(woken)
	})
	defer func() {
		if !stop() {
			<-woken
		}
	}()
	c := &session{Source: s, sock: sock, host: h, began: now()}
	c.turn = c.take
	if err := c.start(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		n, err := c.read()
		if errors.Is(err, errOverrun) {
			return c.overrun()
		}
		if err != nil {
			return err
		}
		if err := c.step(n); err != nil {
			return err
		}
		c.pace(n)
	}
	return nil
}

// How a storm is paced: after rushTurns turns that followed each other within
// rushGap, reading waits for rushPause, so that a hundred notifications cost one
// turn instead of one each. A single operation never comes near that.
const (
	rushTurns = 16
	rushGap   = 200 * time.Microsecond
	rushPause = 2 * time.Millisecond
)

// pace waits in a storm.
func (c *session) pace(n int) {
	quick := c.at.mono-c.before < rushGap
	c.before = c.at.mono
	switch {
	case c.rush >= rushTurns && n >= batchLen/4:
	case quick:
		c.rush++
	default:
		c.rush = 0
	}
	rest := restOfTurn(c.links, c.sock.buffer)
	c.turns.spend(c.at.mono, rest)
	resting := c.turns.due(turnCredit) > c.at.mono
	if c.rush > 0 || resting {
		// More is likely to come before anybody waits for it, and each would wake
		// the process.
		c.sock.arm(false)
	}
	switch {
	case n == batchLen:
	case resting:
		time.Sleep(rest)
	case c.rush >= rushTurns:
		time.Sleep(rushPause)
	}
}

// read waits for a batch until the mirror wants a turn.
func (c *session) read() (int, error) {
	if c.next == 0 {
		return c.sock.wait(time.Time{}) // no deadline
	}
	return c.sock.wait(c.at.wall.Add(c.next - c.at.mono))
}

// start makes the mirror want everything.
func (c *session) start() error {
	c.at = now()
	c.host.Update(func(st *state.State, emit fact.Emit) {
		m := c.mirror
		m.begin(st, emit, c.at)
		m.connect(c.sock.portid, c.sock.buffer)
		if c.sock.buffer < smallBuffer && st.Notices["rcvbuf"] == nil {
			m.notice("rcvbuf", fmt.Sprintf(
				"the kernel allows a receive buffer of %d kB only: raise net.core.rmem_max",
				c.sock.buffer>>10))
		}
		c.next = m.tick()
	})
	c.dumped = c.mirror.dumped
	return c.finish()
}

// smallBuffer is the receive buffer below which an ordinary "link down" of a
// router overruns; the usual unprivileged one is 416 kB.
const smallBuffer = 400 << 10

// step gives the mirror the n datagrams of a batch, and sends what it asks.
func (c *session) step(n int) error {
	c.n, c.at = n, now()
	c.host.Update(c.turn)
	return c.finish()
}

// take is one turn of the mirror.
func (c *session) take(st *state.State, emit fact.Emit) {
	m := c.mirror
	m.begin(st, emit, c.at)
	for i := range c.n {
		b, whole := c.sock.datagram(i)
		if !whole {
			m.flaw(fmt.Errorf("a datagram of more than %d bytes", c.sock.size))
			m.want(allTables)
			continue
		}
		if len(b) > 0 {
			m.datagram(b)
		}
	}
	if c.at.asleep(c.began) > resumed {
		m.wantNow(allTables)
		c.began = c.at
	}
	c.next, c.links = m.tick(), len(st.Links)
}

// resumed is the time asleep from which a machine was suspended; the two clocks
// are read one after the other, between which this process may have to wait.
const resumed = 100 * time.Millisecond

// finish does what the mirror asked for in its turn.
func (c *session) finish() error {
	m := c.mirror
	if m.narrow != c.narrow {
		c.narrow = m.narrow
		if err := c.sock.narrow(m.narrow); err != nil {
			return err
		}
	}
	if c.draining {
		return nil
	}
	c.sock.dumping = m.dump != nil
	if len(m.out.Datagram) > 0 {
		err := c.sock.send(m.out.Datagram)
		m.out.Datagram = m.out.Datagram[:0]
		if err != nil && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EAGAIN) {
			return err
		}
	}
	if m.broken != "" {
		return c.lost(m.broken)
	}
	if m.dumped != c.dumped {
		c.dumped = m.dumped
		if c.sock.drops() > 0 {
			return c.lost("the socket's drop counter rose without an error")
		}
	}
	return nil
}

// overrun reads what is queued, which is valid, up to the end: only then does
// the kernel queue notifications again.
func (c *session) overrun() error {
	c.draining = true
	for {
		n, err := c.sock.poll()
		if errors.Is(err, errOverrun) {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return c.lost("the kernel dropped notifications: the receive buffer was full")
		}
		if err := c.step(n); err != nil {
			return err
		}
	}
}

// lost says that notifications were lost, and ends the session, after which
// everything is read again through a new socket.
func (c *session) lost(text string) error {
	from := c.at.mono
	c.at = now()
	c.host.Update(func(st *state.State, emit fact.Emit) {
		m := c.mirror
		m.begin(st, emit, c.at)
		m.gap(fact.GapOverrun, from, int(c.sock.drops()), text)
		m.resync.begin(c.at.mono)
	})
	return errOverrun
}
