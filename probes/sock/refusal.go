package sock

import (
	"fmt"
	"net/netip"
	"strconv"
	"syscall"

	"flapscope/monitor/fact"
)

// A Protocol is the language in which a packet was refused.
type Protocol uint8

// The protocols. Local is a refusal by this machine's kernel, which sends no
// message.
const (
	Local Protocol = iota
	ICMP
	ICMPv6
)

// A Refusal is an error that says that, and mostly why, a packet did not get
// where it was sent.
type Refusal struct {
	// Errno is what the kernel makes of it.
	Errno syscall.Errno
	// Protocol, Type and Code are of the message that said so.
	Protocol   Protocol
	Type, Code uint8
	// MTU is the size that would have passed, where that was the reason.
	MTU int
	// To is where the packet was sent, if that is known, and Offender who said
	// so. It is this machine if Own is set.
	To, Offender netip.Addr
	Own          bool
}

// Error implements error.
func (r *Refusal) Error() string {
	words := r.Words()
	if r.Offender.IsValid() && !r.Own {
		words += ", says " + r.Offender.String()
	}
	return words
}

// Unwrap returns the errno.
func (r *Refusal) Unwrap() error { return r.Errno }

// Kernel reports whether it was this machine's kernel that refused.
func (r *Refusal) Kernel() bool { return r.Protocol == Local || r.Own }

// Words says why a packet was refused. The same errno stands for a dead
// neighbour, a loop and a firewall (icmp_err_convert in net/ipv4/icmp.c,
// tab_unreach in net/ipv6/icmp.c), so the code of the message decides.
func (r *Refusal) Words() string {
	words := ""
	switch {
	case r.Protocol == ICMP && r.Type == 3:
		words = r.unreachable()
	case r.Protocol == ICMP && r.Type == 11:
		words = "time to live exceeded"
	case r.Protocol == ICMPv6 && r.Type == 1:
		words = r.unreachable6()
	case r.Protocol == ICMPv6 && r.Type == 2:
		words = r.tooBig()
	case r.Protocol == ICMPv6 && r.Type == 3:
		words = "hop limit exceeded"
	case r.Protocol == Local:
		return r.Errno.Error()
	}
	if words == "" {
		return fmt.Sprintf("ICMP type %d, code %d", r.Type, r.Code)
	}
	return words
}

// unreachable names the codes of RFC 792 and RFC 1812 §5.2.7.1. What this
// machine says of a host itself is that it does not answer on the link.
func (r *Refusal) unreachable() string {
	switch r.Code {
	case 0, 6:
		return "network unreachable"
	case 1, 7:
		if r.Own {
			return "host unreachable: no answer to ARP"
		}
		return "host unreachable"
	case 2:
		return "protocol unreachable"
	case 3:
		return "port unreachable"
	case 4:
		return r.tooBig()
	case 9, 10, 13:
		return "administratively prohibited"
	}
	return ""
}

// unreachable6 names the codes of RFC 4443 §3.1.
func (r *Refusal) unreachable6() string {
	switch r.Code {
	case 0:
		return string(fact.DetailNoRoute)
	case 1:
		return "administratively prohibited"
	case 2:
		return string(fact.DetailScope)
	case 3:
		if r.Own {
			return "host unreachable: no answer to neighbour discovery"
		}
		return "host unreachable"
	case 4:
		return "port unreachable"
	case 5:
		return "source address prohibited by a policy"
	case 6:
		return "rejected by a route"
	}
	return ""
}

func (r *Refusal) tooBig() string {
	if r.MTU == 0 {
		return "packet too big"
	}
	return "packet too big for a path MTU of " + strconv.Itoa(r.MTU)
}

// Target reports whether it was the target itself that refused.
func (r *Refusal) Target() bool { return r.Offender.IsValid() && r.Offender == r.To.WithZone("") }

// Port reports whether the answer is that nobody listens there.
func (r *Refusal) Port() bool {
	return r.Protocol == ICMP && r.Type == 3 && r.Code == 3 || r.Protocol == ICMPv6 && r.Type == 1 && r.Code == 4
}
