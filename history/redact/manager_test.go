package redact

import (
	"strings"
	"testing"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// Which daemons run and of which version stays, and what else stands there does not.
func TestManager(t *testing.T) {
	for _, c := range []struct{ in, want fact.Manager }{
		{fact.Manager{Name: "NetworkManager", Version: "1.52.1"}, fact.Manager{Name: "NetworkManager", Version: "1.52.1"}},
		{fact.Manager{Name: "systemd-networkd", Version: "257.9-1~deb13u1"}, fact.Manager{Name: "systemd-networkd", Version: "257.9-1~deb13u1"}},
		{fact.Manager{Name: "wpa_supplicant"}, fact.Manager{Name: "wpa_supplicant"}},
		{fact.Manager{Name: "iwd", Version: "2.19 zaphod"}, fact.Manager{Name: "iwd", Version: "2.19"}},
		{fact.Manager{Name: "ConnMan", Version: "192.0.2.7"}, fact.Manager{Name: "ConnMan"}},
	} {
		o := fact.Observation{Op: fact.Put, Fact: &c.in}
		got := New(Public, NewKey()).Observation(o)
		if m, ok := got.Fact.(*fact.Manager); !ok || *m != c.want {
			t.Errorf("%+v became %+v", c.in, got.Fact)
		}
	}
}

// The settings of an interface are numbers, and stay.
func TestIPv6Settings(t *testing.T) {
	want := fact.IPv6Settings{AcceptRA: 2, UseTempaddr: 1}
	o := fact.Observation{Op: fact.Put, Fact: &fact.Link{Index: 2, Name: "eth0", IPv6: &want}}
	if got := New(Public, NewKey()).Observation(o).Fact.(*fact.Link).IPv6; got == nil || *got != want {
		t.Errorf("%+v became %+v", want, got)
	}
}

// What is left out of a version is looked for in the copy, and as what it is: of an
// address that stands there its prefix alone is no find, and a name is one.
func TestLeftOutIsLookedFor(t *testing.T) {
	for _, c := range []struct {
		version, copied string
		found           bool
	}{
		{"fe80::aabb:ccff:fedd:1", "fe80::1", false},
		{"fe80::aabb:ccff:fedd:1", "fe80::aabb:ccff:fedd:1", true},
		{"1.2 zaphods", "ok zaphods", true},
	} {
		r := New(Public, NewKey())
		r.Observation(fact.Observation{Op: fact.Put, Fact: &fact.Address{Index: 2, Label: fact.Untrusted(c.version)}})
		r.Observation(fact.Observation{Op: fact.Put, Fact: &fact.Manager{Name: "iwd", Version: fact.Untrusted(c.version)}})
		h := session.Header{}
		h.Host.Interfaces = []session.HostInterface{{Name: "eth0", Firmware: fact.Untrusted(c.version)}}
		r.Header(h)
		v := r.Verifier(func(string) bool { return false })
		err := v.Verify(strings.NewReader(c.copied + "\n"))
		if (err != nil) != c.found {
			t.Errorf("%q in %q: %v", c.version, c.copied, err)
		}
	}
}
