//go:build linux

package netlab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// An Authority issues certificates.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	// PEM is its own certificate.
	PEM []byte
}

// NewAuthority makes one that nobody trusts yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lab"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &Authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// Issue issues a certificate for addresses and names, good between two instants.
func (a *Authority) Issue(t testing.TB, from, to time.Time, names ...string) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature}
	for _, s := range names {
		if ip := net.ParseIP(s); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, s)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// A SecureWeb answers HTTPS on every address of a namespace.
type SecureWeb struct {
	mu   sync.Mutex // guards all following
	cert *tls.Certificate
	// ahead is how far its clock is ahead.
	ahead time.Duration
	// deaf is whether it cuts connections off before it says a word.
	deaf bool
}

// ServeSecure starts HTTPS on port 443 of every address of the namespace.
func (ns *Namespace) ServeSecure(t testing.TB, cert *tls.Certificate) *SecureWeb {
	t.Helper()
	w := &SecureWeb{cert: cert}
	var l net.Listener
	err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", ":443")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.deaf {
			return nil, http.ErrAbortHandler
		}
		return w.cert, nil
	}}
	server := &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet()}
	go server.Serve(tls.NewListener(l, config)) //nolint:errcheck // It ends with the listener.
	t.Cleanup(func() { l.Close() })
	return w
}

// Show lets it show another certificate.
func (w *SecureWeb) Show(cert *tls.Certificate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cert = cert
}

// Ahead puts its clock ahead.
func (w *SecureWeb) Ahead(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead = d
}

// Cut lets it end every handshake.
func (w *SecureWeb) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = true
}

// ServeHTTP implements http.Handler.
func (w *SecureWeb) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Header().Set("Date", time.Now().Add(w.ahead).UTC().Format(http.TimeFormat))
	out.WriteHeader(http.StatusNoContent)
}
