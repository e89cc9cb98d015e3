package path

import (
	"net/netip"
	"strconv"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// The functions below put the facets that an evaluation looked at into its
// support. The same facets name the entries of the ledger (ledger.go).

// linkGrounds are the layers below the address.
func linkGrounds(s *state.State, l *fact.Link, sup *Support) {
	sup.add(Facet{Layer: fact.LayerRadio, Index: l.Index}, radioValue(l, s.Wifi[l.Index]))
	sup.add(Facet{Layer: fact.LayerAdmin, Index: l.Index}, OnOff(l.Up()))
	sup.add(Facet{Layer: fact.LayerCarrier, Index: l.Index}, OnOff(l.Carrier()))
}

func radioValue(l *fact.Link, w *fact.Wifi) string {
	if l.RadioOff {
		return "off"
	}
	if w != nil {
		return string(w.Event)
	}
	return "on"
}

// OnOff is the word for a switch.
func OnOff(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

// addressGround is one address and whether it is usable.
func addressGround(a *fact.Address, sup *Support) {
	sup.add(addressFacet(a), a.Readiness())
}

func addressFacet(a *fact.Address) Facet {
	return Facet{Layer: fact.LayerAddress, Index: a.Index, Family: a.Family(), Prefix: netip.PrefixFrom(a.Local, int(a.PrefixLen))}
}

// addressGrounds are the addresses of a link in one family that could matter
// beyond the link.
func (e *evaluator) addressGrounds(f fact.Family, l *fact.Link, sup *Support) {
	for _, a := range e.addressesOf(l, f) {
		if a.Scope < fact.ScopeLink {
			addressGround(a, sup)
		}
	}
}

// ruleGrounds are the policy rules of a family: any of them may decide.
func (e *evaluator) ruleGrounds(f fact.Family, sup *Support) {
	for _, r := range e.rules {
		if r.Family == f {
			sup.add(ruleFacet(r), string(r.Words()))
		}
	}
}

func ruleFacet(r *fact.Rule) Facet {
	return Facet{Layer: fact.LayerRule, Family: r.Family, Table: r.Table, Metric: r.Priority, Prefix: r.Src}
}

// routeGrounds are the route that a lookup matched and its gateway.
func routeGrounds(s *state.State, l *fact.Lookup, sup *Support) {
	f := Facet{Layer: fact.LayerRoute, Family: l.Family, Table: l.Table, Metric: l.Metric, Prefix: l.Match}
	value := "via " + l.Gateway.String() + " dev " + strconv.Itoa(l.Index)
	sup.add(f, value)
	if l.Gateway.IsValid() {
		sup.add(Facet{Layer: fact.LayerNeighbour, Index: l.Index, Addr: l.Gateway}, neighbourValue(s, l))
	}
}

// neighbourValue is whether the gateway answers; the many states in between
// are no cause of anything.
func neighbourValue(s *state.State, l *fact.Lookup) string {
	n := s.Neighbours[fact.NeighbourKey{Index: l.Index, Dst: l.Gateway}]
	if n != nil && n.State&fact.NeighbourFailed != 0 {
		return "failed"
	}
	return "ok"
}

// lookupGround is the kernel's answer itself: the last resort of a cause chain
// where no table changed (the kernel chose another of two equal routers).
func lookupGround(l *fact.Lookup, sup *Support) {
	sup.add(lookupFacet(l), lookupValue(l))
}

func lookupFacet(l *fact.Lookup) Facet {
	return Facet{Layer: fact.LayerRoute, Family: l.Family, Index: l.OIF, Addr: l.Dst}
}

func lookupValue(l *fact.Lookup) string {
	if l.Err != "" {
		return string(l.Err)
	}
	return l.Type.String() + " via " + l.Gateway.String() + " dev " + strconv.Itoa(l.Index)
}

// blockGrounds are the routes that refuse: unreachable, prohibit, blackhole.
func blockGrounds(s *state.State, f fact.Family, sup *Support) {
	sup.add(blockFacet(f), strconv.Itoa(s.BlockChanges[f]))
}

func blockFacet(f fact.Family) Facet {
	return Facet{Layer: fact.LayerRoute, Family: f, Table: blockTable}
}

// blockTable marks the facet of refusing routes; no table has this number
// (RT_TABLE_UNSPEC is 0 and never holds routes, but the zero Facet uses it).
const blockTable = ^uint32(0)
