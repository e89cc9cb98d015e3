package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"flapscope/monitor"
	"flapscope/probes/echo"
	"flapscope/probes/sock"
)

// errNoPermission is why a ping can't be sent at all.
var errNoPermission = errors.New("no permission for ICMP")

// errNoPorts is why a connection can't be made: all local ports are in use
// towards its other end.
var errNoPorts = errors.New("out of local ports towards it")

// errStrictFilter is why answers by an interface are not heard.
var errStrictFilter = errors.New("strict rp_filter")

// errno says what an errno of a connect or a send means.
//
// The route types come from fib_props in net/ipv4/fib_semantics.c: prohibit is
// EACCES, blackhole EINVAL, unreachable EHOSTUNREACH. EPERM is what the
// kernel's packet filter answers when it drops an own packet. ENOBUFS and its
// like tell of this machine, not of the network.
func errno(err error) (monitor.Outcome, string) {
	for _, e := range [...]struct {
		errno   syscall.Errno
		outcome monitor.Outcome
		words   string
	}{
		{syscall.ECONNREFUSED, monitor.OutcomeRefused, "connection refused"},
		{syscall.ENETUNREACH, monitor.OutcomeUnreachable, "network unreachable"},
		{syscall.EHOSTUNREACH, monitor.OutcomeUnreachable, "host unreachable"},
		{syscall.EHOSTDOWN, monitor.OutcomeUnreachable, "host down"},
		{syscall.ENETDOWN, monitor.OutcomeUnreachable, "network down"},
		{syscall.EADDRNOTAVAIL, monitor.OutcomeUnreachable, "no source address"},
		{syscall.ENOPROTOOPT, monitor.OutcomeUnreachable, "protocol unreachable"},
		{syscall.EDESTADDRREQ, monitor.OutcomeUnreachable, "tunnel without an endpoint"},
		{enokey, monitor.OutcomeUnreachable, "no peer of the tunnel has the address"},
		{syscall.EACCES, monitor.OutcomeUnreachable, "prohibited by a route"},
		{syscall.EINVAL, monitor.OutcomeUnreachable, "blackholed by a route"},
		{syscall.EPERM, monitor.OutcomeUnreachable, "dropped by the local firewall"},
		{syscall.EMSGSIZE, monitor.OutcomeUnreachable, "message too long"},
		{syscall.ETIMEDOUT, monitor.OutcomeTimeout, ""},
		{syscall.ECONNRESET, monitor.OutcomeBadAnswer, "connection reset"},
		{syscall.EPIPE, monitor.OutcomeBadAnswer, "connection closed"},
		{syscall.ENODEV, monitor.OutcomeNoData, "interface is gone"},
		{syscall.ENXIO, monitor.OutcomeNoData, "interface is gone"},
		{syscall.EMFILE, monitor.OutcomeNoData, "too many open files"},
		{syscall.ENFILE, monitor.OutcomeNoData, "too many open files"},
		{syscall.ENOBUFS, monitor.OutcomeNoData, "out of socket buffers"},
		{syscall.ENOMEM, monitor.OutcomeNoData, "out of memory"},
	} {
		if errors.Is(err, e.errno) {
			return e.outcome, e.words
		}
	}
	return "", ""
}

// classify says what an error that ended a probe means, and in which words. It
// is the only place that does.
func classify(ctx context.Context, err error) (monitor.Outcome, monitor.Untrusted) {
	switch {
	case err == nil:
		return monitor.OutcomeOK, ""
	case errors.Is(ctx.Err(), context.Canceled):
		return monitor.OutcomeNoData, "stopped"
	case errors.Is(err, errStrictFilter):
		return monitor.OutcomeNoData, "strict rp_filter"
	case errors.Is(err, errNoPermission), local(err):
		return monitor.OutcomeNoData, monitor.Untrusted(root(err).Error())
	}
	if errors.Is(err, errNoPorts) {
		return monitor.OutcomeUnreachable, monitor.Untrusted(errNoPorts.Error())
	}
	if r, ok := errors.AsType[*sock.Refusal](err); ok && r.Protocol != sock.Local {
		if r.Port() {
			return monitor.OutcomeRefused, monitor.Untrusted(r.Words())
		}
		return monitor.OutcomeUnreachable, monitor.Untrusted(r.Words())
	}
	if stranger, ok := errors.AsType[*echo.StrangerError](err); ok {
		return monitor.OutcomeTimeout, monitor.Untrusted(stranger.Error())
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return classifyLookup(dns)
	}
	if outcome, words := errno(err); outcome != "" {
		return outcome, monitor.Untrusted(words)
	}
	if isTimeout(err) {
		return monitor.OutcomeTimeout, ""
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return monitor.OutcomeBadAnswer, "connection closed"
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return monitor.OutcomeBadAnswer, monitor.Untrusted(cert.Err.Error())
	}
	return monitor.OutcomeBadAnswer, monitor.Untrusted(root(err).Error())
}

// classifyLookup tells of a target's name that could not be resolved.
func classifyLookup(err *net.DNSError) (monitor.Outcome, monitor.Untrusted) {
	switch {
	case err.IsNotFound:
		return monitor.OutcomeBadAnswer, "no such host"
	case err.IsTimeout:
		return monitor.OutcomeTimeout, "resolving the name"
	}
	return monitor.OutcomeBadAnswer, monitor.Untrusted("resolving the name: " + err.Err)
}

// refusedBy adds to a result who refused the packet that ended in err, and from
// which address if that was another machine.
func refusedBy(t *monitor.Target, err error, r monitor.ProbeResult) monitor.ProbeResult {
	refusal, ok := errors.AsType[*sock.Refusal](err)
	switch {
	case !ok || r.Outcome == monitor.OutcomeNoData:
	case refusal.Kernel():
		r.By = monitor.RefuserKernel
	case refusal.Offender == t.Addr.WithZone("") || refusal.Port():
		r.By, r.From = monitor.RefuserTarget, refusal.Offender
	default:
		r.By, r.From = monitor.RefuserRouter, refusal.Offender
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
