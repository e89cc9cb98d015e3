package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

func tlsMethod() method {
	return method{
		name: fact.MethodTLS, forms: []string{"tls:HOST[:PORT]"}, parse: target.PortOr(443),
		// The chain of certificates is most of it.
		cost:     Budget{16, 7000},
		patience: 2.5,
		prober:   func(Portal) Prober { return tlsProber{} },
	}
}

// A tlsProber opens TLS connections, verifies the certificate and closes them.
type tlsProber struct{ trust trust }

// Probe implements Prober. The round trip is that of both handshakes.
func (p tlsProber) Probe(ctx context.Context, t *fact.Target) fact.ProbeResult {
	var w stopwatch
	conn, err := w.dial(ctx, t)
	if err != nil {
		return refusedBy(err, failed(ctx, err, w.times()))
	}
	defer conn.Close()
	secured, err := p.trust.secure(ctx, &w, conn, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	times := w.times()
	return fact.ProbeResult{
		Outcome: fact.OutcomeOK, RTT: times.Connect + times.TLS, Phases: times,
		Detail: fact.Untrusted("certificate for " + secured.left() + ", by " + issuer(secured.ConnectionState().PeerCertificates[0])),
	}
}

// A secured is a connection to somebody who proved who they are.
type secured struct {
	*tls.Conn
	// remaining is how long the certificate will prove it.
	remaining time.Duration
}

// left says how long the certificate is good.
func (s secured) left() string {
	if s.remaining < expiresSoon {
		return "only " + lasting(s.remaining) + " more"
	}
	return lasting(s.remaining)
}

// secure does the handshake on a connection to t, and verifies who is there.
func (v trust) secure(ctx context.Context, w *stopwatch, conn net.Conn, t *fact.Target) (secured, error) {
	name := string(t.Host)
	if name == "" {
		name = t.Addr.WithZone("").String()
	}
	// The certificate is verified below, where more is known than whether it is
	// good. Until then nothing is said that a stranger should not hear.
	c := tls.Client(conn, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	w.start(&w.securing)
	err := c.HandshakeContext(ctx)
	w.stop(&w.securing, &w.phases.TLS)
	if err != nil {
		return secured{}, &handshakeError{err}
	}
	expires, err := v.verify(ctx, c, name)
	if err != nil {
		return secured{}, err
	}
	return secured{c, expires.Sub(v.now())}, nil
}

// silentHandshake is what is said of who takes a connection, and then is silent.
const silentHandshake = "no answer in the TLS handshake"

// A handshakeError is what ended a TLS handshake on a connection that was open.
type handshakeError struct{ err error }

// Error implements error.
func (e *handshakeError) Error() string { return e.err.Error() }

// Unwrap returns what ended it.
func (e *handshakeError) Unwrap() error { return e.err }

// classify says what it means. Who resets a handshake is not the one who took
// the connection, mostly, but stands between; and what answers HTTP is a proxy
// or a portal.
func (e *handshakeError) classify() (fact.Outcome, fact.Untrusted) {
	if isTimeout(e.err) {
		return fact.OutcomeTimeout, silentHandshake
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](e.err); ok {
		if strings.HasPrefix(string(record.RecordHeader[:]), "HTTP/") {
			return fact.OutcomeBadAnswer, "answers HTTP in place of TLS: a proxy or a portal"
		}
		return fact.OutcomeBadAnswer, "answers no TLS"
	}
	if alert, ok := errors.AsType[*net.OpError](e.err); ok && alert.Op == "remote error" {
		return fact.OutcomeBadAnswer, fact.Untrusted("TLS refused: " + strings.TrimPrefix(alert.Err.Error(), "tls: "))
	}
	switch {
	case errors.Is(e.err, syscall.ECONNRESET):
		return fact.OutcomeBadAnswer, "reset in the TLS handshake"
	case errors.Is(e.err, io.EOF), errors.Is(e.err, io.ErrUnexpectedEOF), errors.Is(e.err, syscall.EPIPE):
		return fact.OutcomeBadAnswer, "closed in the TLS handshake"
	}
	return fact.OutcomeBadAnswer, fact.Untrusted("TLS: " + strings.TrimPrefix(root(e.err).Error(), "tls: "))
}
