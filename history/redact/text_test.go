package redact

import (
	"strings"
	"testing"
)

// TestText: what the program and the kernel say stays, what says who does not.
func TestText(t *testing.T) {
	for _, s := range []string{
		"", "connection refused", "host unreachable", "no such host", "302 to http://connectivitycheck.gstatic.com/generate_204",
		"systemd-resolved: no answer", "no address within 10s of carrier", "the program did not run for 9.116s", "SERVFAIL", "answered SYN 2",
		"x509: certificate has expired or is not yet valid", "resolving the name: server misbehaving", "the disk was full: 12 observations are not recorded",
		"ping:1.1.1.1", "tcp:[2606:4700:4700::1111]:443", "/etc/resolv.conf", "gateway v6",
		"host unreachable: no answer to ARP", "host unreachable: no answer to neighbour discovery", "source address prohibited by a policy", "packet too big", "message too long",
		"time to live exceeded", "no answer to a small packet either", "certificate can't be verified: this machine has no list of authorities",
		"the kernel dropped notifications: the receive buffer was full", "the socket's receive buffer overran",
	} {
		if got := New(Public, NewKey()).text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, tt := range [][2]string{
		{"answered by 10.1.2.3", "answered by "},
		{"302 to http://portal.hotel.example/login?token=s3cret", "302 to http://host-1/path-1"},
		{"x509: certificate is valid for intern.corp.example, not www.corp.example", "x509: certificate is valid for host-1, not host-2"},
		{"ping:fritz.box%kitchen0", "ping:host-1%if-1"},
		{"dns:fritz.box:5353/home.lan", "dns:host-1:5353/host-2"},
		{"https://user:pw@nas.local:8443/a/b", "https://host-1:8443/path-1"},
		{"dial unix /home/alice/x", "dial word-1 word-2"},
		{"Alices iPhone", "word-1 word-2"},
		{"dead:bad::add", ""},
		{"lookup host-192-0-2-7: no such host", "lookup word-1: no such host"},
	} {
		got := New(Public, NewKey()).text(tt[0])
		if !strings.HasPrefix(got, tt[1]) || got == tt[0] {
			t.Errorf("%q became %q, want %q", tt[0], got, tt[1])
		}
	}
}

// A word of a kind keeps no address that stands between words.
func TestWord(t *testing.T) {
	for in, want := range map[string]string{"route_withdrawn": "route_withdrawn", "to 192.0.2.7 port 53": "word-1"} {
		if got := New(Public, NewKey()).word(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestSystem(t *testing.T) {
	for s, want := range map[string]string{
		"Debian GNU/Linux 12 (bookworm)": "Debian GNU/Linux 12 (bookworm)",
		"Linux 6.12.5-200.fc41.x86_64":   "Linux 6.12.5-200.fc41.x86_64",
		"Linux 6.8.0-49-generic":         "Linux 6.8.0-49-generic",
		"Linux 6.18.44-alice-laptop":     "Linux 6.18.44",
		"AliceOS 3":                      "",
	} {
		if got := New(Public, NewKey()).system(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}

// FuzzText: text is mapped without a crash, the same again, and what it becomes
// passes the verifier.
func FuzzText(f *testing.F) {
	for _, s := range []string{"302 to http://a.example/x?y=z", "fe80::1%eth0", "[::1]:443", "ping:a.b", "a\x1bb \xff", "x=1,y=2;[z]", "://", "%", ":", "192.0.2.1/24"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := New(Public, Key{1})
		got := r.text(s)
		if again := r.text(s); again != got {
			t.Errorf("%q became %q, and then %q", s, got, again)
		}
		clear(r.texts)
		if again := r.text(s); again != got {
			t.Errorf("%q became %q, and %q anew", s, got, again)
		}
	})
}
