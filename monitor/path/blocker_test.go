package path

import (
	"net/netip"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

func TestBlocker(t *testing.T) {
	all := netip.MustParsePrefix("0.0.0.0/0")
	route := func(table uint32, kind fact.RouteType, dst netip.Prefix, metric uint32) *fact.Route {
		return &fact.Route{Family: fact.IPv4, Table: table, Type: kind, Dst: dst, Metric: metric}
	}
	rule := func(priority uint32, change func(*fact.Rule)) *fact.Rule {
		r := &fact.Rule{Family: fact.IPv4, Priority: priority, Action: fact.RuleToTable, Table: 254, SuppressPrefixLen: -1, SuppressIfGroup: -1}
		if change != nil {
			change(r)
		}
		return r
	}
	usual := []fact.Fact{rule(0, func(r *fact.Rule) { r.Table = 255 }), rule(32766, nil)}
	for _, tt := range []struct {
		name  string
		facts []fact.Fact
		want  fact.Untrusted
	}{
		{"nothing", nil, ""},
		{"no-route", usual, ""},
		{"unicast", append(usual, route(254, fact.RouteUnicast, all, 0)), ""},
		{"blackhole", append(usual, route(254, fact.RouteBlackhole, all, 0), route(254, fact.RouteUnicast, all, 100)), `route "blackhole default" in table main`},
		{"behind-a-better-one", append(usual, route(254, fact.RouteUnreachable, all, 4000), route(254, fact.RouteUnicast, all, 100)), ""},
		{"half", append(usual, route(254, fact.RouteProhibit, netip.MustParsePrefix("0.0.0.0/1"), 0), route(254, fact.RouteUnicast, all, 0)), `route "prohibit 0.0.0.0/1" in table main`},
		{"rule", append(usual, rule(100, func(r *fact.Rule) { r.Action, r.Table = fact.RuleProhibit, 0 })), `rule "100: from all prohibit"`},
		{"rule-of-a-user", append(usual, rule(100, func(r *fact.Rule) { r.Action, r.Table, r.HasUID = fact.RuleProhibit, 0, true })), ""},
		{"rule-for-marked", append(usual, rule(100, func(r *fact.Rule) { r.Action, r.Table, r.FwMark, r.FwMask = fact.RuleProhibit, 0, 1, 0xff })), ""},
		{
			"rule-for-unmarked", append(usual,
				rule(100, func(r *fact.Rule) { r.Table, r.FwMark, r.FwMask, r.Not = 77, 0xca6c, 0xffffffff, true }), route(77, fact.RouteUnreachable, all, 0)),
			`route "unreachable default" in table 77`,
		},
		{"throw", append(usual, rule(100, func(r *fact.Rule) { r.Table = 77 }), route(77, fact.RouteThrow, all, 0), route(254, fact.RouteBlackhole, all, 0)), `route "blackhole default" in table main`},
		{"suppressed", append(usual, rule(100, func(r *fact.Rule) { r.SuppressPrefixLen = 0 }), route(254, fact.RouteUnicast, all, 0),
			rule(200, func(r *fact.Rule) { r.Action, r.Table = fact.RuleUnreachable, 0 })), `rule "200: from all unreachable"`},
		{"goto", append(usual, rule(50, func(r *fact.Rule) { r.Action, r.Table, r.Goto = fact.RuleGoto, 0, 300 }),
			rule(100, func(r *fact.Rule) { r.Action, r.Table = fact.RuleProhibit, 0 })), ""},
	} {
		s := state.NewState()
		for _, f := range tt.facts {
			s.Apply(fact.Observation{Op: fact.Put, Fact: f})
		}
		if got := Blocker(s, fact.IPv4); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
