package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

// maxUDP is the size of answers asked for (EDNS0), which passes every path
// without fragments (DNS flag day 2020).
const maxUDP = 1232

// errTruncated is an answer that did not fit into a datagram.
var errTruncated = errors.New("truncated answer")

func dnsMethod() method {
	return method{
		name: fact.MethodDNS, forms: []string{"dns:SERVER[/NAME]"}, parse: target.Server,
		// A question of some 50 bytes, an answer of some 120, 48 of headers each.
		cost:     Budget{2, 270},
		patience: 1.5,
		prober:   plain(query),
	}
}

// query asks the name server t for t.Query. Every answer but an error code is
// good, "no such name" too: the server is there and has an opinion. A truncated
// answer is asked for again over TCP.
func query(ctx context.Context, t *fact.Target) fact.ProbeResult {
	x, err := newExchange(ctx, t)
	if err != nil {
		return failed(ctx, err, x.phases)
	}
	answer, err := x.over(ctx, "udp")
	if errors.Is(err, errTruncated) {
		x.detail = "over TCP"
		answer, err = x.over(ctx, "tcp")
	}
	r := refusedBy(err, failed(ctx, err, x.phases))
	if err == nil {
		r.RTT = time.Since(x.began)
		r.Outcome, r.Detail = judgeAnswer(answer)
	}
	if r.Detail == "" {
		r.Detail = fact.Untrusted(x.detail)
	}
	return r
}

// An exchange is one question to one server.
type exchange struct {
	server netip.AddrPort
	index  int
	msg    *dns.Msg
	began  time.Time
	phases fact.Phases
	detail string
}

func newExchange(ctx context.Context, t *fact.Target) (exchange, error) {
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	x := exchange{index: device(t), phases: w.times()}
	if err != nil {
		return x, err
	}
	x.server = netip.AddrPortFrom(zoned(addr, t.Index), t.Port)
	x.msg = new(dns.Msg).SetQuestion(dns.Fqdn(string(t.Query)), questionType(string(t.Query)))
	x.msg.SetEdns0(maxUDP, false)
	return x, nil
}

// questionType returns the type of record to ask for. The root has no address.
func questionType(name string) uint16 {
	if dns.Fqdn(name) == "." {
		return dns.TypeNS
	}
	return dns.TypeA
}

// over asks over network "udp" or "tcp" and waits for the answer until ctx
// ends.
func (x *exchange) over(ctx context.Context, network string) (*dns.Msg, error) {
	dialing := time.Now()
	conn, err := dialer(x.index).DialContext(ctx, network, x.server.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// A deadline in the past makes the read return; one that can't be set is on a
	// connection that is closed already.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	sent := time.Now()
	if network == "tcp" {
		x.phases.Connect = sent.Sub(dialing)
	} else {
		x.began = sent
	}
	c := &dns.Conn{Conn: conn, UDPSize: room(x.msg)}
	if err := c.WriteMsg(x.msg); err != nil {
		return nil, explain(conn, err)
	}
	answer, err := x.read(c)
	if err != nil && answer == nil {
		err = explain(conn, err)
	}
	x.phases.FirstByte = time.Since(sent)
	if err == nil && answer.Truncated && network == "udp" {
		return nil, errTruncated
	}
	return answer, err
}

// room is how large an answer may be that a question asks for.
func room(q *dns.Msg) uint16 {
	if opt := q.IsEdns0(); opt != nil {
		return max(opt.UDPSize(), maxUDP)
	}
	return maxUDP
}

// read returns the first message that answers the question. Others, from a
// forger or to an earlier question, are skipped and counted.
func (x *exchange) read(c *dns.Conn) (*dns.Msg, error) {
	for stray := 1; ; stray++ {
		m, err := c.ReadMsg()
		_, broken := errors.AsType[net.Error](err)
		if broken || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		if m != nil && answers(m, x.msg) {
			return m, err
		}
		x.detail = strconv.Itoa(stray) + " stray answers"
	}
}

// answers reports whether m answers the question q (RFC 5452 §9.1). A server
// may leave out the question of one that it failed to parse or refuses.
func answers(m, q *dns.Msg) bool {
	if m.Id != q.Id || !m.Response {
		return false
	}
	if len(m.Question) == 0 {
		return m.Rcode != dns.RcodeSuccess
	}
	a, b := m.Question[0], q.Question[0]
	return a.Qtype == b.Qtype && a.Qclass == b.Qclass && dns.CanonicalName(a.Name) == dns.CanonicalName(b.Name)
}

// judgeAnswer says what an answer means.
func judgeAnswer(m *dns.Msg) (fact.Outcome, fact.Untrusted) {
	switch m.Rcode {
	case dns.RcodeSuccess:
		return fact.OutcomeOK, ""
	case dns.RcodeNameError:
		return fact.OutcomeOK, "NXDOMAIN"
	}
	word, ok := dns.RcodeToString[m.Rcode]
	if !ok {
		word = fmt.Sprintf("RCODE%d", m.Rcode)
	}
	return fact.OutcomeBadAnswer, fact.Untrusted(word + extended(m))
}

// extended returns the extended error of an answer (RFC 8914), or "".
func extended(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		e, ok := o.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		if e.ExtraText != "" {
			return ": " + e.ExtraText
		}
		if word := dns.ExtendedErrorCodeToString[e.InfoCode]; word != "" {
			return ": " + word
		}
	}
	return ""
}
