package checkup

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes/sock"
)

// enokey is what WireGuard says of an address that none of its peers has.
const enokey = syscall.Errno(126)

// fail puts an error into an outcome.
func fail(o *verdict.Outcome, gateway func(*sock.Refusal) bool, err error) {
	if r, ok := errors.AsType[*sock.Refusal](err); ok {
		refused(o, gateway, r)
		return
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		local(o, errno)
		if o.Result != "" {
			return
		}
	}
	switch timeout, ok := errors.AsType[net.Error](err); {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), ok && timeout.Timeout():
		o.Result = fact.OutcomeTimeout
	case errors.Is(err, context.Canceled):
		o.Result = fact.OutcomeNoData
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		o.Result, o.Why = fact.OutcomeBadAnswer, verdict.WhyReset
	default:
		o.Result, o.Said = fact.OutcomeBadAnswer, fact.Untrusted(err.Error())
	}
}

// local says what an errno without a message means. EADDRNOTAVAIL of a connect
// is a lack of ports, since its source address is the kernel's choice.
func local(o *verdict.Outcome, errno syscall.Errno) {
	o.By = fact.RefuserKernel
	switch errno {
	case syscall.ECONNREFUSED:
		o.Result, o.By = fact.OutcomeRefused, fact.RefuserTarget
	case syscall.ECONNRESET, syscall.EPIPE:
		o.Result, o.Why, o.By = fact.OutcomeBadAnswer, verdict.WhyReset, ""
	case syscall.ETIMEDOUT:
		o.Result, o.By = fact.OutcomeTimeout, ""
	case syscall.EPERM:
		o.Result, o.Why = fact.OutcomeUnreachable, verdict.WhyFirewall
	case syscall.EADDRNOTAVAIL, syscall.EADDRINUSE:
		o.Result, o.Why = fact.OutcomeUnreachable, verdict.WhyPorts
	case syscall.EMFILE, syscall.ENFILE:
		o.Result, o.Why = fact.OutcomeNoData, verdict.WhyFiles
	case syscall.EDESTADDRREQ:
		o.Result, o.Why = fact.OutcomeUnreachable, verdict.WhyEndpoint
	case enokey:
		o.Result, o.Why = fact.OutcomeUnreachable, verdict.WhyPeer
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EACCES, syscall.EINVAL:
		o.Result, o.Why = fact.OutcomeUnreachable, verdict.WhyLocalRoute
	case syscall.ENETDOWN, syscall.ENODEV, syscall.ENXIO, syscall.ENOBUFS, syscall.ENOMEM:
		o.Result = fact.OutcomeNoData
	default:
		o.By = ""
	}
}

// refused says what a refusal means.
func refused(o *verdict.Outcome, gateway func(*sock.Refusal) bool, r *sock.Refusal) {
	switch {
	case r.Protocol == sock.Local:
		if local(o, r.Errno); o.Result == "" {
			o.Result, o.By = fact.OutcomeUnreachable, fact.RefuserKernel
		}
		if r.MTU != 0 {
			o.MTU = r.MTU
		}
		return
	case r.Port():
		o.Result, o.By = fact.OutcomeRefused, fact.RefuserTarget
		return
	}
	o.Result, o.MTU, o.From = fact.OutcomeUnreachable, r.MTU, r.Offender
	switch {
	case r.Own && (r.Errno == syscall.EHOSTUNREACH):
		// The kernel says so when the neighbour did not answer, and a packet
		// filter that rejects with a message.
		o.Why = verdict.WhyUnresolved
	case r.Protocol == sock.ICMP:
		o.Why = why4(r.Code)
	default:
		o.Why = why6(r.Code)
	}
	switch {
	case r.Own:
		o.By = fact.RefuserKernel
	case gateway(r):
		o.By = fact.RefuserGateway
	default:
		o.By = fact.RefuserRouter
	}
}

// why4 reads the codes of RFC 792 and RFC 1812 §5.2.7.1.
func why4(code uint8) verdict.Why {
	switch code {
	case 0, 6:
		return verdict.WhyNoRoute
	case 1, 7:
		return verdict.WhyHost
	case 9, 10, 13:
		return verdict.WhyProhibited
	}
	return ""
}

// why6 reads the codes of RFC 4443 §3.1.
func why6(code uint8) verdict.Why {
	switch code {
	case 0:
		return verdict.WhyNoRoute
	case 2:
		return verdict.WhyScope
	case 3:
		return verdict.WhyHost
	case 1, 5, 6:
		return verdict.WhyProhibited
	}
	return ""
}

// certificate says what is wrong with a certificate.
func certificate(err error) verdict.Why {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return verdict.WhyExpired
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return verdict.WhyName
	}
	return verdict.WhyIssuer
}
