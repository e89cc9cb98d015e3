package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"flapscope/monitor"
)

func TestClassify(t *testing.T) {
	call := func(op, syscall string, errno unix.Errno) error {
		return fmt.Errorf("probe: %w", &net.OpError{Op: op, Net: "udp", Err: os.NewSyscallError(syscall, errno)})
	}
	for _, tt := range []struct {
		err     error
		outcome monitor.Outcome
		detail  monitor.Untrusted
	}{
		{nil, monitor.OutcomeOK, ""},
		{context.DeadlineExceeded, monitor.OutcomeTimeout, ""},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, monitor.OutcomeTimeout, ""},
		{call("dial", "connect", unix.ETIMEDOUT), monitor.OutcomeTimeout, ""},
		{call("read", "read", unix.ECONNREFUSED), monitor.OutcomeRefused, "connection refused"},
		{call("read", "read", unix.ECONNRESET), monitor.OutcomeBadAnswer, "connection reset"},
		{io.EOF, monitor.OutcomeBadAnswer, "connection closed"},
		{call("dial", "connect", unix.ENETUNREACH), monitor.OutcomeUnreachable, "network unreachable"},
		{call("write", "sendto", unix.EHOSTUNREACH), monitor.OutcomeUnreachable, "host unreachable"},
		{call("write", "sendto", unix.ENETDOWN), monitor.OutcomeUnreachable, "network down"},
		{call("dial", "connect", unix.EADDRNOTAVAIL), monitor.OutcomeUnreachable, "no source address"},
		{call("write", "sendto", unix.EPERM), monitor.OutcomeUnreachable, "dropped by the local firewall"},

		// The same errno says another thing where the socket is made.
		{call("dial", "connect", unix.EACCES), monitor.OutcomeUnreachable, "prohibited by a route"},
		{call("listen", "socket", unix.EACCES), monitor.OutcomeNoData, "permission denied"},
		{call("listen", "socket", unix.EPERM), monitor.OutcomeNoData, "operation not permitted"},
		{call("dial", "setsockopt", unix.ENODEV), monitor.OutcomeNoData, "no such device"},
		{call("dial", "socket", unix.EMFILE), monitor.OutcomeNoData, "too many open files"},
		{call("listen", "bind", unix.EADDRNOTAVAIL), monitor.OutcomeNoData, "cannot assign requested address"},
		{errNoPermission, monitor.OutcomeNoData, "no permission for ICMP"},
		{call("write", "sendto", unix.ENODEV), monitor.OutcomeNoData, "interface is gone"},
		{errors.Join(unix.ENODEV, errors.New("x")), monitor.OutcomeNoData, "interface is gone"},
		{call("write", "sendto", unix.ENOBUFS), monitor.OutcomeNoData, "out of socket buffers"},

		{&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, monitor.OutcomeBadAnswer, "no such host"},
		{&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, monitor.OutcomeTimeout, "resolving the name"},
		{&net.DNSError{Err: "server misbehaving", Name: "x"}, monitor.OutcomeBadAnswer, "resolving the name: server misbehaving"},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", errors.New("strange"))), monitor.OutcomeBadAnswer, "strange"},
	} {
		outcome, detail := classify(t.Context(), tt.err)
		if outcome != tt.outcome || detail != tt.detail {
			t.Errorf("%v: %s %q, want %s %q", tt.err, outcome, detail, tt.outcome, tt.detail)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if outcome, _ := classify(stopped, call("read", "read", unix.ECONNREFUSED)); outcome != monitor.OutcomeNoData {
		t.Errorf("stopped: %s, want no_data", outcome)
	}
}
