package checkup

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

func TestJudgePage(t *testing.T) {
	empty, body := probes.Portal{Status: 204}, probes.Portal{Status: 200, Body: "success"}
	for name, tt := range map[string]struct {
		portal   probes.Portal
		status   int
		to, body string
		want     fact.Outcome
		why      verdict.Why
	}{
		"as expected":           {empty, 204, "", "", fact.OutcomeOK, ""},
		"a body as expected":    {body, 200, "", "success\n", fact.OutcomeOK, ""},
		"an empty page":         {empty, 200, "", "\n", fact.OutcomeOK, ""},
		"another body":          {body, 200, "", "log in", fact.OutcomePortal, verdict.WhyBody},
		"a page of its own":     {empty, 200, "", "<html>", fact.OutcomePortal, verdict.WhyBody},
		"a redirect":            {empty, 302, "http://login.example/", "", fact.OutcomePortal, verdict.WhyRedirect},
		"to HTTPS elsewhere":    {empty, 307, "https://login.example/", "", fact.OutcomePortal, verdict.WhyRedirect},
		"to HTTPS of the same":  {empty, 301, "https://CHECK.example/x", "", fact.OutcomeBadAnswer, verdict.WhyStatus},
		"a login is required":   {empty, 511, "", "log in", fact.OutcomePortal, verdict.WhyStatus},
		"a server in trouble":   {empty, 503, "", "", fact.OutcomeBadAnswer, verdict.WhyStatus},
		"a page that is gone":   {empty, 404, "", "", fact.OutcomeBadAnswer, verdict.WhyStatus},
		"a place that is wrong": {empty, 302, "http://[::1", "", fact.OutcomePortal, verdict.WhyRedirect},
	} {
		resp := &http.Response{
			Request:    &http.Request{URL: &url.URL{Scheme: "http", Host: "check.example"}},
			StatusCode: tt.status, Status: "status", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(tt.body)),
		}
		if tt.to != "" {
			resp.Header.Set("Location", tt.to)
		}
		var o verdict.Outcome
		if judgePage(&o, resp, tt.portal); o.Result != tt.want || o.Why != tt.why {
			t.Errorf("%s: %s, %q, want %s, %q", name, o.Result, o.Why, tt.want, tt.why)
		}
	}
}
