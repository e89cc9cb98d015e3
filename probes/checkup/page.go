package checkup

import (
	"io"
	"net/http"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// maxBody bounds what is read of a page.
const maxBody = 4 << 10

// judgePage says what an answer to the portal check is, and by what that shows.
func judgePage(o *verdict.Outcome, resp *http.Response, p probes.Portal) {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	o.Answered = 1
	o.Result = p.Judge(resp, string(body))
	switch {
	case o.Result == fact.OutcomeOK:
	case o.Result == fact.OutcomePortal && resp.StatusCode == http.StatusOK:
		o.Why, o.Said = verdict.WhyBody, fact.Untrusted(resp.Status)
	case o.Result == fact.OutcomePortal && resp.StatusCode < 400:
		o.Why, o.Said = verdict.WhyRedirect, fact.Untrusted(resp.Header.Get("Location"))
	default:
		o.Why, o.Said = verdict.WhyStatus, fact.Untrusted(resp.Status)
	}
}
