package probes

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"flapscope/monitor/fact"
	"flapscope/probes/echo"
	"flapscope/probes/sock"
)

// errNoPermission is why a ping can't be sent at all.
var errNoPermission = errors.New("no permission for ICMP")

// errNoPorts is why a connection can't be made: all local ports are in use
// towards its other end.
var errNoPorts = errors.New(string(fact.DetailOutOfPorts))

// errStrictFilter is why answers by an interface are not heard.
var errStrictFilter = errors.New("strict rp_filter")

// errBroadcast is why nothing is sent to an address that is no host's.
var errBroadcast = errors.New("a broadcast address")

// errno says what an errno of a connect or a send means.
//
// The route types come from fib_props in net/ipv4/fib_semantics.c: prohibit is
// EACCES, blackhole EINVAL, unreachable EHOSTUNREACH. EPERM is what the
// kernel's packet filter answers when it drops an own packet. ENOBUFS and its
// like speak of this machine, not of the network.
func errno(err error) (fact.Outcome, string) {
	for _, e := range [...]struct {
		errno   syscall.Errno
		outcome fact.Outcome
		words   string
	}{
		{syscall.ECONNREFUSED, fact.OutcomeRefused, "connection refused"},
		{syscall.ENETUNREACH, fact.OutcomeUnreachable, "network unreachable"},
		{syscall.EHOSTUNREACH, fact.OutcomeUnreachable, "host unreachable"},
		{syscall.EHOSTDOWN, fact.OutcomeUnreachable, "host down"},
		{syscall.ENETDOWN, fact.OutcomeUnreachable, "network down"},
		{syscall.EADDRNOTAVAIL, fact.OutcomeUnreachable, "no source address"},
		{syscall.ENOPROTOOPT, fact.OutcomeUnreachable, "protocol unreachable"},
		{syscall.EDESTADDRREQ, fact.OutcomeUnreachable, "tunnel without an endpoint"},
		{enokey, fact.OutcomeUnreachable, "no peer of the tunnel has the address"},
		{syscall.EACCES, fact.OutcomeUnreachable, "prohibited by a route"},
		{syscall.EINVAL, fact.OutcomeUnreachable, "blackholed by a route"},
		{syscall.EPERM, fact.OutcomeUnreachable, string(fact.DetailLocalFirewall)},
		{syscall.EMSGSIZE, fact.OutcomeUnreachable, "message too long"},
		{syscall.ETIMEDOUT, fact.OutcomeTimeout, ""},
		{syscall.ECONNRESET, fact.OutcomeBadAnswer, "connection reset"},
		{syscall.EPIPE, fact.OutcomeBadAnswer, "connection closed"},
		{syscall.ENODEV, fact.OutcomeNoData, "interface is gone"},
		{syscall.ENXIO, fact.OutcomeNoData, "interface is gone"},
		{syscall.EMFILE, fact.OutcomeNoData, "too many open files"},
		{syscall.ENFILE, fact.OutcomeNoData, "too many open files"},
		{syscall.ENOBUFS, fact.OutcomeNoData, "out of socket buffers"},
		{syscall.ENOMEM, fact.OutcomeNoData, "out of memory"},
	} {
		if errors.Is(err, e.errno) {
			return e.outcome, e.words
		}
	}
	return "", ""
}

// classify says what an error that ended a probe means, and in which words. It
// is the only place that does.
func classify(ctx context.Context, err error) (fact.Outcome, fact.Untrusted) {
	switch {
	case err == nil:
		return fact.OutcomeOK, ""
	case errors.Is(ctx.Err(), context.Canceled):
		return fact.OutcomeNoData, "stopped"
	case errors.Is(err, errStrictFilter):
		return fact.OutcomeNoData, "strict rp_filter"
	case errors.Is(err, errNoPermission), local(err):
		return fact.OutcomeNoData, fact.Untrusted(root(err).Error())
	}
	if h, ok := errors.AsType[*handshakeError](err); ok {
		return h.classify()
	}
	for _, cause := range [...]error{errNoPorts, errBroadcast} {
		if errors.Is(err, cause) {
			return fact.OutcomeUnreachable, fact.Untrusted(cause.Error())
		}
	}
	if r, ok := errors.AsType[*sock.Refusal](err); ok && r.Protocol != sock.Local {
		switch {
		case r.Port() && r.Target():
			return fact.OutcomeRefused, "connection refused"
		case r.Port():
			return fact.OutcomeRefused, fact.Untrusted(r.Words())
		}
		return fact.OutcomeUnreachable, fact.Untrusted(r.Words())
	}
	if stranger, ok := errors.AsType[*echo.StrangerError](err); ok {
		return fact.OutcomeTimeout, fact.Untrusted(stranger.Error())
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return classifyLookup(dns)
	}
	if outcome, words := errno(err); outcome != "" {
		return outcome, fact.Untrusted(words)
	}
	if isTimeout(err) {
		return fact.OutcomeTimeout, ""
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fact.OutcomeBadAnswer, "connection closed"
	}
	return fact.OutcomeBadAnswer, fact.Untrusted(root(err).Error())
}

// classifyLookup says why a target's name could not be resolved.
func classifyLookup(err *net.DNSError) (fact.Outcome, fact.Untrusted) {
	switch {
	case err.IsNotFound:
		return fact.OutcomeBadAnswer, "no such host"
	case err.IsTimeout:
		return fact.OutcomeTimeout, "resolving the name"
	}
	return fact.OutcomeBadAnswer, fact.Untrusted("resolving the name: " + err.Err)
}

// refusedBy adds to a result who refused the packet that ended in err, and from
// which address if that was another machine.
func refusedBy(err error, r fact.ProbeResult) fact.ProbeResult {
	refusal, ok := errors.AsType[*sock.Refusal](err)
	switch {
	case !ok || r.Outcome == fact.OutcomeNoData:
	case refusal.Kernel():
		r.By = fact.RefuserKernel
	case refusal.Target():
		r.By, r.From = fact.RefuserTarget, refusal.Offender
	default:
		r.By, r.From = fact.RefuserRouter, refusal.Offender
	}
	return r
}

// local reports whether an error came from making the socket, before anything
// could be sent: whatever the errno, it says nothing about the network.
func local(err error) bool {
	sys, ok := errors.AsType[*os.SyscallError](err)
	return ok && (sys.Syscall == "socket" || sys.Syscall == "setsockopt" || sys.Syscall == "bind")
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// root returns the innermost error: what the wrappers add (addresses, "dial")
// is in the target already.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
