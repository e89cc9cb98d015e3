package probes

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

func page(t *testing.T, role fact.Role, address string) *fact.Target {
	t.Helper()
	p, err := ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	p.Role = role
	return &p
}

func TestPortal(t *testing.T) {
	t.Parallel()
	noContent := Portal{Status: 204}
	success := Portal{Status: 200, Body: "success"}
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name    string
		portal  Portal
		handler http.HandlerFunc
		outcome fact.Outcome
		detail  fact.Untrusted
	}{
		{"no-content", noContent, status(204, ""), fact.OutcomeOK, ""},
		{"body", success, status(200, "success\n"), fact.OutcomeOK, ""},
		{"redirect", noContent, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://login.example/?to=\u202e")
			w.WriteHeader(http.StatusFound)
		}, fact.OutcomePortal, "302 to http://login.example/?to=\u202e"},
		{"empty-page", noContent, status(200, "\n"), fact.OutcomeOK, ""},
		{"https-of-the-same-host", noContent, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://127.0.0.1/")
			w.WriteHeader(http.StatusMovedPermanently)
		}, fact.OutcomeBadAnswer, "301 to https://127.0.0.1/"},
		{"login-page", noContent, status(200, "<html>sign in"), fact.OutcomePortal, "200 OK"},
		{"other-body", success, status(200, "<html>sign in"), fact.OutcomePortal, "200 OK"},
		{"rfc-6585", noContent, status(511, "sign in"), fact.OutcomePortal, "511 Network Authentication Required"},
		{"server-error", noContent, status(503, ""), fact.OutcomeBadAnswer, "503 Service Unavailable"},
		{"forbidden", success, status(403, "success"), fact.OutcomeBadAnswer, "403 Forbidden"},
		{"endless-body", success, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "success")
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
					return
				}
			}
		}, fact.OutcomeOK, ""},
		{"stalled-body", success, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, fact.OutcomeTimeout, ""},
		{"silent", noContent, func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}, fact.OutcomeTimeout, "no answer to the request"},
		{"huge-header", noContent, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			w.WriteHeader(204)
		}, fact.OutcomeBadAnswer, "net/http: server response headers exceeded 16384 bytes; aborted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tt.handler)
			defer s.Close()
			patience := time.Minute
			if tt.outcome == fact.OutcomeTimeout {
				patience = standstill
			}
			got := httpProber{portal: tt.portal}.Probe(within(t, patience), page(t, fact.RolePortal, s.URL))
			if got.Outcome != tt.outcome || got.Detail != tt.detail {
				t.Errorf("%s %q, want %s %q", got.Outcome, string(got.Detail), tt.outcome, string(tt.detail))
			}
			if got.Phases.Connect <= 0 {
				t.Errorf("phases %+v, want the time to connect", got.Phases)
			}
			if tt.outcome == fact.OutcomeOK && (got.RTT <= 0 || got.Phases.FirstByte <= 0) {
				t.Errorf("round trip %v, first byte %v, want both", got.RTT, got.Phases.FirstByte)
			}
		})
	}
}

func TestPageOfTheUser(t *testing.T) {
	for code, want := range map[int]fact.Outcome{
		200: fact.OutcomeOK, 204: fact.OutcomeOK, 301: fact.OutcomeOK,
		404: fact.OutcomeBadAnswer, 500: fact.OutcomeBadAnswer,
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		got := httpProber{}.Probe(within(t, time.Minute), page(t, fact.RoleCustom, s.URL))
		s.Close()
		if got.Outcome != want {
			t.Errorf("status %d: %+v, want %s", code, got, want)
		}
	}
}

// A proxy would answer in the place of the network.
func TestPageWithoutProxy(t *testing.T) {
	asked := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer proxy.Close()
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	defer s.Close()
	got := httpProber{portal: Portal{Status: 204}}.Probe(within(t, time.Minute), page(t, fact.RolePortal, s.URL))
	if got.Outcome != fact.OutcomeOK || asked {
		t.Errorf("%+v, proxy asked: %v", got, asked)
	}
}

func TestPageByTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	got := httpProber{}.Probe(within(t, time.Minute), page(t, fact.RoleCustom, s.URL))
	if got.Outcome != fact.OutcomeBadAnswer || !strings.Contains(string(got.Detail), "certificate") || got.Phases.TLS <= 0 {
		t.Errorf("%+v, want a bad certificate and the time of the handshake", got)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(u.Host)
	got = tlsProber{}.Probe(within(t, time.Minute), &fact.Target{Method: fact.MethodTLS, Addr: at.Addr(), Port: at.Port()})
	if got.Outcome != fact.OutcomeBadAnswer || !strings.Contains(string(got.Detail), "certificate") || got.Phases.TLS <= 0 {
		t.Errorf("tls: %+v, want a bad certificate and the time of the handshake", got)
	}
}
