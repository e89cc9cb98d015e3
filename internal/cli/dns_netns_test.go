package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
)

// names runs "dns --json" in the machine.
func (l *faultLab) names(t *testing.T, args ...string) (text string, answers []string, code int) {
	t.Helper()
	c := l.command(t)
	c.Args = append(c.Args[:len(c.Args)-1], append([]string{"dns", "--json"}, args...)...)
	b, err := c.Output()
	var d struct {
		Text    string
		Answers []struct {
			Server, Family, Outcome, What string
			Aliases, Addresses            []string
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	for _, a := range d.Answers {
		answers = append(answers, strings.TrimSpace(fmt.Sprintf("%s %s %s%s %s %s", a.Server, a.Family, a.Outcome, a.What, strings.Join(a.Aliases, ","), strings.Join(a.Addresses, ","))))
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	}
	return d.Text, answers, code
}

// Every server is asked in both families, and they are compared.
func TestDNS(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newFaultLab(t)
	l.i.ServeAnswers(t, "9.9.9.9", netlab.Names{"example.com.": {"203.0.113.99"}})
	l.i.ServeAnswers(t, "8.8.8.8", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		if rr, err := dns.NewRR(q.Question[0].Name + " 60 IN CNAME www.example.com."); err == nil {
			m.Answer = append([]dns.RR{rr}, m.Answer...)
		}
		w.WriteMsg(m)
	}))
	for at, code := range map[string]int{"2620:fe::fe": dns.RcodeRefused, "2001:4860:4860::8888": dns.RcodeServerFailure} {
		l.i.ServeAnswers(t, at, dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			m := known.Answer(q)
			if q.Question[0].Qtype == dns.TypeAAAA {
				m = new(dns.Msg).SetRcode(q, code)
			}
			w.WriteMsg(m)
		}))
	}
	for _, tt := range []struct {
		args, text, answers string
		code                int
	}{
		{
			"connectivitycheck.gstatic.com", "connectivitycheck.gstatic.com has an address.",
			"10.50.0.1 ipv4 ok  203.0.113.80; 10.50.0.1 ipv6 ok  2001:db8:80::80", 0,
		},
		{
			"example.com --server 9.9.9.9", "10.50.0.1 and 9.9.9.9 differ about the IPv4 addresses of example.com.",
			"10.50.0.1 ipv4 ok  203.0.113.81; 10.50.0.1 ipv6 ok; 9.9.9.9 ipv4 ok  203.0.113.99; 9.9.9.9 ipv6 ok", 0,
		},
		{
			"example.com --server 8.8.8.8", "All servers agree about example.com.",
			"10.50.0.1 ipv4 ok  203.0.113.81; 10.50.0.1 ipv6 ok; 8.8.8.8 ipv4 ok www.example.com. 203.0.113.81; 8.8.8.8 ipv6 ok www.example.com.", 0,
		},
		{
			"example.com --server 2620:fe::fe", "example.com has an address; questions for IPv6 are refused by 2620:fe::fe.",
			"10.50.0.1 ipv4 ok  203.0.113.81; 10.50.0.1 ipv6 ok; 2620:fe::fe ipv4 ok  203.0.113.81; 2620:fe::fe ipv6 bad_answerrefused", 0,
		},
		{
			"example.com --server 2001:4860:4860::8888", "Not all is answered for example.com: 2001:4860:4860::8888 for IPv6 was not.",
			"10.50.0.1 ipv4 ok  203.0.113.81; 10.50.0.1 ipv6 ok; 2001:4860:4860::8888 ipv4 ok  203.0.113.81; 2001:4860:4860::8888 ipv6 bad_answerservfail", 1,
		},
		{
			"nobody.example", "nobody.example has no address.",
			"10.50.0.1 ipv4 bad_answernxdomain; 10.50.0.1 ipv6 bad_answernxdomain", 1,
		},
		{
			"example.com --server 198.51.100.2", "Not all answer for example.com: 198.51.100.2 did not.",
			"10.50.0.1 ipv4 ok  203.0.113.81; 10.50.0.1 ipv6 ok; 198.51.100.2 ipv4 refused; 198.51.100.2 ipv6 refused", 1,
		},
	} {
		text, answers, code := l.names(t, strings.Fields(tt.args)...)
		if got := strings.Join(answers, "; "); text != tt.text || got != tt.answers || code != tt.code {
			t.Errorf("dns %s: %s\n%s\nexit code %d; want %s\n%s\nexit code %d", tt.args, text, got, code, tt.text, tt.answers, tt.code)
		}
	}
	c := l.command(t)
	c.Args = append(c.Args[:len(c.Args)-1], "dns", "example.com", "--server", "9.9.9.9")
	b, _ := c.CombinedOutput()
	t.Logf("\n%s", b)
}

// Of the servers of links those count that systemd-resolved asks for the name.
func TestDNSSplit(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newFaultLab(t)
	splitNames(t, l)
	for _, tt := range []struct {
		name, text string
		code       int
	}{
		{"www.corp.example", "All servers agree about www.corp.example.", 0},
		{"example.com", "All servers agree about example.com.", 0},
	} {
		text, answers, code := l.names(t, tt.name)
		if text != tt.text || code != tt.code || len(answers) != 6 {
			t.Errorf("%s: %s, exit code %d; want %s, %d\n%s", tt.name, text, code, tt.text, tt.code, strings.Join(answers, "\n"))
		}
	}
	for _, tt := range []struct {
		make func()
		text string
	}{
		{func() { l.tunnel.Silence(true) }, "Name server 10.7.0.1 of the VPN tun0 (for corp.example) does not answer."},
		{func() { filter(t, l.g, "input", "udp dport 53 drop; tcp dport 53 drop") }, "Name server 10.50.0.1 of l0 does not answer."},
	} {
		tt.make()
		if s, _ := l.check(t); s.Verdict.Text != tt.text {
			t.Errorf("check says %q, want %q", s.Verdict.Text, tt.text)
		}
	}
	if text, _, code := l.names(t, "www.corp.example"); text != "No name server answers for www.corp.example." || code != 1 {
		t.Errorf("the VPN is silent: %s, exit code %d", text, code)
	}
	c := l.command(t)
	c.Args = append(c.Args[:len(c.Args)-1], "dns", "example.com")
	b, _ := c.CombinedOutput()
	if said := "10.7.0.1 of the VPN tun0 for corp.example"; !strings.Contains(strings.Join(strings.Fields(string(b)), " "), said) {
		t.Errorf("it does not say %q:\n%s", said, b)
	}
}
