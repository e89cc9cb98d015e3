package checkup

import (
	"net/netip"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// question makes a question with EDNS. An answer of 1232 bytes passes every path
// in one piece (DNS flag day 2020).
func question(name string, kind uint16, unchecked bool) *dns.Msg {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	m.CheckingDisabled = unchecked
	m.SetEdns0(1232, false)
	return m
}

// plain makes a question without EDNS, as programs asked before RFC 6891 and the C
// library still does.
func plain(name string) *dns.Msg { return new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA) }

// version asks a name server for its version, for which it needs nobody.
func version() *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion("version.bind.", dns.TypeTXT)
	m.Question[0].Qclass = dns.ClassCHAOS
	return m
}

// addresses returns the addresses in an answer.
func addresses(m *dns.Msg) (all []netip.Addr) {
	for _, rr := range m.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			if a, ok := netip.AddrFromSlice(rr.A); ok {
				all = append(all, a.Unmap())
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				all = append(all, a)
			}
		}
	}
	return all
}

// private reports whether no public name has address a: it is of a private
// network, of a provider's own (RFC 6598), of this machine or of a link. IPv6
// addresses that stand for IPv4 (RFC 6052) are public.
func private(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || shared.Contains(a)
}

var shared = netip.MustParsePrefix("100.64.0.0/10")

// judgeName puts what a name server answered for a name that exists into an
// outcome.
func judgeName(o *verdict.Outcome, m *dns.Msg) {
	o.Answered = 1
	o.Result = fact.OutcomeBadAnswer
	code, extended := extendedCode(m)
	switch m.Rcode {
	case dns.RcodeSuccess:
		judgeAddresses(o, addresses(m), code)
		return
	case dns.RcodeNameError:
		o.Why = verdict.WhyNXDomain
	case dns.RcodeServerFailure:
		o.Why = verdict.WhyServfail
		if code >= dns.ExtendedErrorCodeDNSBogus && code <= dns.ExtendedErrorCodeNSECMissing && extended {
			o.Why = verdict.WhyDNSSEC
		}
	case dns.RcodeRefused:
		o.Why = verdict.WhyRefusal
		if extended && code == dns.ExtendedErrorCodeNetworkError {
			o.Why = verdict.WhyUpstream
		}
	case dns.RcodeFormatError, dns.RcodeNotImplemented, dns.RcodeBadVers:
		o.Why = verdict.WhyEDNS
	default:
		o.Why = verdict.WhyRcode
	}
	word, ok := dns.RcodeToString[m.Rcode]
	if !ok {
		word = "an unknown code"
	}
	o.Said = fact.Untrusted(word + probes.EDE(m))
}

// judgeInside puts what a name server answered for a name of a private network into an
// outcome: that may have a private address, or none.
func judgeInside(o *verdict.Outcome, m *dns.Msg) {
	if judgeName(o, m); o.Why == verdict.WhyNoAddress || o.Why == verdict.WhyPrivate {
		o.Result, o.Why, o.Said = fact.OutcomeOK, "", ""
	}
}

// judgeDomain puts what a name server answered for a domain of its own into an outcome:
// it need not be a name.
func judgeDomain(o *verdict.Outcome, m *dns.Msg) {
	if judgeInside(o, m); o.Why == verdict.WhyNXDomain {
		o.Result, o.Why, o.Said = fact.OutcomeOK, "", ""
	}
}

// judgeAddresses judges the addresses of a name that has some. No address for
// IPv6 is an answer too, if the name has none.
func judgeAddresses(o *verdict.Outcome, all []netip.Addr, extended uint16) {
	o.Result = fact.OutcomeOK
	filtered := extended >= dns.ExtendedErrorCodeBlocked && extended <= dns.ExtendedErrorCodeFiltered
	switch {
	case len(all) == 0 && filtered:
		o.Why = verdict.WhyFiltered
	case len(all) == 0:
		if o.Ask == verdict.Address {
			o.Result, o.Why = fact.OutcomeBadAnswer, verdict.WhyNoAddress
		}
	case private(all[0]):
		o.Why = verdict.WhyPrivate
		o.Said = fact.Untrusted(all[0].String())
	case extended == dns.ExtendedErrorCodeStaleAnswer:
		o.Why = verdict.WhyStale
	}
}

// judgeRandom judges what a name server says of a name that does not exist, where
// it gave another the address known.
func judgeRandom(o *verdict.Outcome, m *dns.Msg, known netip.Addr) {
	o.Answered, o.Result = 1, fact.OutcomeOK
	all := addresses(m)
	switch {
	case len(all) == 0:
		o.Why = verdict.WhyNXDomain
	case all[0] == known:
		o.Why, o.Said = verdict.WhyOneAddress, fact.Untrusted(all[0].String())
	default:
		o.Why, o.Said = verdict.WhyRewritten, fact.Untrusted(all[0].String())
	}
}

// extendedCode returns the code of an extended error (RFC 8914).
func extendedCode(m *dns.Msg) (uint16, bool) {
	opt := m.IsEdns0()
	if opt == nil {
		return 0, false
	}
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok {
			return e.InfoCode, true
		}
	}
	return 0, false
}
