package checkup

import (
	"net/netip"
	"testing"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
)

// reply is an answer with a code, an extended error (0 is none) and records.
func reply(t *testing.T, code int, extended uint16, records ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetRcode(question("example.com", dns.TypeA, false), code)
	if extended != 0 {
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: extended})
	}
	for _, r := range records {
		rr, err := dns.NewRR("example.com. 60 IN " + r)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

func TestJudgeName(t *testing.T) {
	for name, tt := range map[string]struct {
		ask  verdict.Ask
		m    *dns.Msg
		want fact.Outcome
		why  verdict.Why
	}{
		"an address":        {verdict.Address, reply(t, 0, 0, "A 203.0.113.1"), fact.OutcomeOK, ""},
		"by another name":   {verdict.Address, reply(t, 0, 0, "CNAME www.example.com.", "A 203.0.113.1"), fact.OutcomeOK, ""},
		"no address":        {verdict.Address, reply(t, 0, 0), fact.OutcomeBadAnswer, verdict.WhyNoAddress},
		"no IPv6 address":   {verdict.Address6, reply(t, 0, 0), fact.OutcomeOK, ""},
		"filtered":          {verdict.Address, reply(t, 0, dns.ExtendedErrorCodeBlocked), fact.OutcomeOK, verdict.WhyFiltered},
		"private":           {verdict.Address, reply(t, 0, 0, "A 10.1.2.3"), fact.OutcomeOK, verdict.WhyPrivate},
		"of a provider":     {verdict.Address, reply(t, 0, 0, "A 100.64.0.1"), fact.OutcomeOK, verdict.WhyPrivate},
		"a sinkhole":        {verdict.Address, reply(t, 0, 0, "A 0.0.0.0"), fact.OutcomeOK, verdict.WhyPrivate},
		"by NAT64":          {verdict.Address6, reply(t, 0, 0, "AAAA 64:ff9b::cb00:7101"), fact.OutcomeOK, ""},
		"stale":             {verdict.Address, reply(t, 0, dns.ExtendedErrorCodeStaleAnswer, "A 203.0.113.1"), fact.OutcomeOK, verdict.WhyStale},
		"NXDOMAIN":          {verdict.Address, reply(t, dns.RcodeNameError, 0), fact.OutcomeBadAnswer, verdict.WhyNXDomain},
		"SERVFAIL":          {verdict.Address, reply(t, dns.RcodeServerFailure, 0), fact.OutcomeBadAnswer, verdict.WhyServfail},
		"bogus":             {verdict.Address, reply(t, dns.RcodeServerFailure, dns.ExtendedErrorCodeDNSBogus), fact.OutcomeBadAnswer, verdict.WhyDNSSEC},
		"REFUSED":           {verdict.Address, reply(t, dns.RcodeRefused, 0), fact.OutcomeBadAnswer, verdict.WhyRefusal},
		"REFUSED, no way":   {verdict.Address, reply(t, dns.RcodeRefused, dns.ExtendedErrorCodeNetworkError), fact.OutcomeBadAnswer, verdict.WhyUpstream},
		"FORMERR":           {verdict.Address, reply(t, dns.RcodeFormatError, 0), fact.OutcomeBadAnswer, verdict.WhyEDNS},
		"a code of its own": {verdict.Address, reply(t, 3841, 0), fact.OutcomeBadAnswer, verdict.WhyRcode},
	} {
		o := verdict.Outcome{Ask: tt.ask}
		if judgeName(&o, tt.m); o.Result != tt.want || o.Why != tt.why || o.Answered != 1 {
			t.Errorf("%s: %s, %q, want %s, %q", name, o.Result, o.Why, tt.want, tt.why)
		}
	}
}

func TestJudgeRandom(t *testing.T) {
	known := netip.MustParseAddr("203.0.113.1")
	for name, tt := range map[string]struct {
		m    *dns.Msg
		want verdict.Why
	}{
		"it does not exist": {reply(t, dns.RcodeNameError, 0), verdict.WhyNXDomain},
		"the same address":  {reply(t, 0, 0, "A 203.0.113.1"), verdict.WhyOneAddress},
		"another one":       {reply(t, 0, 0, "A 203.0.113.2"), verdict.WhyRewritten},
	} {
		var o verdict.Outcome
		if judgeRandom(&o, tt.m, known); o.Why != tt.want {
			t.Errorf("%s: %q, want %q", name, o.Why, tt.want)
		}
	}
}

func TestOperators(t *testing.T) {
	c := Config{}
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2001:4860:4860::8888", "198.51.100.1", "198.51.101.1"} {
		c.Internet = append(c.Internet, netip.MustParseAddr(a))
	}
	if got := c.operators(); len(got) != 3 || got[0] != "Cloudflare" || got[1] != "Google" || got[2] != "198.51.0.0/16" {
		t.Errorf("operators %q", got)
	}
}
