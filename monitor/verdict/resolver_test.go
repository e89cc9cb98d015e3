package verdict_test

import "flapscope/monitor/path"

// resolverRows are what name servers do wrong.
var resolverRows = []row{
	{"the server is closed", []string{"* resolver: refused", noNames}, path.HealthDegraded, "resolver_refused4", "", "Name server 10.50.0.1 refuses: nobody listens there."},
	{"the server is silent", []string{deadRelay, "version: timeout", noNames}, path.HealthDegraded, "resolver_silent4", "", "Name server 10.50.0.1 does not answer."},
	{"its upstream is dead", []string{deadRelay, "version: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 is there, and gets no answer itself."},
	{"it takes connections, and nothing more", []string{deadRelay, "version: timeout", "connect resolver: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 takes connections, and answers nothing in time."},
	{"SERVFAIL", []string{"* resolver: bad_answer why=servfail said=SERVFAIL", "second: bad_answer why=servfail", "unchecked: bad_answer why=servfail", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers SERVFAIL."},
	{"DNSSEC can't be verified", []string{"* resolver: bad_answer why=servfail said=SERVFAIL", "unchecked: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers, but refuses names whose DNSSEC signature it can't verify."},
	{"REFUSED", []string{"* resolver: bad_answer why=refused said=REFUSED", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers REFUSED."},
	{"NXDOMAIN for all", []string{"* resolver: bad_answer why=nxdomain", "second: bad_answer why=nxdomain", noNames}, path.HealthDegraded, "resolver_lies4", "", "Name server 10.50.0.1 denies names that exist."},
	{"NXDOMAIN for one", []string{"a: bad_answer why=nxdomain said=NXDOMAIN", "second: ok", noNames}, path.HealthOnline, "", "check_server", "All is well over l0, in both families."},
	{"a private answer", []string{"a: ok why=private_answer said=192.168.0.1"}, path.HealthDegraded, "resolver_lies4", "", "Name server 10.50.0.1 gives a public name a private address, 192.168.0.1."},
	{"every name has one address", []string{"random: ok why=one_address said=10.50.0.1"}, path.HealthDegraded, "resolver_lies4", "", "Name server 10.50.0.1 gives every name the same address, 10.50.0.1."},
	{"names that don't exist have an address", []string{"random: ok why=rewritten"}, path.HealthOnline, "", "dns_rewritten", "All is well over l0, in both families."},
	{"DNS is intercepted", []string{"stray resolver: ok"}, path.HealthOnline, "", "dns_intercepted", "All is well over l0, in both families."},
	{"an answer too large, and no TCP", []string{"a: bad_answer why=truncated", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 cuts its answers short, and does not answer over TCP."},
	{"EDNS is not understood", []string{"* resolver: bad_answer why=edns said=FORMERR", "plain: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers questions without EDNS only, and others with FORMERR."},
	{"nothing is understood", []string{"* resolver: bad_answer why=edns said=FORMERR", "plain: bad_answer why=edns said=FORMERR", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers FORMERR."},
	{"EDNS is dropped", []string{deadRelay, "version: ok", "plain: ok"}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers questions without EDNS only, and drops others."},
	{"the first questions get lost, and plain ones don't", []string{"a: timeout", "version: ok", "plain: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 is there, and gets no answer itself."},
	{"large answers get lost", []string{"keys: ok why=large_answers_lost mtu=1232"}, path.HealthOnline, "", "dns_large_lost", "All is well over l0, in both families."},
	{"large answers get lost, and TCP is silent", []string{"keys: ok why=truncated mtu=512"}, path.HealthOnline, "", "dns_large_lost", "All is well over l0, in both families."},
	{"signatures are left out", []string{"keys: ok why=unsigned"}, path.HealthOnline, "", "dnssec_stripped", "All is well over l0, in both families."},
	{"answers take 2 s", []string{"a: ok rtt=2001ms", "aaaa: ok rtt=2002ms"}, path.HealthDegraded, "latency4", "", "Name server 10.50.0.1 takes 2.0 s to answer."},
	{"answers take 3.9 s, and those for IPv6 longer", []string{"a: ok rtt=3900ms", "aaaa: timeout", noNames}, path.HealthDegraded, "latency4", "", "Name server 10.50.0.1 takes 3.9 s to answer."},
	{"one answer takes 2 s", []string{"a: ok rtt=2001ms"}, path.HealthOnline, "", "", "All is well over l0, in both families."},
	{"answers take 2 s in an own queue", []string{"queue: 1900ms", "a: ok rtt=2001ms", "aaaa: ok rtt=2001ms"}, path.HealthDegraded, "own_queue", "", "Packets wait 1.9 s in this machine's own queue on l0 before they leave."},
	{"stale answers", []string{"a: ok why=stale"}, path.HealthOnline, "", "dns_stale", "All is well over l0, in both families."},
	{"questions for IPv6 are dropped", []string{"aaaa: timeout"}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers for IPv4 and not for IPv6: silent."},
	{"questions for IPv6 fail", []string{"aaaa: bad_answer why=servfail said=SERVFAIL"}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers for IPv4 and not for IPv6: SERVFAIL."},
	{"questions for IPv6 are refused", []string{"aaaa: bad_answer why=refused said=REFUSED"}, path.HealthOnline, "", "dns_refuses_ipv6", "All is well over l0, in both families."},
	{"answers to other questions", []string{"a: timeout why=stray", "version: ok", noNames}, path.HealthDegraded, "resolver_failed4", "", "Name server 10.50.0.1 answers questions that were not asked, and not those that were."},
	{"no name server", []string{"no: resolver", noNames}, path.HealthDegraded, "resolver_missing", "", "No name server is configured."},
}

// portalRows are what plain HTTP and TLS say together.
var portalRows = []row{
	{"a redirect, and no TLS", []string{"page: portal why=redirect said=http://login.example/", "secure: bad_answer why=reset"}, path.HealthPortal, "portal", "", "A captive portal wants a login first: http://login.example/."},
	{"a page, and no TLS", []string{"page: portal why=other_page said=200", "secure: bad_answer why=reset"}, path.HealthPortal, "portal", "", "A captive portal wants a login first."},
	{"a redirect, and TLS", []string{"page: portal why=redirect said=http://login.example/"}, path.HealthOnline, "", "proxy", "All is well over l0, in both families."},
	{"a server error, and TLS", []string{"page: bad_answer why=status said=500"}, path.HealthOnline, "", "check_server", "All is well over l0, in both families."},
	{"TLS is cut at all operators", []string{"secure: bad_answer why=reset"}, path.HealthDegraded, "https_blocked4", "", "IPv4 port 443 answers at every operator, and TLS is cut off: something between does that."},
	{"TLS is cut at all operators, and works elsewhere", []string{"secure: bad_answer why=reset", "web: ok"}, path.HealthOnline, "", "doh_blocked", "All is well over l0, in both families."},
	{"port 443 of all operators is reset, and works elsewhere", []string{"connect internet: refused", "no: secure", "web: ok"}, path.HealthOnline, "", "doh_blocked", "All is well over l0, in both families."},
	{"DNS over TLS is reset at all operators", []string{"private: refused"}, path.HealthOnline, "", "dot_blocked", "All is well over l0, in both families."},
	{"DNS over TLS is silent at all operators", []string{"private: timeout"}, path.HealthOnline, "", "dot_blocked", "All is well over l0, in both families."},
	{"DNS over TLS is silent at one operator", []string{"private 1.1.1.1: timeout"}, path.HealthOnline, "", "", "All is well over l0, in both families."},
	{"a local firewall drops DNS over TLS", []string{"private: unreachable why=local_firewall by=kernel"}, path.HealthOnline, "", "dot_blocked", "All is well over l0, in both families."},
	{"DNS over TLS is silent where all is", []string{"* internet: timeout", "no: large", "no: secure", "page: timeout"}, path.HealthNoInternet, "upstream_silent", "", "No answer comes from beyond gateway 10.50.0.1 on l0."},
	{"IPv6 alone, with a translator", []string{"way 4: reason=no_address", "no: internet 4", "no: gateway 4", "no: page 4", "translated: ok said=64:ff9b::/96"}, path.HealthOnline, "", "nat64", "All is well over l0, over IPv6."},
	{"IPv6 alone, with a translator that is silent", []string{"way 4: reason=no_address", "no: internet 4", "no: gateway 4", "no: page 4", "translated: ok said=64:ff9b::/96", "mapped internet 6 2001:db8:64::1: timeout"}, path.HealthDegraded, "nat64_silent4", "", "Hosts that have IPv4 alone can't be reached: NAT64 64:ff9b::/96 gives no answer."},
	{"TLS is cut at one operator", []string{"secure 1.1.1.1: bad_answer why=reset"}, path.HealthOnline, "", "one_operator_silent", "All is well over l0, in both families."},
	{"one certificate has expired", []string{"secure 1.1.1.1: bad_answer why=expired"}, path.HealthOnline, "", "one_operator_silent", "All is well over l0, in both families."},
	{"resets, and nothing else", []string{"connect internet: refused", "ping internet: timeout", "no: secure", "no: large", "page: timeout"}, path.HealthNoInternet, "upstream_refused", "", "Beyond gateway 10.50.0.1 on l0 every connection is reset, and nothing else answers."},
}
