package lan

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// mdns is where multicast DNS is spoken (RFC 6762 §3).
var mdns = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

const (
	// listenFor is how long announcements are waited for in all, and settleFor how
	// long for the answers to one round of questions: responders wait up to 120 ms
	// (RFC 6762 §6).
	listenFor = 2 * time.Second
	settleFor = 400 * time.Millisecond
	// perMessage is how many questions a message has.
	perMessage = 16
	// maxMessage is the longest message (RFC 6762 §17).
	maxMessage = 9000
)

// A caller asks on a link by multicast, from a port of its own: responders then
// answer to it alone (RFC 6762 §6.7).
type caller struct {
	conn net.PacketConn
	buf  []byte
}

// newCaller opens a socket on an interface.
func newCaller(ctx context.Context, r Request) (*caller, error) {
	link, err := net.InterfaceByIndex(r.Index)
	if err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, r.Index)
		})
		return errors.Join(err, failed)
	}}
	conn, err := config.ListenPacket(ctx, "udp4", "0.0.0.0:0")
	if err != nil {
		return nil, err
	}
	p := ipv4.NewPacketConn(conn)
	if err := p.SetMulticastInterface(link); err != nil {
		conn.Close()
		return nil, err
	}
	// RFC 6762 §11: responders may refuse what came over a router.
	_ = p.SetMulticastTTL(255)
	return &caller{conn, make([]byte, maxMessage)}, nil
}

// ask sends questions.
func (c *caller) ask(questions []dns.Question) {
	for len(questions) > 0 {
		n := min(len(questions), perMessage)
		m := dns.Msg{Question: questions[:n]}
		if b, err := m.Pack(); err == nil {
			_, _ = c.conn.WriteTo(b, mdns) // Who is not asked does not answer.
		}
		questions = questions[n:]
	}
}

// collect takes in what comes for a time.
func (c *caller) collect(ctx context.Context, d *directory, wait time.Duration) {
	until := time.Now().Add(wait)
	if at, ok := ctx.Deadline(); ok && at.Before(until) {
		until = at
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetReadDeadline(time.Now()) })
	defer stop()
	_ = c.conn.SetReadDeadline(until)
	for {
		n, _, err := c.conn.ReadFrom(c.buf)
		if err != nil {
			return
		}
		var m dns.Msg
		if m.Unpack(c.buf[:n]) == nil {
			d.take(&m)
		}
	}
}

// listen asks what is announced on a link until there is nothing new to ask.
func listen(ctx context.Context, r Request) *directory {
	d := newDirectory()
	c, err := newCaller(ctx, r)
	if err != nil {
		return d
	}
	defer c.conn.Close()
	for end := time.Now().Add(listenFor); time.Now().Before(end) && ctx.Err() == nil; {
		q := d.questions()
		if len(q) == 0 {
			break
		}
		c.ask(q)
		c.collect(ctx, d, settleFor)
	}
	return d
}

// names asks the hosts how they are called.
func (d *directory) names(ctx context.Context, r Request, all []*Host) {
	c, err := newCaller(ctx, r)
	if err != nil {
		return
	}
	defer c.conn.Close()
	c.ask(d.reverse(all))
	c.collect(ctx, d, settleFor)
}

// callAll pings all nodes of a link at once, so that the kernel gets to know those
// with IPv6 (RFC 4291 §2.7.1). It does not wait for them: an answer comes with the
// question for this machine's hardware address, and with it the entry.
func (r *Request) callAll(ctx context.Context) {
	network := "udp6"
	var to net.Addr = &net.UDPAddr{IP: net.IPv6linklocalallnodes, Zone: r.Name}
	if r.Raw {
		network, to = "ip6:ipv6-icmp", &net.IPAddr{IP: net.IPv6linklocalallnodes, Zone: r.Name}
	}
	c, err := icmp.ListenPacket(network, "::")
	if err != nil {
		return
	}
	defer c.Close()
	m := icmp.Message{Type: ipv6.ICMPTypeEchoRequest, Body: &icmp.Echo{Seq: 1, Data: []byte("flapscope")}}
	b, err := m.Marshal(nil)
	if err != nil {
		return
	}
	for range 2 {
		_, _ = c.WriteTo(b, to) // Without IPv6 there is nobody to call.
		select {
		case <-ctx.Done():
			return
		case <-time.After(replyWithin / 2):
		}
	}
}
