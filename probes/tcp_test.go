package probes

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// listen opens a TCP port on loopback and returns a target for it.
func listen(t *testing.T) (net.Listener, *fact.Target) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	at := netip.MustParseAddrPort(l.Addr().String())
	return l, &fact.Target{Method: fact.MethodTCP, Role: fact.RoleInternet, Addr: at.Addr(), Port: at.Port()}
}

func TestConnect(t *testing.T) {
	l, target := listen(t)
	got := connect(within(t, time.Minute), target)
	if got.Outcome != fact.OutcomeOK || got.RTT <= 0 || got.Phases.Connect != got.RTT {
		t.Errorf("open port: %+v", got)
	}
	l.Close()
	got = connect(within(t, time.Minute), target)
	if got.Outcome != fact.OutcomeRefused || got.RTT <= 0 {
		t.Errorf("closed port: %+v, want refused, with the round trip of the reset", got)
	}
	if target.Answered(got.Outcome) {
		t.Error("a reset counts as an answer: a firewall on the way may have sent it")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got = connect(ctx, target); got.Outcome != fact.OutcomeNoData {
		t.Errorf("stopped: %+v, want no_data", got)
	}
}

func TestHandshakeWithoutTLS(t *testing.T) {
	l, target := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("220 hello\r\n"))
			c.Close()
		}
	}()
	got := tlsProber{}.Probe(within(t, time.Minute), target)
	if got.Outcome != fact.OutcomeBadAnswer || got.Detail == "" {
		t.Errorf("%+v, want bad_answer with a reason", got)
	}
}

func TestHandshakeStalls(t *testing.T) {
	_, target := listen(t)
	got := tlsProber{}.Probe(within(t, standstill), target)
	if got.Outcome != fact.OutcomeTimeout || got.Phases.Connect <= 0 || got.Phases.TLS <= 0 {
		t.Errorf("%+v, want timeout in the handshake", got)
	}
}
