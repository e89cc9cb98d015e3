package probes

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

// maxBody bounds what is read of a body: more than any check page has, and
// little enough for a metered path.
const maxBody = 4 << 10

// maxHeader bounds the header of an answer.
const maxHeader = 16 << 10

// A Portal is the page that tells a captive portal: a portal answers in its
// place, mostly with a redirect to a login.
type Portal struct {
	// URL is the page, by plain http: nobody can answer in the place of https.
	// Empty switches the check off.
	URL string
	// Status is the status that the page has.
	Status int
	// Body is what the body begins with, or empty for any body.
	Body string
}

func httpMethod() method {
	return method{
		name: fact.MethodHTTP, forms: []string{"http://…", "https://…"}, parse: target.Page,
		// A name to resolve in both families, TCP, a small request and answer.
		cost:     Budget{14, 1800},
		patience: 2.5,
		prober:   func(p Portal) Prober { return httpProber{portal: p} },
	}
}

// An httpProber fetches pages.
type httpProber struct {
	portal Portal
	trust  trust
}

// Probe fetches the URL t.Query once: no redirects, no proxy, no connection
// from before. The round trip ends with the header of the answer.
func (p httpProber) Probe(ctx context.Context, t *fact.Target) fact.ProbeResult {
	var w stopwatch
	ctx = w.watch(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, string(t.Query), nil)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	req.Header.Set("User-Agent", "flapscope")
	req.Header.Set("Cache-Control", "no-cache")
	var proof secured
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return w.dial(ctx, t) },
		DialTLSContext: func(context.Context, string, string) (_ net.Conn, err error) {
			proof, err = p.secure(ctx, &w, t)
			return proof.Conn, err
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		r := refusedBy(err, failed(ctx, err, w.times()))
		if r.Outcome == fact.OutcomeTimeout && r.Detail == "" {
			r.Detail = w.awaited()
		}
		return r
	}
	defer resp.Body.Close()
	times := w.times()
	r := fact.ProbeResult{Phases: times, RTT: times.Connect + times.TLS + times.FirstByte}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		r.Outcome, r.Detail = classify(ctx, err)
		return r
	}
	if t.Role == fact.RolePortal {
		if r.Outcome = p.portal.Judge(resp, string(body)); r.Outcome != fact.OutcomeOK {
			r.Detail = answered(resp)
		}
	} else {
		r.Outcome, r.Detail = judgePage(resp)
	}
	if proof.Conn != nil && proof.remaining < expiresSoon {
		r.Detail += fact.Untrusted(", certificate for " + proof.left())
	}
	return r
}

// secure opens a TLS connection to t.
func (p httpProber) secure(ctx context.Context, w *stopwatch, t *fact.Target) (secured, error) {
	conn, err := w.dial(ctx, t)
	if err != nil {
		return secured{}, err
	}
	s, err := p.trust.secure(ctx, w, conn, t)
	if err != nil {
		conn.Close()
	}
	return s, err
}

// Judge says what an answer to the check is, to which the table of other systems'
// checks has led: a redirect elsewhere, a page of its own or 511 is a portal's; one
// that redirects to HTTPS of the same host, or has trouble, is the check's own server.
func (p Portal) Judge(resp *http.Response, body string) fact.Outcome {
	moved := resp.StatusCode >= 300 && resp.StatusCode < 400
	switch {
	case resp.StatusCode == p.Status && strings.HasPrefix(body, p.Body),
		p.Status == http.StatusNoContent && resp.StatusCode == http.StatusOK && len(body) <= 1:
		// A proxy may make an empty page of none.
		return fact.OutcomeOK
	case moved && !upgrade(resp), resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusNetworkAuthenticationRequired:
		return fact.OutcomePortal
	}
	return fact.OutcomeBadAnswer
}

// upgrade reports whether an answer redirects to HTTPS of the same host.
func upgrade(resp *http.Response) bool {
	u, err := resp.Location()
	return err == nil && u.Scheme == "https" && strings.EqualFold(u.Hostname(), resp.Request.URL.Hostname())
}

// judgePage judges a page of the user's: redirects are as good as pages.
func judgePage(resp *http.Response) (fact.Outcome, fact.Untrusted) {
	if resp.StatusCode < 400 {
		return fact.OutcomeOK, answered(resp)
	}
	return fact.OutcomeBadAnswer, answered(resp)
}

// answered says what an answer was: "302 to http://login.example/".
func answered(resp *http.Response) fact.Untrusted {
	if to := resp.Header.Get("Location"); to != "" {
		return fact.Untrusted(fmt.Sprintf("%d to %s", resp.StatusCode, to))
	}
	return fact.Untrusted(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}
