package verdict_test

import (
	"fmt"
	"net/netip"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// TestReportHealth: a verdict in the words of health.
func TestReportHealth(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"well", nil, "online gateway=ok dns=ok internet=ok portal=ok ipv4=ok ipv6=ok"},
		{"offline", []string{"way: reason=no_carrier", "no: *"}, "unknown gateway=unknown dns=unknown internet=unknown portal=unknown ipv4=unknown ipv6=unknown"},
		{"silent-gateway-pings", []string{"ping gateway: timeout"}, "online gateway=filtered dns=ok internet=ok portal=ok ipv4=ok ipv6=ok"},
		{"filtered-in-one-family", []string{"ping internet 4: timeout"}, "online gateway=ok dns=ok internet=ok portal=ok ipv4=filtered ipv6=ok"},
		{"one-family", []string{"* internet 6: timeout", "page 6: timeout"}, "degraded gateway=ok dns=ok internet=degraded portal=ok ipv4=ok ipv6=down: no IPv6 answer comes from beyond gateway 2001:db8:50::1 on l0"},
		{"black-hole", []string{"large: timeout sent=2 answered=0", "large internet 4 size=1400: ok size=1400", "large internet 6 size=1400: ok size=1400"}, "degraded gateway=ok dns=ok internet=ok portal=ok ipv4=ok ipv6=ok: packets above 1400 bytes vanish, and nobody says so"},
		{"no-internet", []string{silentBeyond, silentPage}, "no_internet gateway=ok dns=ok internet=down portal=unknown ipv4=down ipv6=down: no answer comes from beyond gateway 10.50.0.1 on l0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := well()
			for _, line := range tt.changes {
				change(t, e, line)
			}
			var r verdict.Report
			verdict.Judge(e, &r)
			h := r.Health()
			got := fmt.Sprintf("%s gateway=%s dns=%s internet=%s portal=%s ipv4=%s ipv6=%s", h.State, h.Gateway, h.DNS, h.Internet, h.Portal, h.IPv4, h.IPv6)
			if h.Text != "" {
				got += ": " + string(h.Text)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUndecided: each leg of which nothing can be told says why.
func TestUndecided(t *testing.T) {
	e := well()
	for _, line := range []string{"ping: no_data why=no_permission", "no: large", "no: page 6", "no: connect internet 6", "* resolver: no_data why=strict_rp_filter"} {
		change(t, e, line)
	}
	var r verdict.Report
	verdict.Judge(e, &r)
	got := map[string]string{}
	for _, l := range r.Undecided() {
		got[string(l.Name)+" "+l.Family.Title()] = l.Short()
	}
	for leg, want := range map[string]string{
		"internet IPv6": "unknown: no permission", "mtu IPv4": "unknown: pings not answered", "dns IPv4": "unknown: strict rp filter",
	} {
		if got[leg] != want {
			t.Errorf("%s: %q, want %q; all are %q", leg, got[leg], want, got)
		}
	}
	e.Paged = false
	change(t, e, "no: page 4")
	if verdict.Judge(e, &r); len(r.Undecided()) == 0 || r.Undecided()[0].Name == path.LegPortal {
		t.Errorf("a page that nobody wants is undecided: %+v", r.Undecided())
	}
}

// TestStandby: what stands by has a leg, and decides nothing.
func TestStandby(t *testing.T) {
	e := well()
	for _, result := range []fact.Outcome{fact.OutcomeOK, fact.OutcomeTimeout, fact.OutcomeNoData} {
		e.Outcomes = append(e.Outcomes, verdict.Outcome{
			Ask: verdict.Ping, Role: fact.RoleStandby, Family: fact.IPv4, Interface: "wlan0", Addr: netip.MustParseAddr("192.0.2.1"), Sent: 3, Result: result,
		})
	}
	var r verdict.Report
	verdict.Judge(e, &r)
	var got []verdict.LegState
	for _, l := range r.Legs {
		if l.Name == verdict.LegStandby && l.Interface == "wlan0" {
			got = append(got, l.State)
		}
	}
	if !r.Well() || len(r.Notes) != 0 || fmt.Sprint(got) != "[ok bad unknown]" {
		t.Errorf("%s with %q, legs %v", r.State, noteWords(&r), got)
	}
}
