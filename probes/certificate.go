package probes

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"flapscope/internal/text"
)

const (
	// expiresSoon is from when on a certificate's end is worth a word: those who
	// renew theirs by a program do so earlier.
	expiresSoon = 14 * 24 * time.Hour
	// dateWithin bounds the question for the other end's clock.
	dateWithin = time.Second
	// clockApart is how far two clocks are apart that disagree: a Date is in
	// whole seconds, and some answers wait in a cache.
	clockApart = 2 * time.Minute
)

// A trust says which certificates are good.
type trust struct {
	// roots are the authorities, or nil for those of the system.
	roots *x509.CertPool
	// clock reads the wall clock; nil is that of the system.
	clock func() time.Time
}

func (v trust) now() time.Time {
	if v.clock == nil {
		return time.Now()
	}
	return v.clock()
}

// A certificateError says in words what is wrong with a certificate.
type certificateError string

// Error implements error.
func (e certificateError) Error() string { return string(e) }

// verify returns until when the other end proves that it is name. It is asked
// for its clock where the certificate is good at another time.
func (v trust) verify(ctx context.Context, conn *tls.Conn, name string) (expires time.Time, err error) {
	chain := conn.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return time.Time{}, certificateError("no certificate")
	}
	now := v.now()
	good, err := v.chains(chain, name, now)
	if err == nil {
		return firstExpiry(good[0]), nil
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok && bad.Reason == x509.Expired {
		date := dateOf(ctx, conn, name)
		_, err := v.chains(chain, name, date)
		return time.Time{}, untimely(chain, now, date, err == nil)
	}
	return time.Time{}, certificateError(distrust(err, chain[0], name))
}

// chains returns the chains of trust from a certificate to an authority.
func (v trust) chains(chain []*x509.Certificate, name string, now time.Time) ([][]*x509.Certificate, error) {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	return chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: v.roots, Intermediates: between, CurrentTime: now})
}

// firstExpiry returns when the first certificate of a chain ends.
func firstExpiry(chain []*x509.Certificate) time.Time {
	first := chain[0].NotAfter
	for _, c := range chain {
		if c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}

// dateOf asks the other end for the time by HTTP, which most that speak TLS
// understand, and returns the zero time if it does not say. The question holds
// nothing but the name that the handshake held: who answers is not proven.
func dateOf(ctx context.Context, conn *tls.Conn, name string) time.Time {
	ctx, cancel := context.WithTimeout(ctx, dateWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: flapscope\r\nConnection: close\r\n\r\n", name); err != nil {
		return time.Time{}
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxHeader)), &http.Request{Method: http.MethodHead})
	if err != nil {
		return time.Time{}
	}
	defer resp.Body.Close()
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}

// untimely says of a certificate that is not valid now whether that is its own
// fault or this machine's clock's. Date is the other end's clock, if it is
// known, and valid whether the certificate was good then.
func untimely(chain []*x509.Certificate, now, date time.Time, valid bool) error {
	leaf := chain[0]
	early := now.Before(leaf.NotBefore)
	words := "certificate expired " + lasting(now.Sub(leaf.NotAfter)) + " ago (" + leaf.NotAfter.UTC().Format(time.DateOnly) + ")"
	if early {
		words = "certificate not valid for another " + lasting(leaf.NotBefore.Sub(now))
	}
	apart := now.Sub(date)
	switch {
	case !date.IsZero() && valid && apart.Abs() > clockApart:
		words = "certificate out of date by this machine's clock, which is "
		words += text.Elapsed(apart.Abs().Round(time.Minute)) + map[bool]string{true: " slow", false: " fast"}[apart < 0]
	case !date.IsZero() && apart.Abs() <= clockApart:
		// Both clocks agree: it is the certificate.
	case early, alsoUntimely(chain[1:], now):
		// Authorities backdate what they sign, and live longer than it.
		words += ": is this machine's clock right?"
	}
	return certificateError(words)
}

// alsoUntimely reports whether none of the certificates is valid at now.
func alsoUntimely(chain []*x509.Certificate, now time.Time) bool {
	for _, c := range chain {
		if !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
			return false
		}
	}
	return len(chain) > 0
}

// distrust says why a certificate that is valid now proves nothing.
func distrust(err error, leaf *x509.Certificate, name string) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "certificate is for " + subjects(leaf) + ", not for " + name
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		if leaf.Subject.String() == leaf.Issuer.String() {
			return "certificate signed by nobody but itself: " + subjects(leaf)
		}
		return "certificate by an unknown issuer: " + issuer(leaf)
	}
	if _, ok := errors.AsType[x509.SystemRootsError](err); ok {
		return "certificate can't be verified: this machine has no list of authorities"
	}
	return strings.TrimPrefix(err.Error(), "x509: ")
}

// subjects names what a certificate is for.
func subjects(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	switch len(names) {
	case 0:
		return cmp.Or(c.Subject.CommonName, "nothing")
	case 1, 2:
		return text.And(names)
	}
	return names[0] + " and " + text.Number(len(names)-1) + " more"
}

// issuer names who signed a certificate.
func issuer(c *x509.Certificate) string {
	name := c.Issuer.CommonName
	if len(c.Issuer.Organization) > 0 && !strings.Contains(name, c.Issuer.Organization[0]) {
		name = strings.TrimSpace(c.Issuer.Organization[0] + " " + name)
	}
	return cmp.Or(name, "nobody")
}

// lasting writes the time that is left of a certificate, or is over: nobody
// renews by the minute.
func lasting(d time.Duration) string {
	if d < 48*time.Hour {
		return text.Count(int(d/time.Hour), "hour")
	}
	return text.Count(int(d/(24*time.Hour)), "day")
}
