package fold

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestPortalByItsAPI: what the API of a network's portal says is an incident from when
// it was first asked, which says where to sign in, until it lets this machine through.
func TestPortalByItsAPI(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	w := newWorld(5)
	const api, login = "https://portal.example/api", "https://portal.example/login"
	says := func(second int, captive bool, since int) {
		c := &fact.Capport{Index: 2, API: api, Captive: captive, Asked: time.Hour + at(second), Since: time.Hour + at(since)}
		if captive {
			c.SignIn = login
		}
		w.put(at(second)+40*time.Millisecond, fact.Put, c)
	}
	w.put(at(50), fact.Put, &fact.Capport{Index: 2, API: api})
	says(60, true, 60)
	says(70, true, 60)
	says(80, false, 80)
	// It is let in for eleven minutes, and has to sign in again.
	w.put(at(80)+50*time.Millisecond, fact.Put, &fact.Capport{Index: 2, API: api, Asked: time.Hour + at(80), Since: time.Hour + at(80), Until: time.Hour + at(80+660)})
	var opened fact.Untrusted
	f := NewFold(path.DefaultSettings(), func(e Event) {
		if e.Incident != nil && e.Incident.Phase == PhaseOpen && !e.Incident.Note() {
			opened = e.Incident.Text
		}
	})
	states := map[path.HealthState]bool{}
	for _, o := range w.observations(3 * time.Minute) {
		f.Observe(o)
		if s := o.Mono - time.Hour; s > at(62) && s < at(79) {
			states[f.Snapshot().Health.State] = true
		}
	}
	if !states[path.HealthPortal] || len(states) != 1 {
		t.Errorf("health while captive: %v, want portal", states)
	}
	if want := fact.Untrusted("a captive portal on eth0 answers for the web: sign in at " + login); !strings.HasPrefix(string(opened), string(want)) {
		t.Errorf("got  %s\nwant %s", opened, want)
	}
	got := lines(incidentsOf(w.observations(13*time.Minute), 13*time.Minute))
	for i, want := range []string{
		"1m0s-1m20s degraded 1× a captive portal on eth0 answered for the web; the gateway, DNS, IPv4 and IPv6 worked",
		"2m20s-12m20s note 1× a captive portal on eth0 let this machine through until its announced end",
	} {
		if len(got) != 2 || got[i] != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestProxyIsNoPortal: where connections are made, somebody else's answer in the name
// of the portal check is no trouble once a diagnosis shows that TLS is untouched.
func TestProxyIsNoPortal(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for _, tt := range []struct {
		name     string
		begun    time.Duration
		findings []fact.CheckFinding
		want     []string
	}{
		{
			"proxy", at(92),
			[]fact.CheckFinding{{What: string(path.HTTPProxy), Leg: "portal", Index: 2, Note: true, Since: time.Hour + at(92), Before: time.Hour + at(59)}},
			[]string{"1m32s-still note 1× plain HTTP on eth0 is rewritten on the way; TLS is untouched"},
		},
		{
			"portal", at(92), nil,
			[]string{"1m30s-2m30s degraded 1× a captive portal on eth0 answered for the web; the gateway, DNS, IPv4 and IPv6 worked"},
		},
		// One that was made before says nothing of it.
		{
			"portal-after-a-diagnosis", at(80),
			[]fact.CheckFinding{{What: string(path.HTTPProxy), Leg: "portal", Index: 2, Note: true, Since: time.Hour + at(80)}},
			[]string{
				"1m20s-1m37s note 1× plain HTTP on eth0 was rewritten on the way; TLS was untouched",
				"1m30s-2m30s degraded 1× a captive portal on eth0 answered for the web; the gateway, DNS, IPv4 and IPv6 worked",
				"2m30s-still note 1× plain HTTP on eth0 is rewritten on the way; TLS is untouched",
			},
		},
	} {
		w := newWorld(5, damage{what: path.CaptivePortal, from: at(65), to: at(130)})
		w.put(tt.begun+100*time.Millisecond, fact.Put, &fact.Check{Begun: time.Hour + tt.begun, Index: 2, Findings: tt.findings})
		got := lines(incidentsOf(w.observations(3*time.Minute), 3*time.Minute))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// TestUndecidedPortal: what may be a proxy turns nothing red until that is decided, nor
// does it turn a machine green that was never seen to be well.
func TestUndecidedPortal(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for _, tt := range []struct {
		name             string
		from             int
		finding          path.What
		undecided, after path.HealthState
	}{
		{"proxy-while-watched", 60, path.HTTPProxy, path.HealthOnline, path.HealthOnline},
		{"portal-while-watched", 60, "", path.HealthOnline, path.HealthPortal},
		{"proxy-from-the-start", 0, path.HTTPProxy, path.HealthUnknown, path.HealthOnline},
		{"portal-from-the-start", 0, "", path.HealthUnknown, path.HealthPortal},
	} {
		w := newWorld(5, damage{what: path.CaptivePortal, from: at(tt.from), to: at(200)})
		c := &fact.Check{Begun: time.Hour + at(tt.from+3), Index: 2}
		if tt.finding != "" {
			c.Findings = []fact.CheckFinding{{What: string(tt.finding), Leg: "portal", Index: 2, Note: true, Since: c.Begun}}
		}
		w.put(c.Begun-time.Hour+100*time.Millisecond, fact.Put, c)
		var captive, undecided bool
		foldWorld(w.observations(2*time.Minute), func(f *Fold, now time.Duration) {
			s := f.Snapshot()
			if x := s.Targets[hPortal]; x != nil && x.Captive != nil {
				captive = true
			}
			want := tt.undecided
			switch {
			case !captive:
				return
			case now+time.Hour >= c.Begun+100*time.Millisecond:
				want = tt.after
			default:
				undecided = true
			}
			if got := s.Health.State; got != want {
				t.Fatalf("%s: %s after %v, want %s", tt.name, got, now, want)
			}
		})
		if !undecided {
			t.Errorf("%s: it is decided at once", tt.name)
		}
	}
}
