package verdict_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// A row is one thing that is wrong, what a diagnosis then hears, and what it
// must say.
type row struct {
	do      string
	changes []string
	state   path.HealthState
	// root is the word of the root with its family ("", "4" or "6") behind it,
	// and notes those of the notes.
	root  string
	notes string
	text  string
}

const (
	silentBeyond = "* internet: timeout"
	silentPage   = "page portal: timeout"
	deadRelay    = "* resolver: timeout"
	noNames      = "no: page"
)

// rows are what can be made in a lab of three machines in a row, each with what
// an unprivileged program then sees.
var rows = []row{
	{"the interface is set down", []string{"way: reason=admin_down", "no: *"}, verdict.Offline, "admin_down", "", "l0 is set down."},
	{"the other end is set down", []string{"way: reason=no_carrier", "no: *"}, verdict.Offline, "carrier_lost", "", "l0 has no carrier: nothing is plugged in, or the other end is off."},
	{"no address", []string{"way: reason=no_address", "no: *"}, verdict.Offline, "no_address", "", "l0 has no address."},
	{"no default route", []string{"way: reason=no_route", "no: internet", "no: page"}, verdict.Offline, "no_route", "", "There is no default route on l0."},
	{"an unreachable default route", []string{"way: reason=route_blocked", "no: internet", "no: page"}, verdict.Offline, "route_blocked", "", "A route of this machine refuses all traffic."},
	{"ping_group_range excludes the user", []string{"ping: no_data why=no_permission", "no: large"}, path.HealthOnline, "", "pings_forbidden", "All is well over l0, in both families."},
	{"the gateway leaves the link", []string{"way: neighbour=failed", "ping gateway: timeout", silentBeyond, deadRelay, noNames}, path.HealthNoInternet, "gateway_unresolved", "", "Gateway 10.50.0.1 on l0 does not answer on the link."},
	{"a gateway that does not exist", []string{"way 4: neighbour=failed others gateway=10.50.0.99", "ping gateway 4: timeout", "* internet 4: timeout", "page 4: timeout"}, path.HealthDegraded, "gateway_unresolved4", "", "Gateway 10.50.0.99 on l0 does not exist: others on the link answer, it does not."},
	{"the address is of another network", []string{"way 4: source=10.77.0.2/24", "ping gateway 4: timeout", "* internet 4: timeout", deadRelay, noNames}, path.HealthDegraded, "wrong_network4", "", "The address of l0 is of another network: gateway 10.50.0.1 on l0 knows it on the link, and answers nothing."},
	{"two machines have the gateway's address", []string{"way 4: neighbour=changed"}, path.HealthDegraded, "address_conflict4", "", "Two machines claim to be gateway 10.50.0.1 on l0."},
	{"the gateway ignores pings", []string{"ping gateway: timeout"}, path.HealthOnline, "", "gateway_ignores_pings", "All is well over l0, in both families."},
	{"the gateway drops what is for itself", []string{"ping gateway 4: timeout", deadRelay, noNames}, path.HealthDegraded, "resolver_silent4", "gateway_ignores_pings", "Name server 10.50.0.1 does not answer."},
	{"pings are filtered", []string{"ping internet: timeout", "no: large"}, path.HealthOnline, "", "icmp_filtered", "All is well over l0, in both families."},
	{"the gateway's uplink is down", []string{"* internet 4: unreachable by=gateway why=no_route from=10.50.0.1", "* internet 6: unreachable by=gateway why=no_route from=2001:db8:50::1", "* resolver: bad_answer why=refused said=REFUSED", noNames}, path.HealthNoInternet, "upstream_unreachable", "", "The internet can't be reached, says the gateway 10.50.0.1: no route."},
	{"the gateway's uplink is down, and it said so to others", []string{"* internet 4: timeout", "* internet 6: unreachable by=gateway why=no_route from=2001:db8:50::1", deadRelay, noNames}, path.HealthNoInternet, "upstream_unreachable", "", "The internet can't be reached, says the gateway 2001:db8:50::1: no route."},
	{"the same, in the other family", []string{"* internet 6: timeout", "* internet 4: unreachable by=gateway why=no_route from=10.50.0.1", deadRelay, noNames}, path.HealthNoInternet, "upstream_unreachable", "", "The internet can't be reached, says the gateway 10.50.0.1: no route."},
	{"the gateway passes nothing on", []string{silentBeyond, silentPage}, path.HealthNoInternet, "upstream_silent", "", "No answer comes from beyond gateway 10.50.0.1 on l0."},
	{"the gateway has a blackhole route", []string{silentBeyond, silentPage, "* resolver: bad_answer why=refused said=REFUSED"}, path.HealthNoInternet, "upstream_silent", "", "No answer comes from beyond gateway 10.50.0.1 on l0."},
	{"IPv6 is dropped", []string{"* internet 6: timeout", "page 6: timeout"}, path.HealthDegraded, "upstream_silent6", "", "No IPv6 answer comes from beyond gateway 2001:db8:50::1 on l0."},
	{"IPv4 is dropped", []string{"* internet 4: timeout", "page 4: timeout", "secure internet 6: ok"}, path.HealthDegraded, "upstream_silent4", "", "No IPv4 answer comes from beyond gateway 10.50.0.1 on l0."},
	{"the gateway has no IPv6 route", []string{"* internet 6: unreachable by=gateway why=no_route from=2001:db8:50::1", "page 6: unreachable"}, path.HealthOnline, "", "upstream_absent", "All is well over l0, over IPv4."},
	{"IPv6 is link-local only", []string{"way 6: reason=no_address linklocal", "no: 6"}, path.HealthOnline, "", "link_local_only", "All is well over l0, over IPv4."},
	{"one operator is silent", []string{"* 1.1.1.1: timeout"}, path.HealthOnline, "", "one_operator_silent", "All is well over l0, in both families."},
	{"a third of the packets is lost", []string{"ping internet: ok sent=20 answered=13", "large: timeout sent=2 answered=0"}, path.HealthDegraded, "loss", "", "Packets get lost beyond gateway 10.50.0.1 on l0: 7 of 20."},
	{"a third is lost on the way to the one that is asked often", []string{"ping internet 4 8.8.8.8: ok sent=20 answered=13"}, path.HealthDegraded, "loss4", "", "IPv4 packets get lost beyond gateway 10.50.0.1 on l0: 7 of 20."},
	{"a narrow path, that says so", []string{"large 4: unreachable mtu=1400 by=gateway from=10.50.0.1", "large 6: unreachable mtu=1400 by=gateway from=2001:db8:50::1"}, path.HealthOnline, "", "path_mtu", "All is well over l0, in both families."},
	{"a narrow path, that does not", []string{"large: timeout sent=2 answered=0", "large internet 4 size=1400: ok size=1400", "large internet 6 size=1400: ok size=1400"}, path.HealthDegraded, "mtu_black_hole", "", "Packets above 1400 bytes vanish, and nobody says so."},
	{"the own firewall drops pings", []string{"ping 4: unreachable why=local_firewall by=kernel", "no: large 4"}, path.HealthOnline, "", "local_firewall", "All is well over l0, in both families."},
	{"the own firewall drops DNS", []string{"* resolver: unreachable why=local_firewall by=kernel", noNames}, path.HealthDegraded, "local_firewall4", "", "The firewall of this machine drops what goes to name server 10.50.0.1."},
	{"the own firewall drops port 443", []string{"connect internet: timeout", "no: secure"}, path.HealthDegraded, "https_blocked", "", "Connections to port 443 vanish at every operator, while pings are answered."},
	{"port 443 is prohibited", []string{"connect internet: unreachable by=gateway from=10.50.0.1 why=prohibited", "no: secure"}, path.HealthDegraded, "https_blocked", "", "Connections to port 443 are prohibited, says the gateway 10.50.0.1."},
	{"port 443 is reset", []string{"connect internet: refused", "no: secure"}, path.HealthDegraded, "https_blocked", "", "Connections to port 443 are reset at every operator: something between does that."},
	{"port 443 is reset where nobody promises it", []string{"connect internet: refused optional", "no: secure"}, path.HealthOnline, "", "", "All is well over l0, in both families."},
	{"port 80 is reset", []string{"page: refused"}, path.HealthOnline, "", "http_blocked", "All is well over l0, in both families."},
	{"out of local ports", []string{"connect 1.1.1.1: unreachable why=port_exhaustion", "no: secure 1.1.1.1"}, path.HealthDegraded, "port_exhaustion4", "", "This machine is out of local ports towards 1.1.1.1."},
	{"a strict reverse path filter", []string{"way 4: gateway=10.60.0.1", "* 4: no_data why=strict_rp_filter", "way 6: reason=no_address", "no: 6"}, path.HealthUnknown, "", "strict_rp_filter family_absent", "Nothing can be told: no question could be asked."},
	{"all goes into an interface, and nothing returns", []string{"way 4: interface=t9 gateway=", "* internet 4: unreachable by=kernel why=unresolved", "no: gateway 4", "page 4: timeout"}, path.HealthDegraded, "tunnel_silent4", "", "All IPv4 traffic goes into t9, and nothing returns."},
	{"a tunnel without an endpoint", []string{"way 4: interface=wg0 gateway=", "* internet 4: unreachable why=no_endpoint by=kernel", "no: gateway 4", "page 4: timeout"}, path.HealthDegraded, "tunnel_down4", "", "The tunnel wg0 has no endpoint to send to."},
	{"an own queue of 1.5 s", []string{"queue: 1490ms", "private: timeout", "secure 1.1.1.1: timeout", "* 8.8.8.8: timeout"}, path.HealthDegraded, "own_queue", "", "Packets wait 1.5 s in this machine's own queue on l0 before they leave."},
	{"an own queue in which the page takes too long", []string{"queue: 1490ms", "page: timeout"}, path.HealthDegraded, "own_queue", "", "Packets wait 1.5 s in this machine's own queue on l0 before they leave."},
	{"a walled garden", []string{silentBeyond, "page 6: timeout"}, path.HealthPortal, "walled_garden4", "", "The portal check passes and nothing else does: this network lets only chosen sites through."},
	{"certificates have expired", []string{"secure: bad_answer why=expired"}, path.HealthDegraded, "certificate_invalid4", "", "The certificate of 1.1.1.1 has expired."},
	{"certificates are not valid yet", []string{"secure: bad_answer why=not_yet_valid"}, path.HealthDegraded, "certificate_invalid4", "", "The certificate of 1.1.1.1 is not valid yet."},
	{"certificates are for another name", []string{"secure: bad_answer why=wrong_name"}, path.HealthDegraded, "tls_intercepted4", "", "TLS is intercepted: the certificates of several operators are not their own (wrong name)."},
	{"certificates are of an unknown issuer", []string{"secure: bad_answer why=unknown_issuer"}, path.HealthDegraded, "tls_intercepted4", "", "TLS is intercepted: the certificates of several operators are not their own (unknown issuer)."},
	{"all dates are three hours ahead", []string{"secure: ok skew=3h"}, path.HealthDegraded, "clock_wrong4", "", "The clock of this machine is 3 h slow."},
	{"answers come twice", []string{"ping internet 4: ok twice=1"}, path.HealthOnline, "", "duplicates", "All is well over l0, in both families."},
	{"another address answers", []string{"ping internet 4: timeout why=stranger from=10.99.99.99"}, path.HealthOnline, "", "answered_by_another", "All is well over l0, in both families."},
}

func TestRows(t *testing.T) {
	for i, tt := range append(append(rows, resolverRows...), portalRows...) {
		t.Run(fmt.Sprintf("%d %s", i+1, tt.do), func(t *testing.T) {
			e := well()
			for _, line := range tt.changes {
				change(t, e, line)
			}
			var r verdict.Report
			verdict.Judge(e, &r)
			if r.State != tt.state || rootWord(&r) != tt.root || noteWords(&r) != tt.notes {
				t.Errorf("%s, root %q, notes %q\nwant %s, root %q, notes %q", r.State, rootWord(&r), noteWords(&r), tt.state, tt.root, tt.notes)
			}
			if got := r.Text(); got != tt.text {
				t.Errorf("got  %s\nwant %s", got, tt.text)
			}
			if (r.Root.What == "") != (len(r.Advice()) == 0) {
				t.Errorf("advice %q for root %q", r.Advice(), r.Root.What)
			}
		})
	}
}

func rootWord(r *verdict.Report) string {
	word := string(r.Root.What)
	if word != "" && r.Root.Family != 0 {
		word += strings.TrimPrefix(r.Root.Family.Title(), "IPv")
	}
	return word
}

func noteWords(r *verdict.Report) string {
	var words []string
	for i := range r.Notes {
		words = append(words, string(r.Notes[i].What))
	}
	return strings.Join(words, " ")
}

// Notes and legs are made anew each time, in the room of the last.
func TestJudgeAgain(t *testing.T) {
	bad := well()
	change(t, bad, silentBeyond)
	var r verdict.Report
	verdict.Judge(bad, &r)
	verdict.Judge(well(), &r)
	if !r.Well() || len(r.Notes) != 0 {
		t.Errorf("%s with %q", r.State, noteWords(&r))
	}
	for _, l := range r.Legs {
		// TLS is asked for in one family, and only said to work there.
		want := verdict.LegOK
		if l.Name == verdict.LegTLS && l.Family == fact.IPv6 {
			want = verdict.LegSkipped
		}
		if l.State != want {
			t.Errorf("%s of %s is %s %q", l.Name, l.Family.Title(), l.State, l.Short())
		}
	}
}

// What the root hides is shown on its leg all the same, and TLS that was asked for in
// one family is not said to work in the other.
func TestJudgeHidden(t *testing.T) {
	e := well()
	for _, line := range []string{
		"secure: bad_answer why=expired",
		"large: timeout sent=2 answered=0", "large internet 4 size=1400: ok size=1400", "large internet 6 size=1400: ok size=1400",
	} {
		change(t, e, line)
	}
	var r verdict.Report
	verdict.Judge(e, &r)
	if rootWord(&r) != "certificate_invalid4" {
		t.Errorf("root %q", rootWord(&r))
	}
	got := map[string]verdict.LegState{}
	for _, l := range r.Legs {
		if l.Name == verdict.LegMTU || l.Name == verdict.LegTLS {
			got[string(l.Name)+" "+l.Family.Title()] = l.State
		}
	}
	want := map[string]verdict.LegState{
		"tls IPv4": verdict.LegBad, "tls IPv6": verdict.LegUnknown, "mtu IPv4": verdict.LegBad, "mtu IPv6": verdict.LegBad,
	}
	if !maps.Equal(got, want) {
		t.Errorf("legs %v, want %v", got, want)
	}
}

// A judgement leaves nothing for the collector.
func TestJudgeAllocates(t *testing.T) {
	var r verdict.Report
	bad := well()
	change(t, bad, "* internet 6: timeout")
	for name, e := range map[string]*verdict.Evidence{"well": well(), "bad": bad} {
		verdict.Judge(e, &r)
		if n := testing.AllocsPerRun(100, func() { verdict.Judge(e, &r) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, name := range []string{"well", "silent"} {
		e := well()
		if name == "silent" {
			change(b, e, silentBeyond)
			change(b, e, deadRelay)
		}
		var r verdict.Report
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				verdict.Judge(e, &r)
			}
		})
	}
}
