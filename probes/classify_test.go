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

	"flapscope/monitor/fact"
)

func TestClassify(t *testing.T) {
	call := func(op, syscall string, errno unix.Errno) error {
		return fmt.Errorf("probe: %w", &net.OpError{Op: op, Net: "udp", Err: os.NewSyscallError(syscall, errno)})
	}
	for _, tt := range []struct {
		err     error
		outcome fact.Outcome
		detail  fact.Untrusted
	}{
		{nil, fact.OutcomeOK, ""},
		{context.DeadlineExceeded, fact.OutcomeTimeout, ""},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, fact.OutcomeTimeout, ""},
		{call("dial", "connect", unix.ETIMEDOUT), fact.OutcomeTimeout, ""},
		{call("read", "read", unix.ECONNREFUSED), fact.OutcomeRefused, "connection refused"},
		{call("read", "read", unix.ECONNRESET), fact.OutcomeBadAnswer, "connection reset"},
		{io.EOF, fact.OutcomeBadAnswer, "connection closed"},
		{call("dial", "connect", unix.ENETUNREACH), fact.OutcomeUnreachable, "network unreachable"},
		{call("write", "sendto", unix.EHOSTUNREACH), fact.OutcomeUnreachable, "host unreachable"},
		{call("write", "sendto", unix.ENETDOWN), fact.OutcomeUnreachable, "network down"},
		{call("dial", "connect", unix.EADDRNOTAVAIL), fact.OutcomeUnreachable, "no source address"},
		{call("write", "sendto", unix.EPERM), fact.OutcomeUnreachable, "dropped by the local firewall"},

		// The same errno says another thing where the socket is made.
		{call("dial", "connect", unix.EACCES), fact.OutcomeUnreachable, "prohibited by a route"},
		{call("listen", "socket", unix.EACCES), fact.OutcomeNoData, "permission denied"},
		{call("listen", "socket", unix.EPERM), fact.OutcomeNoData, "operation not permitted"},
		{call("dial", "setsockopt", unix.ENODEV), fact.OutcomeNoData, "no such device"},
		{call("dial", "socket", unix.EMFILE), fact.OutcomeNoData, "too many open files"},
		{call("listen", "bind", unix.EADDRNOTAVAIL), fact.OutcomeNoData, "cannot assign requested address"},
		{errNoPermission, fact.OutcomeNoData, "no permission for ICMP"},
		{call("write", "sendto", unix.ENODEV), fact.OutcomeNoData, "interface is gone"},
		{errors.Join(unix.ENODEV, errors.New("x")), fact.OutcomeNoData, "interface is gone"},
		{call("write", "sendto", unix.ENOBUFS), fact.OutcomeNoData, "out of socket buffers"},

		{&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, fact.OutcomeBadAnswer, "no such host"},
		{&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, fact.OutcomeTimeout, "resolving the name"},
		{&net.DNSError{Err: "server misbehaving", Name: "x"}, fact.OutcomeBadAnswer, "resolving the name: server misbehaving"},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", errors.New("strange"))), fact.OutcomeBadAnswer, "strange"},
	} {
		outcome, detail := classify(t.Context(), tt.err)
		if outcome != tt.outcome || detail != tt.detail {
			t.Errorf("%v: %s %q, want %s %q", tt.err, outcome, detail, tt.outcome, tt.detail)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if outcome, _ := classify(stopped, call("read", "read", unix.ECONNREFUSED)); outcome != fact.OutcomeNoData {
		t.Errorf("stopped: %s, want no_data", outcome)
	}
}
