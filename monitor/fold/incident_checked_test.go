package fold

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestCheckedWords: what a diagnosis found is said as it said it.
func TestCheckedWords(t *testing.T) {
	for want, f := range map[fact.Untrusted]fact.CheckFinding{
		"the certificate of 192.0.2.9 is not valid yet; ":                  {What: "certificate_invalid", Leg: "tls", Addr: netip.MustParseAddr("192.0.2.9"), Detail: "not yet valid"},
		"the certificate of 192.0.2.9 has expired; ":                       {What: "certificate_invalid", Leg: "tls", Addr: netip.MustParseAddr("192.0.2.9"), Detail: "expired"},
		"resolver 192.0.2.1 answers for IPv4 and not for IPv6: SERVFAIL; ": {What: "resolver_failed", Leg: "dns", Addr: netip.MustParseAddr("192.0.2.1"), Detail: "for IPv4 and not for IPv6: SERVFAIL"},
		"this machine has no name server: none is configured; ":            {What: "resolver_missing", Leg: "dns"},
	} {
		l := newLab(t, path.DefaultSettings()).boot()
		l.wait(2 * time.Second)
		f.Index, f.Since = 2, l.now
		l.put(&fact.Check{Begun: l.now, Index: 2, Findings: []fact.CheckFinding{f}})
		l.wait(10 * time.Second)
		var got fact.Untrusted
		for _, e := range l.events {
			if e.Incident != nil {
				got = e.Incident.Text
			}
		}
		if !strings.HasPrefix(string(got)+"; ", string(want)) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestCheckedAgainAfterLoss: what a diagnosis found stands again when the path is back
// that was lost meanwhile, as the same incident, which overlaps nothing.
func TestCheckedAgainAfterLoss(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(2 * time.Second)
	l.put(&fact.Check{
		Trigger: fact.CheckAttached, Begun: l.now, Took: time.Millisecond, Index: 2, State: "degraded", Text: "HTTPS is blocked.",
		Findings: []fact.CheckFinding{{What: "https_blocked", Leg: "tls", Index: 2, Detail: "resets from every operator", Since: l.now}},
	})
	l.wait(10 * time.Second)
	l.lose()
	l.wait(10 * time.Second)
	l.gain()
	l.wait(10 * time.Second)
	var last []*Incident
	for _, e := range l.events {
		if i := e.Incident; i != nil && i.Root.What == path.HTTPSBlocked {
			last = append(last, i)
		}
	}
	if len(last) == 0 {
		t.Fatal("no incident")
	}
	first, now := last[0], last[len(last)-1]
	if now.ID != first.ID || now.Count != 2 || !now.Open() {
		t.Errorf("got #%d %d ×, open %v: %s; want #%d come back", now.ID, now.Count, now.Open(), now.Text, first.ID)
	}
	want := fact.Untrusted("HTTPS on eth0 is blocked: resets from every operator")
	if first.Text != want {
		t.Errorf("got %s, want %s", first.Text, want)
	}
}

// TestCheckedWhy: why a name server is silent, which a diagnosis finds, is said in its
// incident, and nothing of it when the server answers again.
func TestCheckedWhy(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for _, tt := range []struct {
		what         path.What
		detail, want string
	}{
		{path.ResolverFailed, "for itself only, for want of answers from others", "answered for itself only, for want of answers from others"},
		{path.Latency, "3.5 s", "was slow: 3.5 s"},
	} {
		w := newWorld(5, damage{what: path.ResolverSilent, from: at(60), to: at(120)})
		w.put(at(90), fact.Put, &fact.Check{Begun: time.Hour + at(88), Index: 2, Findings: []fact.CheckFinding{
			{What: string(tt.what), Leg: "dns", Family: fact.IPv4, Index: 2, Addr: netip.MustParseAddr("192.0.2.53"), Detail: fact.Untrusted(tt.detail), Since: time.Hour + at(88)},
		}})
		got := lines(incidentsOf(w.observations(4*time.Minute), 4*time.Minute))
		if want := []string{"1m1s-2m2s degraded 1× resolver 192.0.2.53 " + tt.want + "; the gateway, IPv4 and IPv6 worked"}; !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestCheckedSlow: a name server that was slow from the start is told by a diagnosis
// alone, until another one does not find it so.
func TestCheckedSlow(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	w := newWorld(5)
	slow := fact.CheckFinding{
		What: string(path.Latency), Leg: "dns", Family: fact.IPv4, Index: 2, Addr: netip.MustParseAddr("192.0.2.53"), Detail: "2.0 s", Since: time.Hour + at(3),
	}
	w.put(at(6), fact.Put, &fact.Check{Begun: time.Hour + at(3), Index: 2, Findings: []fact.CheckFinding{slow}})
	w.put(at(63), fact.Put, &fact.Check{Begun: time.Hour + at(62), Index: 2})
	got := lines(incidentsOf(w.observations(3*time.Minute), 3*time.Minute))
	if want := []string{"3s-1m2s degraded 1× resolver 192.0.2.53 was slow: 2.0 s; the gateway, IPv4 and IPv6 worked"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
