package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
)

// serveDNS starts a name server on loopback, over UDP and TCP on the same
// port, and returns a target for it.
func serveDNS(t *testing.T, h dns.HandlerFunc) *fact.Target {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", pc.LocalAddr().String())
	if errors.Is(err, syscall.EADDRINUSE) {
		pc.Close()
		return serveDNS(t, h) // Somebody else has this port for TCP.
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: h}, {Listener: l, Handler: h}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		t.Cleanup(func() { s.Shutdown() })
	}
	return serverAt(t, pc.LocalAddr().String())
}

// serverAt returns a target for the name server at an address.
func serverAt(t *testing.T, at string) *fact.Target {
	t.Helper()
	ap := netip.MustParseAddrPort(at)
	return &fact.Target{
		ID: "dns:test", Method: fact.MethodDNS, Role: fact.RoleResolver,
		Addr: ap.Addr(), Port: ap.Port(), Query: "example.com",
	}
}

// standstill is longer than a busy machine lets a process stand still: what took
// less has come by then, and what has not come never will.
const standstill = 3 * time.Second

// within returns a context with a deadline that is long for loopback.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func overUDP(w dns.ResponseWriter) bool {
	_, ok := w.RemoteAddr().(*net.UDPAddr)
	return ok
}

func TestQuery(t *testing.T) {
	reply := func(rcode int, change func(*dns.Msg)) dns.HandlerFunc {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetRcode(q, rcode)
			if change != nil {
				change(m)
			}
			w.WriteMsg(m)
		}
	}
	for _, tt := range []struct {
		name    string
		handler dns.HandlerFunc
		outcome fact.Outcome
		detail  fact.Untrusted
	}{
		{"answer", reply(dns.RcodeSuccess, nil), fact.OutcomeOK, ""},
		{"no-such-name", reply(dns.RcodeNameError, nil), fact.OutcomeOK, "NXDOMAIN"},
		{"servfail", reply(dns.RcodeServerFailure, nil), fact.OutcomeBadAnswer, "SERVFAIL"},
		{"refused", reply(dns.RcodeRefused, nil), fact.OutcomeBadAnswer, "REFUSED"},
		{"unknown-code", reply(14, nil), fact.OutcomeBadAnswer, "RCODE14"},
		{"extended-error", reply(dns.RcodeServerFailure, func(m *dns.Msg) {
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNoReachableAuthority}}
		}), fact.OutcomeBadAnswer, "SERVFAIL: No Reachable Authority"},
		{"extended-text", reply(dns.RcodeServerFailure, func(m *dns.Msg) {
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{ExtraText: "\x1b[2J"}}
		}), fact.OutcomeBadAnswer, "SERVFAIL: \x1b[2J"},
		{"no-question-on-error", reply(dns.RcodeFormatError, func(m *dns.Msg) { m.Question = nil }), fact.OutcomeBadAnswer, "FORMERR"},
		{"truncated-then-tcp", func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = overUDP(w)
			w.WriteMsg(m)
		}, fact.OutcomeOK, "over TCP"},
		{"forged-first", func(w dns.ResponseWriter, q *dns.Msg) {
			forged := new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
			forged.Id++
			w.WriteMsg(forged)
			other := new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
			other.Question = []dns.Question{{Name: "evil.example.", Qtype: dns.TypeA, Qclass: dns.ClassINET}}
			w.WriteMsg(other)
			w.WriteMsg(new(dns.Msg).SetReply(q))
		}, fact.OutcomeOK, "2 stray answers"},
		{"garbage-first", func(w dns.ResponseWriter, q *dns.Msg) {
			w.Write([]byte("garbage that is longer than a header"))
			w.Write([]byte("short"))
			w.WriteMsg(new(dns.Msg).SetReply(q))
		}, fact.OutcomeOK, "2 stray answers"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := query(within(t, time.Minute), serveDNS(t, tt.handler))
			if got.Outcome != tt.outcome || got.Detail != tt.detail {
				t.Errorf("%s %q, want %s %q", got.Outcome, string(got.Detail), tt.outcome, string(tt.detail))
			}
			if got.RTT <= 0 || got.Phases.FirstByte <= 0 {
				t.Errorf("round trip %v, first byte %v, want both", got.RTT, got.Phases.FirstByte)
			}
		})
	}
}

func TestQueryAsksForItsName(t *testing.T) {
	for name, want := range map[fact.Untrusted]string{"example.com": "example.com. A", ".": ". NS", "A.example.": "A.example. A"} {
		asked := make(chan string, 1)
		target := serveDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
			asked <- q.Question[0].Name + " " + dns.TypeToString[q.Question[0].Qtype]
			w.WriteMsg(new(dns.Msg).SetReply(q))
		})
		target.Query = name
		if r := query(within(t, time.Minute), target); r.Outcome != fact.OutcomeOK {
			t.Errorf("%q: %+v", name, r)
		}
		if got := <-asked; got != want {
			t.Errorf("%q: asked for %q, want %q", name, got, want)
		}
	}
}

func TestQueryWithoutAnswer(t *testing.T) {
	silent := func(dns.ResponseWriter, *dns.Msg) {}
	t.Run("timeout", func(t *testing.T) {
		r := query(within(t, 50*time.Millisecond), serveDNS(t, silent))
		if r.Outcome != fact.OutcomeTimeout {
			t.Errorf("%+v, want timeout", r)
		}
	})
	t.Run("only-forged", func(t *testing.T) {
		r := query(within(t, standstill), serveDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			m.Id++
			w.WriteMsg(m)
		}))
		if r.Outcome != fact.OutcomeTimeout || !strings.Contains(string(r.Detail), "stray") {
			t.Errorf("%+v, want a timeout that tells of the stray answer", r)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		target := serveDNS(t, silent)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan fact.ProbeResult)
		go func() { done <- query(ctx, target) }()
		cancel()
		select {
		case r := <-done:
			if r.Outcome != fact.OutcomeNoData {
				t.Errorf("%+v, want no_data", r)
			}
		case <-time.After(10 * time.Second):
			t.Error("cancel did not interrupt the query")
		}
	})
	t.Run("closed-port", func(t *testing.T) {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc.Close()
		r := query(within(t, time.Minute), serverAt(t, pc.LocalAddr().String()))
		if r.Outcome != fact.OutcomeRefused || r.Detail != "connection refused" {
			t.Errorf("%+v, want refused", r)
		}
	})
	t.Run("tcp-closed-after-truncation", func(t *testing.T) {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			w.WriteMsg(m)
		})}
		go s.ActivateAndServe()
		t.Cleanup(func() { s.Shutdown() })
		r := query(within(t, time.Minute), serverAt(t, pc.LocalAddr().String()))
		if r.Outcome != fact.OutcomeRefused {
			t.Errorf("%+v, want refused", r)
		}
	})
}

// FuzzAnswer reads an answer from a hostile server.
func FuzzAnswer(f *testing.F) {
	q := new(dns.Msg).SetQuestion("example.com.", dns.TypeA)
	q.Id = 7
	for _, rcode := range []int{dns.RcodeSuccess, dns.RcodeServerFailure, 14} {
		m := new(dns.Msg).SetRcode(q, rcode)
		m.SetEdns0(1232, true)
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: 22, ExtraText: "x"}}
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\x00\x07\x80\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := new(dns.Msg)
		if m.Unpack(b) != nil || !answers(m, q) {
			return
		}
		outcome, detail := judgeAnswer(m)
		if outcome != fact.OutcomeOK && outcome != fact.OutcomeBadAnswer {
			t.Errorf("outcome %q", outcome)
		}
		if outcome == fact.OutcomeBadAnswer && detail == "" {
			t.Error("a bad answer without a word")
		}
	})
}
