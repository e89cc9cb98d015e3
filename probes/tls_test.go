package probes

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newAuthority makes an authority that is valid from and until some days from
// now.
func newAuthority(t *testing.T, name string, from, until int) *authority {
	t.Helper()
	a := new(authority)
	a.cert, a.key = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}}, IsCA: true, BasicConstraintsValid: true,
	}, from, until)
	return a
}

// sign makes a certificate, signed by itself where the authority has none.
func (a *authority) sign(t *testing.T, c *x509.Certificate, from, until int) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// An hour to spare: what is meant by a day is not its last second.
	c.SerialNumber = big.NewInt(1)
	now := time.Now().UTC() // A day of it has always 24 hours.
	c.NotBefore = now.AddDate(0, 0, from).Add(-time.Hour)
	c.NotAfter = now.AddDate(0, 0, until).Add(time.Hour)
	parent, by := c, key
	if a.cert != nil {
		parent, by = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// server makes a certificate of a server, and the chain that it sends.
func (a *authority) server(t *testing.T, from, until int, names ...string) *tls.Config {
	t.Helper()
	cert, key := a.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, DNSNames: names}, from, until)
	chain := [][]byte{cert.Raw}
	if a.cert != nil {
		chain = append(chain, a.cert.Raw)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: key}}}
}

// trust trusts authorities, at a clock that is off by some time.
func trusting(off time.Duration, as ...*authority) trust {
	roots := x509.NewCertPool()
	for _, a := range as {
		roots.AddCert(a.cert)
	}
	return trust{roots, func() time.Time { return time.Now().Add(off) }}
}

// serveTLS serves pages on loopback, and returns a target for it.
func serveTLS(t *testing.T, c *tls.Config, date bool) *fact.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{TLSConfig: c, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !date {
			w.Header()["Date"] = nil
		}
		w.WriteHeader(http.StatusNoContent)
	})}
	t.Cleanup(func() { s.Close() })
	go s.ServeTLS(l, "", "")
	return secureTarget(l)
}

func secureTarget(l net.Listener) *fact.Target {
	at := netip.MustParseAddrPort(l.Addr().String())
	return &fact.Target{
		Method: fact.MethodTLS, Role: fact.RoleCustom, Host: "www.example", Addr: at.Addr(), Port: at.Port(),
		Query: fact.Untrusted("https://" + at.String() + "/"),
	}
}

// TestCertificates asks servers with good and bad certificates, at clocks that
// are right and wrong.
func TestCertificates(t *testing.T) {
	good, other := newAuthority(t, "Example CA", -1000, 1000), newAuthority(t, "Strange CA", -1000, 1000)
	young, old := newAuthority(t, "Young CA", -5, 1000), newAuthority(t, "Old CA", -1000, -2)
	day := 24 * time.Hour
	in := func(days int) string {
		return time.Now().UTC().Add(time.Hour).AddDate(0, 0, days).Format(time.DateOnly)
	}
	for name, tt := range map[string]struct {
		server *tls.Config
		// off is how wrong this machine's clock is, and silent whether the server
		// keeps its own to itself.
		off    time.Duration
		silent bool
		want   string
	}{
		"good":          {good.server(t, -10, 58, "www.example"), 0, false, "certificate for 58 days, by Example CA"},
		"soon over":     {good.server(t, -10, 5, "www.example"), 0, false, "certificate for only 5 days more, by Example CA"},
		"hours":         {good.server(t, -10, 1, "www.example"), 0, false, "certificate for only 24 hours more, by Example CA"},
		"expired":       {good.server(t, -10, -3, "www.example"), 0, false, "certificate expired 2 days ago (" + in(-3) + ")"},
		"expired, mute": {good.server(t, -10, -3, "www.example"), 0, true, "certificate expired 2 days ago (" + in(-3) + ")"},
		"chain expired": {old.server(t, -10, -3, "www.example"), 0, true, "certificate expired 2 days ago (" + in(-3) + "): is this machine's clock right?"},
		"not yet":       {good.server(t, 3, 60, "www.example"), 0, false, "certificate not valid for another 2 days"},
		"not yet, mute": {good.server(t, 3, 60, "www.example"), 0, true, "certificate not valid for another 2 days: is this machine's clock right?"},
		"clock slow":    {good.server(t, -10, 60, "www.example"), -20 * day, false, "certificate out of date by this machine's clock, which is 20 d slow"},
		"clock fast":    {good.server(t, -10, 60, "www.example"), 90 * day, false, "certificate out of date by this machine's clock, which is 90 d fast"},
		"a bit slow":    {good.server(t, 0, 60, "www.example"), -3 * time.Hour, false, "certificate out of date by this machine's clock, which is 3 h slow"},
		"slow, mute":    {young.server(t, -2, 60, "www.example"), -20 * day, true, "certificate not valid for another 17 days: is this machine's clock right?"},
		// The clock is wrong, but the certificate is bad at any rate.
		"fast and expired": {good.server(t, -10, -3, "www.example"), day, false, "certificate expired 3 days ago (" + in(-3) + ")"},
		"wrong name":       {good.server(t, -10, 60, "a.example"), 0, false, "certificate is for a.example, not for www.example"},
		"wrong names":      {good.server(t, -10, 60, "a.example", "b.example", "c.example"), 0, false, "certificate is for a.example and 2 more, not for www.example"},
		"unknown issuer":   {other.server(t, -10, 60, "www.example"), 0, false, "certificate by an unknown issuer: Example Strange CA"},
		"self-signed":      {new(authority).server(t, -10, 60, "www.example"), 0, false, "certificate signed by nobody but itself: www.example"},
		"no common TLS": {
			&tls.Config{Certificates: good.server(t, -10, 60, "www.example").Certificates, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10},
			0, false, "TLS refused: protocol version not supported",
		},
		"wants a certificate of us": {
			&tls.Config{Certificates: good.server(t, -10, 60, "www.example").Certificates, MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert},
			0, false, "TLS refused: handshake failure",
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := serveTLS(t, tt.server, !tt.silent)
			v := trusting(tt.off, good, young, old)
			got := tlsProber{v}.Probe(within(t, time.Minute), at)
			if string(got.Detail) != tt.want {
				t.Errorf("%s %q, want %q", got.Outcome, string(got.Detail), tt.want)
			}
			ok := strings.HasPrefix(tt.want, "certificate for ")
			if ok != (got.Outcome == fact.OutcomeOK) || !ok && got.Outcome != fact.OutcomeBadAnswer {
				t.Errorf("outcome %s of %q", got.Outcome, tt.want)
			}
			if got.Phases.Connect <= 0 || got.Phases.TLS <= 0 {
				t.Errorf("phases %+v, want the times of both handshakes", got.Phases)
			}
			page := httpProber{trust: v}.Probe(within(t, time.Minute), at)
			if !ok && (page.Outcome != got.Outcome || page.Detail != got.Detail) {
				t.Errorf("https: %s %q, tls: %s %q; want the same", page.Outcome, string(page.Detail), got.Outcome, string(got.Detail))
			}
			if ok && (page.Outcome != fact.OutcomeOK || page.Phases.FirstByte <= 0 || page.Phases.TLS <= 0 ||
				strings.Contains(string(page.Detail), "certificate") != strings.Contains(tt.want, "only")) {
				t.Errorf("https: %+v", page)
			}
		})
	}
}

// TestHandshakes asks those who speak something else, or nothing.
func TestHandshakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		serve   func(*net.TCPConn)
		outcome fact.Outcome
		want    string
	}{
		"silence": {func(c *net.TCPConn) { io.Copy(io.Discard, c) }, fact.OutcomeTimeout, "no answer in the TLS handshake"},
		"reset": {func(c *net.TCPConn) {
			c.Read(make([]byte, 1))
			c.SetLinger(0)
		}, fact.OutcomeBadAnswer, "reset in the TLS handshake"},
		"end": {func(c *net.TCPConn) {
			// All of it is read: an end with data unread would be a reset.
			c.Read(make([]byte, 4096))
		}, fact.OutcomeBadAnswer, "closed in the TLS handshake"},
		"HTTP": {func(c *net.TCPConn) {
			c.Read(make([]byte, 4096))
			fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, fact.OutcomeBadAnswer, "answers HTTP in place of TLS: a proxy or a portal"},
		"SMTP": {func(c *net.TCPConn) { fmt.Fprint(c, "220 hello\r\n"); io.Copy(io.Discard, c) }, fact.OutcomeBadAnswer, "answers no TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := listen(t)
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						tt.serve(c.(*net.TCPConn))
					}()
				}
			}()
			for _, p := range []Prober{tlsProber{}, httpProber{}} {
				patience := time.Minute
				if tt.outcome == fact.OutcomeTimeout {
					patience = standstill
				}
				got := p.Probe(within(t, patience), secureTarget(l))
				if got.Outcome != tt.outcome || string(got.Detail) != tt.want || got.Phases.Connect <= 0 {
					t.Errorf("%T: %+v, want %s %q", p, got, tt.outcome, tt.want)
				}
			}
		})
	}
}
