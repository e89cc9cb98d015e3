package capport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// How often an API is asked: often while somebody signs in. One question takes some
// 6 kB, mostly certificates.
const (
	everyCaptive = 10 * time.Second
	everyOpen    = 5 * time.Minute
	answerWithin = 5 * time.Second
	// maxBody bounds what is read of an answer.
	maxBody = 4 << 10
)

// A Source asks the API of each interface that has one.
type Source struct {
	client *http.Client
	now    func() time.Duration
	news   chan struct{}
}

// New returns a source; now reads CLOCK_BOOTTIME.
func New(now func() time.Duration) *Source {
	return &Source{
		client: &http.Client{
			Timeout:       answerWithin,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
		},
		now: now, news: make(chan struct{}, 1),
	}
}

// Follow implements state.Follower: an API that is new is asked at once.
func (s *Source) Follow(f fact.Fact) {
	if c, ok := f.(*fact.Capport); ok && c.Asked == 0 {
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
}

// Run implements state.Source.
func (s *Source) Run(ctx context.Context, h state.Host) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-s.news:
		}
		next := everyOpen
		for _, c := range known(h) {
			if s.ask(ctx, h, c) {
				next = everyCaptive
			}
		}
		timer.Reset(next)
	}
}

// known returns the APIs that are known.
func known(h state.Host) (all []*fact.Capport) {
	h.Update(func(s *state.State, _ fact.Emit) {
		for _, c := range s.Capports {
			all = append(all, c)
		}
	})
	return all
}

// ask asks an API, and reports whether this machine is captive.
func (s *Source) ask(ctx context.Context, h state.Host, c *fact.Capport) bool {
	asked := s.now()
	next, err := s.fetch(ctx, c)
	if err != nil {
		return c.Captive
	}
	next.Asked, next.Since = asked, asked
	if c.Asked != 0 && c.Captive == next.Captive {
		next.Since = c.Since
	}
	h.Update(func(st *state.State, emit fact.Emit) {
		if now := st.Capports[c.Index]; now != nil && now.API == c.API {
			emit(fact.Observation{Op: fact.Put, Fact: next})
		}
	})
	return next.Captive
}

// An answer is that of an API (RFC 8908 §5).
type answer struct {
	Captive *bool    `json:"captive"`
	SignIn  string   `json:"user-portal-url"`
	Seconds *float64 `json:"seconds-remaining"`
}

// fetch asks an API once.
func (s *Source) fetch(ctx context.Context, c *fact.Capport) (*fact.Capport, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, string(c.API), nil)
	if err != nil {
		return nil, fmt.Errorf("captive portal API: %w", err)
	}
	req.Header.Set("Accept", "application/captive+json")
	req.Header.Set("User-Agent", "flapscope")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("captive portal API: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("captive portal API: %s: %w", resp.Status, err)
	}
	return parse(body, c, s.now())
}

// parse reads an answer that came at an instant.
func parse(body []byte, c *fact.Capport, now time.Duration) (*fact.Capport, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("captive portal API: %w", err)
	}
	if a.Captive == nil {
		return nil, errors.New("captive portal API: no key captive")
	}
	next := &fact.Capport{Index: c.Index, API: c.API, Captive: *a.Captive}
	if u, err := url.Parse(a.SignIn); err == nil && (u.Scheme == "https" || u.Scheme == "http") && fact.Untrusted(a.SignIn).Display() == a.SignIn {
		next.SignIn = fact.Untrusted(a.SignIn)
	}
	const year = 365 * 24 * 3600
	if a.Seconds != nil && *a.Seconds >= 0 && *a.Seconds < year && !next.Captive {
		next.Until = now + time.Duration(*a.Seconds)*time.Second
	}
	return next, nil
}
