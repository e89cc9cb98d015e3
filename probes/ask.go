package probes

import (
	"context"
	"errors"
	"net/netip"

	"github.com/miekg/dns"
)

// A Reply is what a name server answered to one question.
type Reply struct {
	*dns.Msg
	// TCP is whether the answer came over TCP, since it was truncated before.
	TCP bool
	// Stray is whether answers to other questions came first.
	Stray bool
}

// Ask asks the name server at an address one question, by interface index unless
// that is 0, and over TCP where the answer did not fit. The error is a
// *sock.Refusal where somebody said no. A truncated answer comes with the error
// that TCP ended in.
func Ask(ctx context.Context, server netip.AddrPort, index int, question *dns.Msg) (Reply, error) {
	if server.Addr().IsLoopback() {
		index = 0
	}
	x := exchange{server: netip.AddrPortFrom(zoned(server.Addr(), index), server.Port()), index: index, msg: question}
	answer, err := x.over(ctx, "udp")
	r := Reply{Msg: answer, Stray: x.detail != ""}
	if errors.Is(err, errTruncated) {
		r.TCP = true
		r.Msg, err = x.over(ctx, "tcp")
	}
	return r, err
}

// EDE returns the extended error of an answer in words (RFC 8914), or "".
func EDE(m *dns.Msg) string { return extended(m) }

// Routed reports whether this machine has a way to an address.
func Routed(a netip.Addr) bool { return routed(a) }
