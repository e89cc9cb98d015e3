package probes

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// sameAddr compares addresses, whose zones cmp can't look into.
var sameAddr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func newPlanner(t *testing.T, c Config) *planner {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &r.planner
}

func TestPlan(t *testing.T) {
	conf := func(servers ...string) *fact.Resolvers {
		r := &fact.Resolvers{Source: "resolv.conf"}
		for _, s := range servers {
			r.Servers = append(r.Servers, fact.Server{Addr: addr(s), Port: 53})
		}
		return r
	}
	resolved := &fact.Resolvers{Source: "resolved", Servers: []fact.Server{
		{Addr: addr("192.0.2.53"), Port: 53, Index: 2}, {Addr: addr("fe80::53%eth0"), Port: 53, Index: 2}, {Addr: addr("2620:fe::fe"), Port: 5353},
	}}
	v4 := lookups(fact.IPv4, "192.0.2.1", "192.0.2.7")
	v6 := lookups(fact.IPv6, "fe80::1", "2001:db8::7")
	change := func(facts []fact.Fact, fn func(*fact.Lookup)) (out []fact.Fact) {
		for _, f := range facts {
			l := *f.(*fact.Lookup)
			fn(&l)
			out = append(out, &l)
		}
		return out
	}
	wifi := &fact.Link{Index: 3, Name: "wl\x1b", Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp}
	asleep := &fact.Link{Index: 3, Name: "wlan0", Flags: fact.FlagUp}
	down := eth0()
	down.OperState = fact.OperDown
	own := &fact.Address{Index: 2, Local: addr("192.0.2.7"), PrefixLen: 24}
	for _, tt := range []struct {
		name  string
		facts []fact.Fact
		want  []string
	}{
		{"nothing", nil, []string{}},
		{"ipv4", append(v4, eth0()), []string{"ping:192.0.2.1%eth0", "ping:1.1.1.1", "http://portal.example"}},
		{"ipv6", append(v6, eth0()), []string{"ping:fe80::1%eth0", "ping:2620:fe::fe", "http://portal.example"}},
		{"both", append(append(v4, v6...), eth0()), []string{"ping:192.0.2.1%eth0", "ping:fe80::1%eth0", "ping:1.1.1.1", "ping:2620:fe::fe", "http://portal.example"}},
		{"on-link", append(change(v4, func(l *fact.Lookup) { l.Gateway = fact.Lookup{}.Gateway }), eth0()), []string{"ping:1.1.1.1", "http://portal.example"}},
		{"two-gateways", append(change(v4, func(l *fact.Lookup) {
			if l.Dst.String() != "1.1.1.1" {
				l.Gateway, l.Index = addr("198.51.100.1"), 3
			}
		}), eth0(), wifi), []string{"ping:192.0.2.1%eth0", `ping:198.51.100.1%wl\x1b`, "ping:1.1.1.1", "http://portal.example"}},
		{"refused", append(change(v4, func(l *fact.Lookup) { l.Err = "ENETUNREACH" }), eth0()), []string{}},
		{"local-answer", append(change(v4, func(l *fact.Lookup) { l.Type = fact.RouteLocal }), eth0()), []string{}},
		{"link-local-source", append(change(v6, func(l *fact.Lookup) { l.Source = addr("fe80::7") }), eth0()), []string{}},
		{"bound-lookups-only", append(change(v4, func(l *fact.Lookup) { l.OIF = 2 }), eth0()), []string{"ping:192.0.2.1%eth0"}},
		{"in-use-and-bound", append(append(change(v4, func(l *fact.Lookup) { l.OIF = 2 }), v4...), eth0()), []string{"ping:192.0.2.1%eth0", "ping:1.1.1.1", "http://portal.example"}},
		{"stands-by", append(append(change(v4, func(l *fact.Lookup) { l.OIF, l.Index, l.Gateway = 3, 3, addr("198.51.100.1") }), v4...), eth0(), wifi), []string{
			"ping:192.0.2.1%eth0", "ping:1.1.1.1", "http://portal.example", `ping:198.51.100.1%wl\x1b`,
		}},
		{"stands-by-without-carrier", append(append(change(v4, func(l *fact.Lookup) { l.OIF, l.Index = 3, 3 }), v4...), eth0(), asleep), []string{
			"ping:192.0.2.1%eth0", "ping:1.1.1.1", "http://portal.example",
		}},
		{"no-carrier", append(v4, down), []string{}},
		{"unknown-link", v4, []string{}},

		{"resolvers", append(v4, eth0(), conf("192.0.2.53", "9.9.9.9", "2620:fe::fe")), []string{
			"ping:192.0.2.1%eth0", "dns:192.0.2.53", "dns:9.9.9.9", "ping:1.1.1.1", "http://portal.example",
		}},
		{"stub-and-upstreams", append(append(v4, v6...), eth0(), conf("127.0.0.53"), resolved), []string{
			"ping:192.0.2.1%eth0", "ping:fe80::1%eth0", "dns:127.0.0.53", "dns:192.0.2.53%eth0", "dns:fe80::53%eth0", "dns:[2620:fe::fe]:5353",
			"ping:1.1.1.1", "ping:2620:fe::fe", "http://portal.example",
		}},
		{"upstreams-not-used", append(v4, eth0(), conf("192.0.2.99"), resolved), []string{
			"ping:192.0.2.1%eth0", "dns:192.0.2.99", "ping:1.1.1.1", "http://portal.example",
		}},
		{"stub-offline", []fact.Fact{conf("127.0.0.53")}, []string{}},
		{"resolver-on-link-offline", []fact.Fact{eth0(), own, conf("192.0.2.53")}, []string{"dns:192.0.2.53"}},
		{"resolver-on-dead-link", []fact.Fact{down, own, conf("192.0.2.53")}, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultConfig()
			c.Internet, c.Portal.URL = []string{"ping:1.1.1.1", "ping:2620:fe::fe"}, "http://portal.example"
			got := newPlanner(t, c).plan(stateOf(t, tt.facts...), ModeRaw, false)
			if diff := cmp.Diff(tt.want, ids(got.targets)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanFillsTargetsIn(t *testing.T) {
	resolvers := &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: addr("fe80::53%eth0"), Index: 2}}}
	s := stateOf(t, append(lookups(fact.IPv6, "fe80::1%eth0", "2001:db8::7"), eth0(), resolvers)...)
	c := DefaultConfig()
	c.Internet = []string{"dns:2620:fe::fe"}
	got := newPlanner(t, c).plan(s, ModeUnprivileged, false)
	want := []*fact.Target{
		{
			ID: "ping:fe80::1%eth0", Name: "gateway v6", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv6,
			Addr: addr("fe80::1"), Index: 2, Interval: time.Second, Mode: ModeUnprivileged,
		},
		{
			ID: "dns:fe80::53%eth0", Name: "fe80::53", Method: fact.MethodDNS, Role: fact.RoleResolver, Family: fact.IPv6,
			Addr: addr("fe80::53"), Index: 2, Port: 53, Query: "example.com", Interval: 5 * time.Second,
		},
		{
			ID: "dns:2620:fe::fe", Name: "2620:fe::fe", Method: fact.MethodDNS, Role: fact.RoleInternet, Family: fact.IPv6,
			Addr: addr("2620:fe::fe"), Port: 53, Query: "example.com", Interval: 10 * time.Second,
		},
		{
			ID: "http://connectivitycheck.gstatic.com/generate_204", Name: "portal", Method: fact.MethodHTTP, Role: fact.RolePortal,
			Host: "connectivitycheck.gstatic.com", Port: 80, Query: "http://connectivitycheck.gstatic.com/generate_204", Interval: 30 * time.Second,
		},
	}
	if diff := cmp.Diff(want, got.targets, sameAddr); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPlanWithoutPermission: the gateway can be asked in another way, and what
// can't be pinged says so now and then.
func TestPlanWithoutPermission(t *testing.T) {
	s := stateOf(t, append(append(lookups(fact.IPv4, "192.0.2.1", "192.0.2.7"), lookups(fact.IPv6, "fe80::1", "2001:db8::7")...), eth0())...)
	c := DefaultConfig()
	c.Internet, c.Portal.URL = []string{"ping:1.1.1.1"}, ""
	got := newPlanner(t, c).plan(s, "", false)
	want := []*fact.Target{
		{
			ID: "udp:192.0.2.1%eth0", Name: "gateway", Method: fact.MethodUDP, Role: fact.RoleGateway, Family: fact.IPv4,
			Addr: addr("192.0.2.1"), Index: 2, Port: closedPort, Interval: knockInterval,
		},
		{
			ID: "udp:fe80::1%eth0", Name: "gateway v6", Method: fact.MethodUDP, Role: fact.RoleGateway, Family: fact.IPv6,
			Addr: addr("fe80::1"), Index: 2, Port: closedPort, Interval: knockInterval,
		},
		{
			ID: "ping:1.1.1.1", Name: "1.1.1.1", Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4,
			Addr: addr("1.1.1.1"), Interval: noPingInterval,
		},
	}
	if diff := cmp.Diff(want, got.targets, sameAddr); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConfigQuery(t *testing.T) {
	for _, tt := range []struct{ query, portal, want string }{
		{"", "http://portal.example/x", "portal.example"},
		{"a.test", "http://portal.example/x", "a.test"},
		{"", "", "."},
		{"", "http://192.0.2.80/", "."},
	} {
		c := Config{Query: tt.query, Portal: Portal{URL: tt.portal}}
		if got := string(c.query()); got != tt.want {
			t.Errorf("query %q, portal %q: asks for %q, want %q", tt.query, tt.portal, got, tt.want)
		}
	}
}

func TestNewRejectsTargets(t *testing.T) {
	for name, c := range map[string]Config{
		"internet": {Internet: []string{"1.1.1.1"}},
		"custom":   {Custom: []string{"ping:"}},
		"portal":   {Portal: Portal{URL: "portal.example"}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDefaultConfigFitsItsBudget(t *testing.T) {
	s := stateOf(t, append(append(ipv4Only(), lookups(fact.IPv6, "fe80::1", "2001:db8::7")...),
		&fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{
			{Addr: addr("192.0.2.53"), Port: 53}, {Addr: addr("192.0.2.54"), Port: 53}, {Addr: addr("2620:fe::fe"), Port: 53},
		}})...)
	p := newPlanner(t, DefaultConfig()).plan(s, ModeRaw, false)
	if f := p.limit.stretch(p.targets); f != 1 {
		t.Errorf("the default intervals are stretched by %.2f with two families and three name servers", f)
	}
	var packets, bytes float64
	for _, target := range p.targets {
		perMinute := float64(time.Minute) / float64(target.Interval)
		packets += perMinute * float64(cost(target.Method).Packets)
		bytes += perMinute * float64(cost(target.Method).Bytes)
	}
	// What the comment of DefaultConfig says.
	if math.Round(packets/100) != 9 || math.Round(bytes/10_000) != 8 {
		t.Errorf("it costs %.0f packets and %.0f bytes a minute", packets, bytes)
	}
}

func BenchmarkPlan(b *testing.B) {
	s := state.NewState()
	for _, f := range append(ipv4Only(), lookups(fact.IPv6, "fe80::1", "2001:db8::7")...) {
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	r, err := New(DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.planner.plan(s, ModeRaw, false)
	}
}
