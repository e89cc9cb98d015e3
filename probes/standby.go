package probes

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// How often the gateway of an interface is asked that stands by: seldom, since what
// it says matters only when the path in use fails, and then it is asked at once.
const (
	standbyInterval     = 30 * time.Second
	calmStandbyInterval = 5 * time.Minute
	// standbyExpensive is the least where traffic by the interface costs money: a
	// modem stays awake for seconds after each packet.
	standbyExpensive = 10 * time.Minute
	// maxStandby bounds them in each family.
	maxStandby = 4
)

// standbys returns the gateways of the interfaces that would carry a path and are
// not in use: the kernel has a route to the internet for a socket bound there.
func (v *view) standbys(mode string) []fact.Target {
	var found []*fact.Lookup
	for q, l := range v.state.Lookups {
		link := v.state.Links[q.OIF]
		carries := q.OIF != 0 && q.Mark == 0 && l.Err == "" && l.Type == fact.RouteUnicast && l.Index == q.OIF && l.Gateway.IsValid() &&
			link != nil && link.Carrier() && link.Type != fact.TypeTunnel && l.Source.IsValid() && !l.Source.IsLinkLocalUnicast()
		if carries && q.Dst == fact.Destinations(q.Family)[0] && !v.uses(l) {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, func(a, b *fact.Lookup) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Index, b.Index))
	})
	var out []fact.Target
	n := map[fact.Family]int{}
	for _, l := range found {
		if n[l.Family]++; n[l.Family] <= maxStandby {
			t := v.gateway(l, mode)
			t.Role = fact.RoleStandby
			if t.Name = "standby"; l.Family == fact.IPv6 {
				t.Name = "standby v6"
			}
			out = append(out, t)
		}
	}
	return out
}

// uses reports whether the path of a family goes by the interface of a lookup.
func (v *view) uses(l *fact.Lookup) bool {
	return slices.ContainsFunc(v.ways, func(w *fact.Lookup) bool { return w.Family == l.Family && w.Index == l.Index })
}

// spares returns the least interval of a target that stands by, for what its
// interface costs.
func (v *view) spares(t *fact.Target) time.Duration {
	if link := v.state.Links[t.Index]; link != nil && t.Role == fact.RoleStandby {
		if expensive, _ := v.state.Costs(link); expensive {
			return standbyExpensive
		}
	}
	return 0
}
