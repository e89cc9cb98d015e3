package target_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/probes"
)

// byString compares addresses, whose zones cmp can't look into.
var byString = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestParse(t *testing.T) {
	for in, want := range map[string]fact.Target{
		"ping:192.0.2.1":        {Method: "ping", Family: fact.IPv4, Addr: addr("192.0.2.1"), Name: "192.0.2.1"},
		"ping:fe80::1%eth0":     {Method: "ping", Family: fact.IPv6, Addr: addr("fe80::1%eth0"), Name: "fe80::1%eth0"},
		"ping:hq.example.net":   {Method: "ping", Host: "hq.example.net", Name: "hq.example.net"},
		"tcp:192.0.2.1:22":      {Method: "tcp", Family: fact.IPv4, Addr: addr("192.0.2.1"), Port: 22, Name: "192.0.2.1:22"},
		"tcp:[2001:db8::1]:443": {Method: "tcp", Family: fact.IPv6, Addr: addr("2001:db8::1"), Port: 443, Name: "[2001:db8::1]:443"},
		"tls:example.net:443":   {Method: "tls", Host: "example.net", Port: 443, Name: "example.net:443"},
		"dns:192.0.2.53":        {Method: "dns", Family: fact.IPv4, Addr: addr("192.0.2.53"), Port: 53, Name: "192.0.2.53"},
		"dns:2001:db8::53":      {Method: "dns", Family: fact.IPv6, Addr: addr("2001:db8::53"), Port: 53, Name: "2001:db8::53"},
		"dns:192.0.2.53:5353/www.example.net.": {
			Method: "dns", Family: fact.IPv4, Addr: addr("192.0.2.53"), Port: 5353,
			Query: "www.example.net.", Name: "192.0.2.53:5353",
		},
		"dns:192.0.2.53/.":             {Method: "dns", Family: fact.IPv4, Addr: addr("192.0.2.53"), Port: 53, Query: ".", Name: "192.0.2.53"},
		"http://example.net/up?x=1":    {Method: "http", Host: "example.net", Port: 80, Query: "http://example.net/up?x=1", Name: "example.net/up"},
		"https://[2001:db8::1]:8443/":  {Method: "http", Family: fact.IPv6, Addr: addr("2001:db8::1"), Port: 8443, Query: "https://[2001:db8::1]:8443/", Name: "[2001:db8::1]:8443/"},
		"tcp:_ldap._tcp.example:389":   {Method: "tcp", Host: "_ldap._tcp.example", Port: 389, Name: "_ldap._tcp.example:389"},
		"ping:xn--bcher-kva.example.":  {Method: "ping", Host: "xn--bcher-kva.example.", Name: "xn--bcher-kva.example."},
		"dns:[2001:db8::53]:54/a.test": {Method: "dns", Family: fact.IPv6, Addr: addr("2001:db8::53"), Port: 54, Query: "a.test.", Name: "[2001:db8::53]:54"},
	} {
		want.Role = fact.RoleCustom
		want.ID = in
		if strings.HasSuffix(in, "a.test") {
			want.ID = in + "."
		}
		got, err := probes.ParseTarget(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		} else if diff := cmp.Diff(want, got, byString); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestParseIsCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"ping:[2001:DB8:0::1]":     "ping:2001:db8::1",
		"ping:::ffff:192.0.2.1":    "ping:192.0.2.1",
		"ping:HQ.Example.Net":      "ping:hq.example.net",
		"tls:Example.Net":          "tls:example.net:443",
		"udp:192.0.2.1":            "udp:192.0.2.1:33434",
		"udp:2001:db8::1":          "udp:[2001:db8::1]:33434",
		"tls:2001:db8::1":          "tls:[2001:db8::1]:443",
		"tls:[2001:db8::1]":        "tls:[2001:db8::1]:443",
		"tls:[2001:db8::1]:853":    "tls:[2001:db8::1]:853",
		"dns:192.0.2.53:53/A.Test": "dns:192.0.2.53/a.test.",
		"tcp:192.0.2.1:0022":       "tcp:192.0.2.1:22",
		"http://example.net/up#x":  "http://example.net/up",
	} {
		got, err := probes.ParseTarget(in)
		if err != nil || got.ID != want {
			t.Errorf("%s: %q, %v; want %q", in, got.ID, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "no method",
		"192.0.2.1":                 "no method",
		"icmp:192.0.2.1":            `unknown method "icmp"`,
		"ping:":                     "bad host",
		"ping:1.2.3":                "neither an address nor a name",
		"ping:1.2.3.4.5":            "neither an address nor a name",
		"ping:a b":                  "want letters",
		"ping:-rf":                  "neither an address nor a name",
		"ping:bücher.example":       "xn--",
		"ping:fe80::1":              "on which interface",
		"ping:fe80::1%e\x1b":        "bad interface name",
		"ping:0.0.0.0":              "not the address of one host",
		"ping:224.0.0.1":            "not the address of one host",
		"ping:255.255.255.255":      "not the address of one host",
		"ping:ff02::1":              "not the address of one host",
		"tcp:192.0.2.1":             "want tcp:HOST:PORT",
		"tcp:2001:db8::1:443":       "want tcp:HOST:PORT",
		"tcp:192.0.2.1:0":           "1 to 65535",
		"tls:example.net:65536":     "1 to 65535",
		"tls::443":                  "bad host",
		"tls:":                      "bad host",
		"tls:a:b:c":                 "want tls:HOST[:PORT]",
		"dns:":                      "bad host",
		"dns:192.0.2.53/a..b":       "bad name to ask",
		"dns:192.0.2.53/\x1b":       "bad name to ask",
		"dns:a:b:c":                 "want dns:SERVER",
		"http:///up":                "a host",
		"http://u:p@example.net/":   "password",
		"http://example.net:99999/": "1 to 65535",
		"http://exam ple.net/":      "",
		"https://%zz/":              "",
	} {
		_, err := probes.ParseTarget(in)
		switch {
		case err == nil:
			t.Errorf("%q: no error, want %q", in, want)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%q: %q, want it to hold %q", in, err, want)
		case strings.ContainsAny(err.Error(), "\x1b\n"):
			t.Errorf("%q: %q is not one clean line", in, err)
		}
	}
}

// FuzzParse: what parses has an ID that parses to the same target.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"ping:192.0.2.1", "ping:fe80::1%eth0", "tcp:[2001:db8::1]:443", "tls:example.net:443",
		"dns:192.0.2.53:5353/www.example.net", "dns:[::1]", "http://example.net/up?x#y", "https://[fe80::1%25eth0]:8443",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := probes.ParseTarget(s)
		if err != nil {
			if got != (fact.Target{}) {
				t.Errorf("%q: %+v beside an error", s, got)
			}
			return
		}
		again, err := probes.ParseTarget(got.ID)
		if err != nil {
			t.Fatalf("%q: its ID %q: %v", s, got.ID, err)
		}
		if diff := cmp.Diff(got, again, byString); diff != "" {
			t.Errorf("%q: its ID parses to another target:\n%s", s, diff)
		}
		if strings.ContainsFunc(got.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q: ID %q holds what a terminal would obey", s, got.ID)
		}
		if !got.Addr.IsValid() && got.Host == "" {
			t.Errorf("%q: neither address nor name", s)
		}
	})
}
