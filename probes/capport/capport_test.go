package capport

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// host keeps a state.
type host struct {
	s    *state.State
	lock chan struct{}
}

func (h *host) Update(fn func(*state.State, fact.Emit)) {
	h.lock <- struct{}{}
	defer func() { <-h.lock }()
	fn(h.s, func(o fact.Observation) { h.s.Apply(o) })
}

// says returns what is known of the portal.
func (h *host) says() (c fact.Capport) {
	h.Update(func(s *state.State, _ fact.Emit) { c = *s.Capports[2] })
	return c
}

// TestAsk: an API is asked as soon as it is known, and what it says holds.
func TestAsk(t *testing.T) {
	var body atomic.Value
	body.Store(`{"captive": true, "user-portal-url": "https://portal.example/login"}`)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/captive+json" {
			t.Errorf("asked for %q", r.Header.Get("Accept"))
		}
		w.Write([]byte(body.Load().(string)))
	}))
	defer server.Close()
	now := time.Hour
	s := New(func() time.Duration { now += time.Second; return now })
	s.client = server.Client()
	h := &host{state.NewState(), make(chan struct{}, 1)}
	api := &fact.Capport{Index: 2, API: fact.Untrusted(server.URL)}
	h.Update(func(_ *state.State, emit fact.Emit) { emit(fact.Observation{Op: fact.Put, Fact: api}) })
	ask := func() fact.Capport {
		for _, c := range known(h) {
			s.ask(context.Background(), h, c)
		}
		return h.says()
	}
	first := ask()
	if !first.Captive || first.SignIn != "https://portal.example/login" || first.Asked == 0 || first.Since != first.Asked {
		t.Errorf("captive: got %+v", first)
	}
	if second := ask(); second.Since != first.Since || second.Asked <= first.Asked {
		t.Errorf("captive still: got %+v after %+v", second, first)
	}
	body.Store(`{"captive": false, "seconds-remaining": 90}`)
	if open := ask(); open.Captive || open.Until < now+80*time.Second || open.Since == first.Since {
		t.Errorf("let in: got %+v", open)
	}
	body.Store(`nonsense`)
	if open := ask(); open.Captive || open.Asked == 0 {
		t.Errorf("an answer that is none: got %+v", open)
	}
}

func TestParse(t *testing.T) {
	c := &fact.Capport{Index: 2, API: "https://portal.example/"}
	for _, tt := range []struct {
		body string
		ok   bool
		want fact.Capport
	}{
		{`{}`, false, fact.Capport{}},
		{`{"captive": "yes"}`, false, fact.Capport{}},
		{`{"captive": true, "user-portal-url": "javascript:alert(1)"}`, true, fact.Capport{Captive: true}},
		{`{"captive": true, "user-portal-url": "https://a/\u001b"}`, true, fact.Capport{Captive: true}},
		{`{"captive": true, "seconds-remaining": 5}`, true, fact.Capport{Captive: true}},
		{`{"captive": false, "seconds-remaining": -5}`, true, fact.Capport{}},
		{`{"captive": false, "seconds-remaining": 1e300}`, true, fact.Capport{}},
		{`{"captive": false, "seconds-remaining": 5}`, true, fact.Capport{Until: 5*time.Second + 7}},
	} {
		got, err := parse([]byte(tt.body), c, 7)
		if tt.ok != (err == nil) {
			t.Errorf("%s: %v", tt.body, err)
			continue
		}
		tt.want.Index, tt.want.API = c.Index, c.API
		if err == nil && *got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.body, *got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"captive": true, "user-portal-url": "https://a/", "seconds-remaining": 5}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parse(b, &fact.Capport{Index: 2}, 7)
		if err == nil && (got.SignIn.Display() != string(got.SignIn) || got.Until < 0) {
			t.Errorf("got %+v", got)
		}
	})
}
