//go:build linux

package netlab

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A NameServer answers every question for an address with one address, until it
// is told to do otherwise.
type NameServer struct {
	rcode  atomic.Int32
	silent atomic.Bool
	delay  atomic.Int64
	closed func()
	open   func()
}

// ServeNames starts a name server inside the namespace, on one of its addresses.
func (ns *Namespace) ServeNames(t testing.TB, address string) *NameServer {
	t.Helper()
	s := &NameServer{}
	s.open = func() {
		var conn net.PacketConn
		err := ns.Do(func() (err error) {
			conn, err = net.ListenPacket("udp", netip.AddrPortFrom(netip.MustParseAddr(address), 53).String())
			return err
		})
		if err != nil {
			t.Errorf("name server: %v", err)
			return
		}
		server := &dns.Server{PacketConn: conn, Handler: s}
		done := make(chan struct{})
		go func() {
			defer close(done)
			server.ActivateAndServe() //nolint:errcheck // It ends with the test.
		}()
		s.closed = func() { conn.Close(); <-done }
	}
	s.open()
	t.Cleanup(func() { s.closed() })
	return s
}

// Answer lets the server answer with a code from now on: 0 is success, 2 is
// SERVFAIL, 5 is REFUSED.
func (s *NameServer) Answer(rcode int) { s.rcode.Store(int32(rcode)) }

// Silence lets it answer nothing, or again.
func (s *NameServer) Silence(on bool) { s.silent.Store(on) }

// Delay lets it take a time to answer.
func (s *NameServer) Delay(d time.Duration) { s.delay.Store(int64(d)) }

// Close closes its port: who asks is refused by the kernel.
func (s *NameServer) Close() { s.closed() }

// Open opens its port again.
func (s *NameServer) Open() { s.open() }

// ServeDNS implements dns.Handler.
func (s *NameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	if s.silent.Load() {
		return
	}
	time.Sleep(time.Duration(s.delay.Load()))
	m := new(dns.Msg).SetRcode(q, int(s.rcode.Load()))
	if m.Rcode == dns.RcodeSuccess && q.Question[0].Qtype == dns.TypeA {
		if rr, err := dns.NewRR(q.Question[0].Name + " 60 IN A 203.0.113.80"); err == nil {
			m.Answer = append(m.Answer, rr)
		}
	}
	w.WriteMsg(m) //nolint:errcheck // Who asked is gone.
}

// A Web is the web of an Internet.
type Web struct {
	portal atomic.Bool
	secure net.Listener
	// listen opens port 443 again.
	listen func() error
}

// ServeWeb starts HTTP on port 80 and something that accepts connections on port
// 443, on every address of the namespace.
func (ns *Namespace) ServeWeb(t testing.TB) *Web {
	t.Helper()
	w := &Web{}
	serve := func(port int, handler http.Handler) (l net.Listener, err error) {
		err = ns.Do(func() error {
			l, err = net.Listen("tcp", fmt.Sprintf(":%d", port))
			return err
		})
		if err == nil {
			server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
			go server.Serve(l) //nolint:errcheck // It ends with the listener.
		}
		return l, err
	}
	w.listen = func() (err error) {
		w.secure, err = serve(443, http.NotFoundHandler())
		return err
	}
	plain, err := serve(80, w)
	if err := cmp.Or(err, w.listen()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		plain.Close()
		w.secure.Close()
	})
	return w
}

// Refuse closes port 443: connections to it are reset.
func (w *Web) Refuse() { w.secure.Close() }

// Accept opens port 443 again.
func (w *Web) Accept(t testing.TB) {
	t.Helper()
	if err := w.listen(); err != nil {
		t.Fatal(err)
	}
}

// Portal lets a captive portal answer for every host, or no longer.
func (w *Web) Portal(on bool) { w.portal.Store(on) }

// ServeHTTP implements http.Handler.
func (w *Web) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	if w.portal.Load() {
		out.Header().Set("Location", "http://203.0.113.80/login")
		out.WriteHeader(http.StatusFound)
		return
	}
	out.WriteHeader(http.StatusNoContent)
}
