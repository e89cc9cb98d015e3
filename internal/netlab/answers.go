//go:build linux

package netlab

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// An AnswerServer is a name server that answers as a handler says, over UDP and
// TCP.
type AnswerServer struct {
	handler  atomic.Pointer[dns.HandlerFunc]
	packets  net.PacketConn
	listener net.Listener
}

// ServeAnswers starts one inside the namespace, on one of its addresses.
func (ns *Namespace) ServeAnswers(t testing.TB, address string, h dns.Handler) *AnswerServer {
	t.Helper()
	s := &AnswerServer{}
	s.Answer(h)
	at := netip.AddrPortFrom(netip.MustParseAddr(address), 53).String()
	err := ns.Do(func() (err error) {
		if s.packets, err = net.ListenPacket("udp", at); err != nil {
			return err
		}
		s.listener, err = net.Listen("tcp", at)
		return err
	})
	if err != nil {
		t.Fatalf("name server: %v", err)
	}
	t.Cleanup(s.Close)
	for _, x := range []*dns.Server{{PacketConn: s.packets, Handler: s}, {Listener: s.listener, Handler: s}} {
		go x.ActivateAndServe() //nolint:errcheck // It ends with the test.
	}
	return s
}

// Answer lets it answer as another handler says from now on.
func (s *AnswerServer) Answer(h dns.Handler) {
	f := dns.HandlerFunc(h.ServeDNS)
	s.handler.Store(&f)
}

// ServeDNS implements dns.Handler.
func (s *AnswerServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) { (*s.handler.Load())(w, q) }

// Close closes its ports: who asks is refused by the kernel.
func (s *AnswerServer) Close() {
	s.packets.Close()
	s.listener.Close()
}

// ServeSealed starts one that answers over TLS (RFC 7858).
func (ns *Namespace) ServeSealed(t testing.TB, address string, cert *tls.Certificate, h dns.Handler) {
	t.Helper()
	var l net.Listener
	err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr(address), 853).String())
		return err
	})
	if err != nil {
		t.Fatalf("name server: %v", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{*cert}}
	go (&dns.Server{Listener: tls.NewListener(l, config), Handler: h}).ActivateAndServe() //nolint:errcheck // It ends with the test.
	t.Cleanup(func() { l.Close() })
}

// Forward answers by asking another name server from inside the namespace, as
// the small ones in routers do: where there is no way to it, it refuses with the
// reason, and where that is silent it is silent too.
func (ns *Namespace) Forward(to string) dns.Handler {
	at := netip.AddrPortFrom(netip.MustParseAddr(to), 53).String()
	return dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		if q.Question[0].Qclass == dns.ClassCHAOS {
			w.WriteMsg(m.SetRcode(q, dns.RcodeRefused)) //nolint:errcheck // Who asked is gone.
			return
		}
		var conn net.Conn
		err := ns.Do(func() (err error) {
			conn, err = net.Dial(w.RemoteAddr().Network(), at)
			return err
		})
		if err == nil {
			defer conn.Close()
			c := dns.Client{Timeout: 10 * time.Second}
			if m, _, err = c.ExchangeWithConn(q, &dns.Conn{Conn: conn}); err == nil {
				w.WriteMsg(m) //nolint:errcheck // As above.
				return
			}
			m = new(dns.Msg)
		}
		if errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.EINVAL) {
			m.SetRcode(q, dns.RcodeRefused)
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNetworkError})
			w.WriteMsg(m) //nolint:errcheck // As above.
		}
	})
}

// Names answers for names that have addresses; others don't exist.
type Names map[string][]string

// ServeDNS implements dns.Handler.
func (n Names) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	Fit(w, q, n.Answer(q))
}

// Fit sends an answer, cut short where it is larger than a datagram that was asked for.
func Fit(w dns.ResponseWriter, q, m *dns.Msg) {
	size := dns.MinMsgSize
	if opt := q.IsEdns0(); opt != nil {
		size = int(opt.UDPSize())
	}
	if w.RemoteAddr().Network() == "udp" {
		m.Truncate(size)
	}
	w.WriteMsg(m) //nolint:errcheck // Who asked is gone.
}

// Answer returns the answer to a question.
func (n Names) Answer(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	if q.Question[0].Name == "." && q.Question[0].Qtype == dns.TypeDNSKEY {
		m.Answer = RootKeys(3, q)
		return m
	}
	all, ok := n[q.Question[0].Name]
	if !ok {
		m.Rcode = dns.RcodeNameError
	}
	for _, a := range all {
		kind := "AAAA"
		if netip.MustParseAddr(a).Is4() {
			kind = "A"
		}
		if dns.StringToType[kind] == q.Question[0].Qtype {
			if rr, err := dns.NewRR(q.Question[0].Name + " 60 IN " + kind + " " + a); err == nil {
				m.Answer = append(m.Answer, rr)
			}
		}
	}
	return m
}

// RootKeys are so many keys of the root, each of 2048 bits as the real ones, and their
// signature for who asks for it (DO, RFC 3225). Nobody has signed them.
func RootKeys(n int, q *dns.Msg) (all []dns.RR) {
	header := dns.RR_Header{Name: ".", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 172800}
	made := base64.StdEncoding.EncodeToString(make([]byte, 260))
	for range n {
		all = append(all, &dns.DNSKEY{Hdr: header, Flags: 257, Protocol: 3, Algorithm: dns.RSASHA256, PublicKey: made})
	}
	if opt := q.IsEdns0(); opt != nil && opt.Do() {
		header.Rrtype = dns.TypeRRSIG
		all = append(all, &dns.RRSIG{Hdr: header, TypeCovered: dns.TypeDNSKEY, Algorithm: dns.RSASHA256, SignerName: ".", Signature: base64.StdEncoding.EncodeToString(make([]byte, 256))})
	}
	return all
}
