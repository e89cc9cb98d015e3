package checkup

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// maxBody bounds what is read of a page.
const maxBody = 4 << 10

// judgePage says what an answer to the portal check is, to which the table of
// other systems' checks has led: a redirect elsewhere, a page of its own or 511
// is a portal's; one that redirects to HTTPS of the same host, or has trouble, is
// the check's own server.
func judgePage(o *verdict.Outcome, resp *http.Response, p probes.Portal, host string) {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	o.Answered = 1
	to := resp.Header.Get("Location")
	switch {
	case resp.StatusCode == p.Status && strings.HasPrefix(string(body), p.Body),
		p.Status == http.StatusNoContent && resp.StatusCode == http.StatusOK && len(body) <= 1:
		// A proxy may make an empty page of none.
		o.Result = fact.OutcomeOK
		return
	case resp.StatusCode == http.StatusNetworkAuthenticationRequired:
		o.Result, o.Why = fact.OutcomePortal, verdict.WhyStatus
	case resp.StatusCode >= 300 && resp.StatusCode < 400 && !upgrade(to, host):
		o.Result, o.Why, o.Said = fact.OutcomePortal, verdict.WhyRedirect, fact.Untrusted(to)
		return
	case resp.StatusCode == http.StatusOK:
		o.Result, o.Why = fact.OutcomePortal, verdict.WhyBody
	default:
		o.Result, o.Why = fact.OutcomeBadAnswer, verdict.WhyStatus
	}
	o.Said = fact.Untrusted(resp.Status)
}

// upgrade reports whether a redirect goes to HTTPS of the same host.
func upgrade(to, host string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "https" && strings.EqualFold(u.Hostname(), host)
}
