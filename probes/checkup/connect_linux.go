package checkup

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
	"flapscope/probes/sock"
)

// What questions cost: SYN, SYN+ACK, ACK and RST; and what is around the data of
// a connection.
const (
	connectCost = 300
	aroundData  = 450
)

// trusted are the issuers that this machine trusts.
type trusted struct{ pool *x509.CertPool }

// loadRoots reads them while the first packets are under way: it takes as long
// as those do.
func (r *run) loadRoots() {
	if pool, err := x509.SystemCertPool(); err == nil {
		r.trusted.pool = pool
	}
	close(r.roots)
}

// connect opens a TCP connection to where HTTPS is, and TLS over it if that is
// wanted.
func (r *run) connect(o verdict.Outcome, secure bool) {
	o.Ask, o.Optional = verdict.Connect, known(o.Addr) == ""
	var tls *ask
	done := make(chan *sock.Stream, 1)
	if secure {
		t := o
		t.Ask = verdict.Secure
		tls = r.start(t, true, func(ctx context.Context, o *verdict.Outcome) {
			conn := <-done
			if conn == nil {
				o.Result = fact.OutcomeNoData
				return
			}
			defer conn.Close()
			r.secure(ctx, o, conn, o.Addr.String())
		})
	}
	r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
		conn := r.dial(ctx, o, netip.AddrPortFrom(o.Addr, 443))
		if conn != nil && secure {
			r.private(*o)
		}
		switch {
		case tls != nil:
			done <- conn
		case conn != nil:
			conn.Close()
		}
	})
}

// dial opens a TCP connection, or says in o why not.
func (r *run) dial(ctx context.Context, o *verdict.Outcome, to netip.AddrPort) *sock.Stream {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	r.spent(connectCost)
	began := time.Now()
	conn, err := sock.Connect(ctx, to, r.index(to.Addr()))
	if err != nil {
		r.failed(o, err)
		if o.Result == fact.OutcomeRefused {
			o.Answered, o.RTT = 1, time.Since(began)
		}
		if o.Result == fact.OutcomeTimeout && probes.FilteredStrictly(to.Addr(), r.scope.Index) {
			o.Result, o.Why = fact.OutcomeNoData, verdict.WhyStrict
		}
		return nil
	}
	o.Result, o.Answered, o.RTT = fact.OutcomeOK, 1, conn.RTT
	return conn
}

// A counted connection counts what goes through it.
type counted struct {
	net.Conn
	bytes int
}

// Read implements net.Conn.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes += n
	return n, err
}

// Write implements net.Conn.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.bytes += n
	return n, err
}

// counting wraps a connection; release closes it with ctx, and enters what went
// through it.
func (r *run) counting(ctx context.Context, conn *sock.Stream) (c *counted, release func()) {
	_ = conn.SetDeadline(time.Now().Add(answerIn))
	c = &counted{Conn: conn}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return c, func() {
		stop()
		conn.Close()
		r.spent(c.bytes + aroundData)
	}
}

// secure makes TLS of a connection, judges the certificate itself, so that it is
// known what is wrong with it, and asks for the date. Name is whose it must be.
func (r *run) secure(ctx context.Context, o *verdict.Outcome, conn *sock.Stream, name string) {
	c, release := r.counting(ctx, conn)
	defer release()
	began := time.Now()
	//nolint:gosec // The certificate is verified below, at more than one instant.
	t := tls.Client(c, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err := t.HandshakeContext(ctx); err != nil {
		r.failed(o, err)
		if o.Result == fact.OutcomeBadAnswer && o.Why == "" {
			o.Why = verdict.WhyNotTLS
		}
		return
	}
	o.RTT = time.Since(began)
	o.Result, o.Answered = fact.OutcomeOK, 1
	date(o, t)
	<-r.roots
	now := time.Now()
	err := verify(t.ConnectionState().PeerCertificates, name, r.trusted.pool, now)
	if err == nil {
		return
	}
	o.Result, o.Why = fact.OutcomeBadAnswer, certificate(err)
	if o.Why != verdict.WhyExpired {
		return
	}
	leaf := t.ConnectionState().PeerCertificates[0]
	if now.Before(leaf.NotBefore) {
		o.Why = verdict.WhyNotYet
	}
	// One that is good at the date that its owner tells is good, and the clock of
	// this machine is not.
	if o.Dated && verify(t.ConnectionState().PeerCertificates, name, r.trusted.pool, now.Add(o.Skew)) == nil && apart(o.Skew) {
		o.Why = verdict.WhyClock
	}
}

// apart reports whether clocks differ by more than what they are set by.
func apart(skew time.Duration) bool { return max(skew, -skew) > time.Minute }

// verify verifies a chain of certificates as of an instant.
func verify(chain []*x509.Certificate, name string, roots *x509.CertPool, at time.Time) error {
	if len(chain) == 0 {
		return x509.UnknownAuthorityError{}
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between, CurrentTime: at})
	return err
}

// date asks a server for its date, which has steps of a second.
func date(o *verdict.Outcome, t net.Conn) {
	began := time.Now()
	if _, err := t.Write([]byte("HEAD / HTTP/1.1\r\nHost: " + o.Addr.String() + "\r\nUser-Agent: flapscope\r\nConnection: close\r\n\r\n")); err != nil {
		return
	}
	resp, err := http.ReadResponse(bufio.NewReader(t), &http.Request{Method: http.MethodHead})
	if err != nil {
		return
	}
	resp.Body.Close()
	dated(o, resp, began)
}

// dated enters by how much the date of an answer is ahead of ours.
func dated(o *verdict.Outcome, resp *http.Response, began time.Time) {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	middle := began.Add(time.Since(began) / 2)
	o.Skew, o.Dated = at.Add(500*time.Millisecond).Sub(middle), true
}

// page fetches the page of the portal check from an address of its host.
func (r *run) page(f fact.Family, a netip.Addr, port string) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return
	}
	o := verdict.Outcome{Ask: verdict.Page, Role: fact.RolePortal, Family: f, Addr: a}
	r.start(o, true, func(ctx context.Context, o *verdict.Outcome) {
		conn := r.dial(ctx, o, netip.AddrPortFrom(a, uint16(n)))
		if conn == nil {
			return
		}
		c, release := r.counting(ctx, conn)
		defer release()
		r.fetch(o, c)
	})
}

// fetch asks for the page.
func (r *run) fetch(o *verdict.Outcome, c net.Conn) {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.Portal.URL, nil)
	if err != nil {
		o.Result = fact.OutcomeNoData
		return
	}
	req.Header.Set("User-Agent", "flapscope")
	req.Header.Set("Cache-Control", "no-cache")
	req.Close = true
	began := time.Now()
	if err = req.Write(c); err == nil {
		var resp *http.Response
		if resp, err = http.ReadResponse(bufio.NewReader(c), req); err == nil {
			defer resp.Body.Close()
			o.RTT = time.Since(began)
			dated(o, resp, began)
			judgePage(o, resp, r.Portal)
			return
		}
	}
	o.Answered = 0
	r.failed(o, err)
}
