package probes

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
)

// TestProbesInFlight: nothing answers, and what is sent stays bounded.
func TestProbesInFlight(t *testing.T) {
	var targets []*fact.Target
	for i := range 2 * maxInFlight {
		targets = append(targets, &fact.Target{ID: fmt.Sprint(i), Method: fact.MethodPing, Interval: time.Second})
	}
	for n, want := range map[int]int{1: maxPerTarget, len(targets): maxInFlight} {
		s := schedule{entries: map[string]*entry{}}
		s.update(time.Second, plan{targets: targets[:n], limit: Budget{1e6, 1e9}}, func(fact.Observation) {})
		sent := 0
		for i := range 100 {
			sent += len(s.due(time.Duration(i) * time.Second))
		}
		if sent != want {
			t.Errorf("%d targets: %d probes are in flight, want %d", n, sent, want)
		}
	}
}

// TestDNSAnswersAreSmall: the server is asked to cut what a path may not carry
// in one piece.
func TestDNSAnswersAreSmall(t *testing.T) {
	size := make(chan uint16, 1)
	at := serveDNS(t, func(w dns.ResponseWriter, m *dns.Msg) {
		size <- m.IsEdns0().UDPSize()
		_ = w.WriteMsg(new(dns.Msg).SetReply(m))
	})
	query(within(t, time.Minute), at)
	if got := <-size; got != maxUDP {
		t.Errorf("answers of %d bytes are asked for, want %d", got, maxUDP)
	}
}

// TestBodyIsCut: of a page without end the beginning is read.
func TestBodyIsCut(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 2*maxBody))
	}))
	defer s.Close()
	for n, want := range map[int]fact.Outcome{maxBody: fact.OutcomeOK, maxBody + 1: fact.OutcomePortal} {
		p := httpProber{portal: Portal{Status: 200, Body: strings.Repeat("x", n)}}
		if got := p.Probe(within(t, time.Minute), page(t, fact.RolePortal, s.URL)); got.Outcome != want {
			t.Errorf("%d bytes of the body are compared: %s, want %s", n, got.Outcome, want)
		}
	}
}
