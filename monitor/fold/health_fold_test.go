package fold

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// The targets of the health tests.
const (
	hGateway  = "ping:192.0.2.1%eth0"
	hGateway6 = "ping:fe80::1%eth0"
	hPing     = "ping:1.1.1.1"
	hPing2    = "ping:9.9.9.9"
	hCheck    = "tcp:8.8.8.8:443"
	hPing6    = "ping:2620:fe::fe"
	hNamed    = "ping:hq.example.net"
	hServer   = "dns:192.0.2.53"
	hServer2  = "dns:192.0.2.54"
	hPublic   = "dns:9.9.9.9"
	hStub     = "dns:127.0.0.53"
	hPortal   = "http://portal.example/"
	hCustom   = "tcp:hq.example.net:22"
)

func healthTarget(id string) *fact.Target {
	ip := netip.MustParseAddr
	t := map[string]fact.Target{
		hGateway:  {Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4, Addr: ip("192.0.2.1"), Index: 2, Interval: time.Second},
		hGateway6: {Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv6, Addr: ip("fe80::1"), Index: 2, Interval: time.Second},
		hPing:     {Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4, Addr: ip("1.1.1.1"), Interval: time.Second},
		hPing2:    {Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv4, Addr: ip("9.9.9.9"), Interval: time.Second},
		hCheck:    {Method: fact.MethodTCP, Role: fact.RoleInternet, Family: fact.IPv4, Addr: ip("8.8.8.8"), Port: 443, Interval: 10 * time.Second},
		hPing6:    {Method: fact.MethodPing, Role: fact.RoleInternet, Family: fact.IPv6, Addr: ip("2620:fe::fe"), Interval: time.Second},
		hNamed:    {Method: fact.MethodPing, Role: fact.RoleInternet, Host: "hq.example.net", Interval: time.Second},
		hServer:   {Method: fact.MethodDNS, Role: fact.RoleResolver, Family: fact.IPv4, Addr: ip("192.0.2.53"), Port: 53, Interval: 5 * time.Second},
		hServer2:  {Method: fact.MethodDNS, Role: fact.RoleResolver, Family: fact.IPv4, Addr: ip("192.0.2.54"), Port: 53, Interval: 5 * time.Second},
		hPublic:   {Method: fact.MethodDNS, Role: fact.RoleResolver, Family: fact.IPv4, Addr: ip("9.9.9.9"), Port: 53, Interval: 5 * time.Second},
		hStub:     {Method: fact.MethodDNS, Role: fact.RoleResolver, Family: fact.IPv4, Addr: ip("127.0.0.53"), Port: 53, Interval: 5 * time.Second},
		hPortal:   {Method: fact.MethodHTTP, Role: fact.RolePortal, Interval: 30 * time.Second},
		hCustom:   {Method: fact.MethodTCP, Role: fact.RoleCustom, Interval: 5 * time.Second},
	}[id]
	t.ID = id
	return &t
}

// A burst is the results of one target's probes, sent every step from from to
// before to, in seconds.
type burst struct {
	id             string
	from, to, step float64
	// outcome is empty for an answer after rtt milliseconds. Losses are known
	// two seconds after they were sent.
	outcome fact.Outcome
	rtt     float64
	detail  fact.Untrusted
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// observations returns the burst as observations on an axis that begins an
// hour after the boot.
func (b burst) observations() (out []fact.Observation) {
	if b.step == 0 {
		b.step = 1
	}
	for at := b.from; at < b.to; at += b.step {
		r := &fact.ProbeResult{Target: b.id, Outcome: b.outcome, Sent: time.Hour + seconds(at), Detail: b.detail}
		known := r.Sent + 2*time.Second
		switch b.outcome {
		case "":
			r.Outcome = fact.OutcomeOK
			r.RTT = max(10*time.Millisecond, seconds(b.rtt/1000))
			known = r.Sent + r.RTT
		case fact.OutcomePortal, fact.OutcomeBadAnswer, fact.OutcomeUnreachable, fact.OutcomeRefused, fact.OutcomeNoData:
			known = r.Sent + 10*time.Millisecond
		}
		out = append(out, fact.Observation{Op: fact.Put, Fact: r, Mono: known})
	}
	return out
}

// dual is a path with both families by way of eth0, ipv4 one with IPv4 only.
func dual() *path.Path {
	return &path.Path{
		Status: path.Satisfied,
		IPv4:   path.FamilyPath{Status: path.Satisfied, Index: 2, Gateway: netip.MustParseAddr("192.0.2.1")},
		IPv6:   path.FamilyPath{Status: path.Satisfied, Index: 2, Gateway: netip.MustParseAddr("fe80::1")},
	}
}

func ipv4() *path.Path {
	p := dual()
	p.IPv6 = path.FamilyPath{Status: path.Unsatisfied, Reason: path.ReasonNoAddress}
	return p
}

// healthState folds bursts, in order of time, into a state as of at.
func healthState(at float64, bursts []burst, more ...fact.Fact) *state.State {
	s := state.NewState()
	var all []fact.Observation
	for _, b := range bursts {
		if s.Targets[b.id] == nil {
			s.Apply(fact.Observation{Op: fact.Put, Fact: healthTarget(b.id)})
		}
		all = append(all, b.observations()...)
	}
	for _, f := range more {
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	sortObservations(all)
	for _, o := range all {
		if o.Mono <= time.Hour+seconds(at) {
			s.Apply(o)
		}
	}
	return s
}

func sortObservations(all []fact.Observation) {
	for i := range all {
		for j := i; j > 0 && all[j].Mono < all[j-1].Mono; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}

// oneLine is a Health in one line: state, gateway, dns, internet, portal, IPv4,
// IPv6, text.
func oneLine(h path.Health) string {
	words := []string{string(h.State)}
	for _, v := range []struct {
		name string
		v    state.Verdict
	}{{"gateway", h.Gateway}, {"dns", h.DNS}, {"internet", h.Internet}, {"portal", h.Portal}, {"ipv4", h.IPv4}, {"ipv6", h.IPv6}} {
		if v.v != state.VerdictUnknown {
			words = append(words, v.name+"="+string(v.v))
		}
	}
	if h.Text != "" {
		words = append(words, "“"+h.Text.Display()+"”")
	}
	return strings.Join(words, " ")
}

func TestEvaluateHealth(t *testing.T) {
	well := []burst{
		{id: hGateway, to: 60},
		{id: hPing, to: 60},
		{id: hPing2, to: 60},
		{id: hCheck, to: 60, step: 10},
		{id: hServer, to: 60, step: 5},
		{id: hPortal, to: 60, step: 30},
	}
	// with replaces the bursts of the targets that it names.
	with := func(change ...burst) []burst {
		var out []burst
		named := map[string]bool{}
		for _, b := range change {
			named[b.id] = true
		}
		for _, b := range well {
			if !named[b.id] {
				out = append(out, b)
			}
		}
		return append(out, change...)
	}
	confirmed := &fact.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1"), State: fact.NeighbourReachable}
	// network is an address whose prefix holds the gateway and hServer.
	network := &fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24}
	const lost = fact.OutcomeTimeout
	for _, tt := range []struct {
		name   string
		path   *path.Path
		bursts []burst
		facts  []fact.Fact
		at     float64
		want   string
	}{
		{"nothing-probed", ipv4(), nil, nil, 60, "unknown"},
		{"no-path", &path.Path{Status: path.Unsatisfied}, well, nil, 60, "unknown"},
		{"nil-path", nil, well, nil, 60, "unknown"},
		{"all-well", ipv4(), well, nil, 60, "online gateway=ok dns=ok internet=ok portal=ok ipv4=ok"},
		{"no-permission", ipv4(), with(
			burst{id: hGateway, to: 60, outcome: fact.OutcomeNoData}, burst{id: hPing, to: 60, outcome: fact.OutcomeNoData},
			burst{id: hPing2, to: 60, outcome: fact.OutcomeNoData}), nil, 60, "online dns=ok internet=ok portal=ok ipv4=ok"},
		{"long-ago", ipv4(), well, nil, 3600, "unknown"},

		// The network beyond the gateway, and the gateway itself.
		{"gateway-dead", ipv4(), []burst{
			{id: hGateway, to: 50},
			{id: hGateway, from: 50, to: 60, outcome: lost},
			{id: hPing, to: 50},
			{id: hPing, from: 50, to: 60, outcome: lost},
			{id: hCheck, to: 50, step: 10},
			{id: hCheck, from: 52, to: 60, outcome: lost, step: 3},
			{id: hServer, to: 50, step: 5},
			{id: hServer, from: 50, to: 60, step: 2, outcome: lost},
		}, nil, 60, "no_internet gateway=down dns=down internet=down ipv4=down “gateway 192.0.2.1 silent 10 s”"},
		{"internet-dead", ipv4(), []burst{
			{id: hGateway, to: 60},
			{id: hPing, to: 50},
			{id: hPing, from: 50, to: 60, outcome: lost},
			{id: hCheck, to: 50, step: 10},
			{id: hCheck, from: 52, to: 60, outcome: lost, step: 3},
		}, nil, 60, "no_internet gateway=ok internet=down ipv4=down “internet silent 10 s”"},
		{"send-refused-by-kernel", ipv4(), []burst{
			{id: hPing, to: 50}, {id: hPing, from: 50, to: 60, outcome: fact.OutcomeUnreachable, detail: "network unreachable"},
		}, nil, 60, "no_internet internet=down ipv4=down “internet unreachable 10 s”"},
		{"one-operator-dead", ipv4(), with(burst{id: hPing, to: 60, outcome: lost}), nil, 60, "online gateway=ok dns=ok internet=ok portal=ok ipv4=ok"},
		{"gateway-ignores-pings", ipv4(), with(burst{id: hGateway, to: 60, outcome: lost}), nil, 60, "online gateway=filtered dns=ok internet=ok portal=ok ipv4=ok"},
		{"gateway-that-forwards-dns", ipv4(), []burst{{id: hGateway, to: 60, outcome: lost}, {id: hServer, to: 60, step: 5}}, nil, 60, "unknown gateway=filtered dns=ok"},
		{"gateway-beside-local-dns", ipv4(), []burst{{id: hGateway, to: 60, outcome: lost}, {id: hServer, to: 60, step: 5}}, []fact.Fact{network}, 60, "degraded gateway=down dns=ok “gateway 192.0.2.1 silent 60 s”"},
		{"gateway-known-by-arp", ipv4(), []burst{{id: hGateway, to: 60, outcome: lost}}, []fact.Fact{confirmed}, 60, "unknown gateway=filtered"},
		{"gateway-not-known-by-arp", ipv4(), []burst{{id: hGateway, to: 60, outcome: lost}}, nil, 60, "degraded gateway=down “gateway 192.0.2.1 silent 60 s”"},
		{"gateway-no-longer-answers-but-in-arp", ipv4(), []burst{{id: hGateway, to: 50}, {id: hGateway, from: 50, to: 60, outcome: lost}}, []fact.Fact{confirmed}, 60, "degraded gateway=down “gateway 192.0.2.1 silent 10 s”"},
		{"gateway-of-another-path", ipv4(), []burst{{id: hGateway6, to: 60, outcome: lost}}, nil, 60, "unknown"},

		// ICMP filtered, by each kind of proof.
		{"filtered-by-tcp", ipv4(), []burst{{id: hPing, to: 60, outcome: lost}, {id: hCheck, to: 60, step: 10}}, nil, 60, "online internet=filtered ipv4=filtered"},
		{"reset-is-no-proof", ipv4(), []burst{{id: hPing, to: 60, outcome: lost}, {id: hCheck, to: 60, step: 10, outcome: fact.OutcomeRefused}}, nil, 60, "no_internet internet=down ipv4=down “internet refused 60 s”"},
		{"filtered-by-public-dns", ipv4(), []burst{{id: hPing, to: 60, outcome: lost}, {id: hPublic, to: 60, step: 5}}, nil, 60, "online dns=ok internet=filtered ipv4=filtered"},
		{"providers-dns-is-no-proof", ipv4(), []burst{
			{id: hPing, to: 60, outcome: lost}, {id: hCheck, to: 60, step: 10, outcome: lost}, {id: hPublic, to: 60, step: 5},
		}, nil, 60, "no_internet dns=ok internet=down ipv4=down “internet silent 60 s”"},
		{"local-dns-is-no-proof", ipv4(), []burst{{id: hPing, to: 60, outcome: lost}, {id: hServer, to: 60, step: 5}}, []fact.Fact{network}, 60, "no_internet dns=ok internet=down ipv4=down “internet silent 60 s”"},
		{"filtered-by-portal-check", ipv4(), []burst{{id: hPing, to: 60, outcome: lost}, {id: hPortal, from: 5, to: 60, step: 30}}, nil, 60, "online internet=filtered portal=ok ipv4=down"},
		{"old-proof-waits", ipv4(), []burst{{id: hPing, to: 55}, {id: hPing, from: 55, to: 60, outcome: lost}, {id: hCheck, to: 60, step: 10}}, nil, 59, "degraded internet=degraded ipv4=degraded “internet ping silent 4 s”"},
		{"old-proof-waits-not-for-ever", ipv4(), []burst{{id: hPing, to: 55}, {id: hPing, from: 55, to: 70, outcome: lost}, {id: hCheck, to: 60, step: 10}}, nil, 63, "no_internet internet=down ipv4=down “internet silent 8 s”"},

		// Families.
		{
			"ipv6-dead", dual(), with(burst{id: hPing6, to: 50}, burst{id: hPing6, from: 50, to: 60, outcome: lost}), nil, 60,
			"degraded gateway=ok dns=ok internet=degraded portal=ok ipv4=ok ipv6=down “IPv6 internet silent 10 s”",
		},
		{"ipv6-not-there", ipv4(), with(burst{id: hPing6, to: 60, outcome: lost}), nil, 60, "online gateway=ok dns=ok internet=ok portal=ok ipv4=ok"},
		{
			"ipv6-gateway-dead", dual(), with(burst{id: hGateway6, to: 50}, burst{id: hGateway6, from: 50, to: 60, outcome: lost}), nil, 60,
			"degraded gateway=down dns=ok internet=ok portal=ok ipv4=ok “gateway fe80::1 silent 10 s”",
		},
		{
			"both-dead", dual(),
			[]burst{{id: hPing, to: 60, outcome: lost}, {id: hPing6, to: 60, outcome: lost}},
			nil, 60,
			"no_internet internet=down ipv4=down ipv6=down “internet silent 60 s”",
		},
		{
			"one-dead-other-not-known", dual(),
			[]burst{{id: hPing, to: 60, outcome: lost}, {id: hPing6, to: 60, outcome: fact.OutcomeNoData}},
			nil, 60,
			"degraded internet=degraded ipv4=down “IPv4 internet silent 60 s”",
		},
		{"named-target", dual(), []burst{{id: hNamed, to: 60}}, nil, 60, "online internet=ok"},

		// Name servers.
		{
			"dns-servfail", ipv4(), with(burst{id: hServer, to: 60, step: 5, outcome: fact.OutcomeBadAnswer, detail: "SERVFAIL"}), nil, 60,
			"degraded gateway=ok dns=down internet=ok portal=ok ipv4=ok “DNS 192.0.2.53 SERVFAIL”",
		},
		{
			"dns-silent-and-not-asked-since", ipv4(), with(burst{id: hServer, to: 50, step: 5}, burst{id: hServer, from: 50, to: 56, step: 2, outcome: lost},
				burst{id: hServer, from: 59, to: 60, outcome: fact.OutcomeNoData, detail: "path is gone"}), nil, 60,
			"degraded gateway=ok dns=down internet=ok portal=ok ipv4=ok “DNS 192.0.2.53 silent 10 s”",
		},
		{
			"dns-silent", ipv4(), with(burst{id: hServer, to: 50, step: 5}, burst{id: hServer, from: 50, to: 60, step: 2, outcome: lost}), nil, 60,
			"degraded gateway=ok dns=down internet=ok portal=ok ipv4=ok “DNS 192.0.2.53 silent 10 s”",
		},
		{
			"one-server-of-two", ipv4(), with(burst{id: hServer2, to: 60, step: 5, outcome: lost}), nil, 60,
			"degraded gateway=ok dns=degraded internet=ok portal=ok ipv4=ok “DNS 192.0.2.54 silent 60 s”",
		},
		{
			"stub-answers-for-one-upstream", ipv4(), with(burst{id: hStub, to: 60, step: 5}, burst{id: hServer2, to: 60, step: 5, outcome: lost}), nil, 60,
			"online gateway=ok dns=ok internet=ok portal=ok ipv4=ok",
		},
		{
			"stub-lives-off-its-cache", ipv4(),
			[]burst{{id: hStub, to: 60, step: 5}, {id: hServer, to: 60, step: 5, outcome: lost}},
			nil, 60,
			"degraded dns=down “DNS 192.0.2.53 silent 60 s”",
		},
		{
			"stub-dead", ipv4(), with(burst{id: hStub, to: 60, step: 5, outcome: fact.OutcomeRefused, detail: "connection refused"}), nil, 60,
			"degraded gateway=ok dns=down internet=ok portal=ok ipv4=ok “DNS 127.0.0.53 connection refused”",
		},
		{
			"hostile-detail", ipv4(),
			[]burst{{id: hServer, to: 60, step: 5, outcome: fact.OutcomeBadAnswer, detail: "SERVFAIL: \x1b[2J"}},
			nil, 60,
			`degraded dns=down “DNS 192.0.2.53 SERVFAIL: \x1b[2J”`,
		},

		// Portals.
		{
			"portal", ipv4(), with(burst{id: hPortal, to: 60, step: 30, outcome: fact.OutcomePortal}), nil, 60,
			"portal gateway=ok dns=ok internet=ok portal=down ipv4=ok “captive portal”",
		},
		{
			"portal-and-silence", ipv4(),
			[]burst{{id: hPing, to: 60, outcome: lost}, {id: hPortal, to: 60, step: 30, outcome: fact.OutcomePortal}},
			nil, 60,
			"portal internet=down portal=down ipv4=down “captive portal”",
		},
		{"portal-not-looked-for-yet", ipv4(), []burst{{id: hPing, to: 60}, {id: hPortal, from: 50, to: 60, step: 30}}, nil, 3, "unknown internet=ok ipv4=ok"},
		{"portal-never-looked-for", ipv4(), []burst{{id: hPing, to: 60}, {id: hPortal, from: 50, to: 60, step: 30}}, nil, 5, "online internet=ok ipv4=ok"},
		{
			"walled-garden-from-the-start", ipv4(),
			[]burst{{id: hPing, to: 60, outcome: lost}, {id: hCheck, to: 60, step: 10, outcome: lost}, {id: hPortal, to: 60, step: 30}},
			nil, 60, "portal internet=down portal=down ipv4=down “walled garden”",
		},
		{
			"internet-back-and-the-page-first", ipv4(),
			[]burst{{id: hPing, to: 20.5, outcome: lost}, {id: hCheck, to: 20.5, step: 1, outcome: lost}, {id: hPortal, from: 20.6, to: 21, step: 30}},
			nil, 23, "no_internet internet=down portal=ok ipv4=down “internet silent 23 s”",
		},
		{
			"walled-garden-after-the-page", ipv4(),
			[]burst{{id: hPing, to: 23, outcome: lost}, {id: hCheck, to: 23, step: 1, outcome: lost}, {id: hPortal, from: 20.6, to: 21, step: 30}},
			nil, 26, "portal internet=down portal=down ipv4=down “walled garden”",
		},
		{
			"connection-lost-and-public-dns", ipv4(),
			[]burst{{id: hPing, to: 60, outcome: lost}, {id: hCheck, to: 5, step: 10, outcome: lost}, {id: hPublic, from: 3, to: 60, step: 5}},
			nil, 6, "no_internet dns=ok internet=down ipv4=down “internet silent 6 s”",
		},
		{"logged-in", ipv4(), []burst{{id: hPortal, to: 30, step: 30, outcome: fact.OutcomePortal}, {id: hPortal, from: 30, to: 60, step: 30}}, nil, 60, "online portal=ok"},
		{
			"portal-check-unreachable", ipv4(), with(burst{id: hPortal, to: 60, step: 30, outcome: lost}), nil, 60,
			"online gateway=ok dns=ok internet=ok ipv4=ok",
		},

		// Quality.
		{
			"loss", ipv4(),
			[]burst{{id: hPing, to: 60, step: 2}, {id: hPing, from: 33, to: 60, step: 8, outcome: lost}},
			nil, 60,
			"degraded internet=degraded ipv4=degraded “internet loss 21 %”",
		},
		{"one-lost", ipv4(), []burst{{id: hPing, to: 60}, {id: hPing, from: 50.5, to: 51, outcome: lost}}, nil, 60, "online internet=ok ipv4=ok"},
		{
			"slow", ipv4(),
			[]burst{{id: hPing, to: 50, rtt: 20}, {id: hPing, from: 50, to: 60, rtt: 340}},
			nil, 60,
			"degraded internet=degraded ipv4=degraded “internet slow 340 ms”",
		},
		{"slow-but-always-was", ipv4(), []burst{{id: hPing, to: 60, rtt: 600}}, nil, 60, "online internet=ok ipv4=ok"},
		{"slower-on-a-lan", ipv4(), []burst{{id: hPing, to: 50}, {id: hPing, from: 50, to: 60, rtt: 90}}, nil, 60, "online internet=ok ipv4=ok"},
		{
			"lossy-gateway-that-forwards-well", ipv4(), with(burst{id: hGateway, to: 60}, burst{id: hGateway, from: 40.5, to: 60, step: 3, outcome: lost}), nil, 60,
			"online gateway=degraded dns=ok internet=ok portal=ok ipv4=ok",
		},
		{"lossy-gateway-that-shows", ipv4(), []burst{
			{id: hGateway, to: 60},
			{id: hGateway, from: 40.5, to: 60, step: 3, outcome: lost},
			{id: hPing, to: 60},
			{id: hPing, from: 40.5, to: 60, step: 3, outcome: lost},
		}, nil, 60, "degraded gateway=degraded internet=degraded ipv4=degraded “gateway 192.0.2.1 loss 16 %”"},
		{"loss-ends-with-silence", ipv4(), []burst{{id: hPing, to: 40}, {id: hPing, from: 40, to: 50, outcome: lost}, {id: hPing, from: 53, to: 60}}, nil, 60, "online internet=ok ipv4=ok"},
		{"custom-decides-nothing", ipv4(), with(burst{id: hCustom, to: 60, step: 5, outcome: lost}), nil, 60, "online gateway=ok dns=ok internet=ok portal=ok ipv4=ok"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := healthState(tt.at, tt.bursts, tt.facts...)
			h, _ := path.EvaluateHealth(s, tt.path, time.Hour+seconds(tt.at))
			if diff := cmp.Diff(tt.want, oneLine(h)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestHealthDeadline: without a new observation the health changes exactly at
// the instants that EvaluateHealth names, and at no other.
func TestHealthDeadline(t *testing.T) {
	for name, bursts := range map[string][]burst{
		"well-then-nothing": {{id: hGateway, to: 20}, {id: hPing, to: 20}, {id: hCheck, to: 20, step: 10}, {id: hServer, to: 20, step: 5}, {id: hPortal, to: 20, step: 30}},
		"silence":           {{id: hPing, to: 10}, {id: hPing, from: 10, to: 20, outcome: fact.OutcomeTimeout}, {id: hCheck, to: 10, step: 10}},
		"refused-sends":     {{id: hGateway, to: 10}, {id: hGateway, from: 10, to: 12, step: 0.5, outcome: fact.OutcomeUnreachable}, {id: hPing, to: 12}},
		"portal-is-late":    {{id: hPing, to: 20}, {id: hPortal, from: 40, to: 50}},
		"dns-errors":        {{id: hServer, to: 10, step: 5}, {id: hServer, from: 10, to: 13, outcome: fact.OutcomeBadAnswer}},
	} {
		t.Run(name, func(t *testing.T) {
			const step = 50 * time.Millisecond
			for _, last := range []float64{1, 12.5, 13.5, 14, 20} {
				s := healthState(last, bursts)
				now := time.Hour + seconds(last)
				h, next := path.EvaluateHealth(s, ipv4(), now)
				for ; now < 2*time.Hour; now += step {
					got, _ := path.EvaluateHealth(s, ipv4(), now)
					// The text counts up.
					h.Text = got.Text
					same := h == got
					if next == 0 || now < next {
						if !same {
							t.Fatalf("after %v: changed at %v to %q from %q, before the deadline %v", last, now, oneLine(got), oneLine(h), next)
						}
						if next == 0 {
							break
						}
						continue
					}
					h, next = path.EvaluateHealth(s, ipv4(), now)
					if next != 0 && next <= now {
						t.Fatalf("after %v: at %v the next deadline is %v", last, now, next)
					}
				}
			}
		})
	}
}

// twenty is a state of twenty targets in both families, well or with an internet that
// has fallen silent.
func twenty(internet fact.Outcome) *state.State {
	bursts := []burst{{id: hGateway, to: 60}, {id: hGateway6, to: 60}, {id: hServer, to: 60, step: 5}, {id: hServer2, to: 60, step: 5}, {id: hPortal, to: 60, step: 30}}
	for _, id := range []string{hPing, hPing2, hPing6, hCheck} {
		bursts = append(bursts, burst{id: id, to: 50}, burst{id: id, from: 50, to: 60, outcome: internet})
	}
	s := healthState(62, bursts)
	for n := range 11 {
		t := *healthTarget(hCustom)
		t.ID = fmt.Sprintf("tcp:10.0.0.%d:22", n)
		s.Apply(fact.Observation{Op: fact.Put, Fact: &t})
		for _, o := range (burst{id: t.ID, to: 60, step: 5}).observations() {
			s.Apply(o)
		}
	}
	return s
}

// TestEvaluateHealthAllocates: an outcome while all is well leaves nothing for the
// collector.
func TestEvaluateHealthAllocates(t *testing.T) {
	s, p := twenty(""), dual()
	if h, _ := path.EvaluateHealth(s, p, time.Hour+62*time.Second); len(s.Targets) != 20 || h.State != path.HealthOnline {
		t.Fatalf("%d targets, %s", len(s.Targets), oneLine(h))
	}
	if n := testing.AllocsPerRun(100, func() { path.EvaluateHealth(s, p, time.Hour+62*time.Second) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEvaluateHealth(b *testing.B) {
	for name, s := range map[string]*state.State{"well": twenty(""), "silent": twenty(fact.OutcomeTimeout)} {
		b.Run(name, func(b *testing.B) {
			p := dual()
			b.ReportAllocs()
			for b.Loop() {
				path.EvaluateHealth(s, p, time.Hour+62*time.Second)
			}
		})
	}
}
