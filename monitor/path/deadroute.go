package path

import (
	"fmt"
	"slices"

	"flapscope/monitor/fact"
)

// deadRoute says why the kernel sends a family by l, the route of an interface
// that can't carry it, although another would: by the setting that decides, or
// nothing where there is no such interface. The kernel drops the routes of an interface
// that is set down, but keeps those of one without carrier, and takes them unless
// ignore_routes_with_linkdown says otherwise (net/ipv4/fib_trie.c, net/ipv6/route.c).
func (e *evaluator) deadRoute(f fact.Family, l *fact.Lookup) fact.Untrusted {
	var other *interfaceView
	for _, v := range e.views {
		p := v.path.Family(f)
		if v.path.Candidate && v.link.Index != l.Index && p.Status == Satisfied && (other == nil || p.Metric < other.path.Family(f).Metric) {
			other = v
		}
	}
	dead := e.state.Links[l.Index]
	if other == nil || dead == nil || dead.Carrier() {
		return ""
	}
	than, why := other.path.Family(f), ""
	switch {
	case l.Table != than.Table:
		why = fmt.Sprintf("table %d comes first", l.Table)
		if rule := e.ruleTo(f, l.Table); rule != nil {
			why = "rule \"" + string(rule.Words()) + "\" comes first"
		}
	case l.Match.IsValid() && l.Match.Bits() > 0:
		why = l.Match.String() + " is narrower"
	case l.Metric < than.Metric:
		why = fmt.Sprintf("metric %d before %d", l.Metric, than.Metric)
	default:
		why = fmt.Sprintf("metric %d of both", l.Metric)
	}
	said := "the dead route by " + string(dead.Name) + " wins over that by " + string(other.link.Name) + " (" + why
	if !e.state.IgnoresLinkdown(f, l.Index) {
		said += ", and ignore_routes_with_linkdown is off"
	}
	return fact.Untrusted(said + ")")
}

// ruleTo returns the first rule of a family that looks into a table, or nil.
func (e *evaluator) ruleTo(f fact.Family, table uint32) (first *fact.Rule) {
	for _, r := range e.state.Rules {
		if r.Family == f && r.Action == fact.RuleToTable && r.Table == table && (first == nil || r.Priority < first.Priority) {
			first = r
		}
	}
	return first
}

// winner returns the kernel's answer that names an interface, or nil.
func winner(answers []*fact.Lookup) *fact.Lookup {
	i := slices.IndexFunc(answers, func(l *fact.Lookup) bool { return l.Err == "" && l.Type == fact.RouteUnicast })
	if i < 0 {
		return nil
	}
	return answers[i]
}
