package monitor

import (
	"net/netip"
	"strconv"
)

// The functions below put the facets that an evaluation looked at into its
// support. The same facets name the entries of the ledger (ledger.go).

// linkGrounds are the layers below the address.
func linkGrounds(s *State, l *Link, sup *Support) {
	sup.add(Facet{Layer: LayerRadio, Index: l.Index}, radioValue(l, s.Wifi[l.Index]))
	sup.add(Facet{Layer: LayerAdmin, Index: l.Index}, OnOff(l.Up()))
	sup.add(Facet{Layer: LayerCarrier, Index: l.Index}, OnOff(l.Carrier()))
}

func radioValue(l *Link, w *Wifi) string {
	if l.RadioOff {
		return "off"
	}
	if w != nil {
		return string(w.Event)
	}
	return "on"
}

func OnOff(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

// addressGround is one address and whether it is usable.
func addressGround(a *Address, sup *Support) {
	sup.add(addressFacet(a), a.Readiness())
}

func addressFacet(a *Address) Facet {
	return Facet{Layer: LayerAddress, Index: a.Index, Family: a.Family(), Prefix: netip.PrefixFrom(a.Local, int(a.PrefixLen))}
}

// addressGrounds are the addresses of a link in one family that could matter
// beyond the link.
func (e *evaluator) addressGrounds(f Family, l *Link, sup *Support) {
	for _, a := range e.addressesOf(l, f) {
		if a.Scope < ScopeLink {
			addressGround(a, sup)
		}
	}
}

// ruleGrounds are the policy rules of a family: any of them may decide.
func (e *evaluator) ruleGrounds(f Family, sup *Support) {
	for _, r := range e.rules {
		if r.Family == f {
			sup.add(ruleFacet(r), string(r.Words()))
		}
	}
}

func ruleFacet(r *Rule) Facet {
	return Facet{Layer: LayerRule, Family: r.Family, Table: r.Table, Metric: r.Priority, Prefix: r.Src}
}

// routeGrounds are the route that a lookup matched and its gateway.
func routeGrounds(s *State, l *Lookup, sup *Support) {
	f := Facet{Layer: LayerRoute, Family: l.Family, Table: l.Table, Metric: l.Metric, Prefix: l.Match}
	value := "via " + l.Gateway.String() + " dev " + strconv.Itoa(l.Index)
	sup.add(f, value)
	if l.Gateway.IsValid() {
		sup.add(Facet{Layer: LayerNeighbour, Index: l.Index, Addr: l.Gateway}, neighbourValue(s, l))
	}
}

// neighbourValue is whether the gateway answers; the many states in between
// are no cause of anything.
func neighbourValue(s *State, l *Lookup) string {
	n := s.Neighbours[NeighbourKey{Index: l.Index, Dst: l.Gateway}]
	if n != nil && n.State&NeighbourFailed != 0 {
		return "failed"
	}
	return "ok"
}

// lookupGround is the kernel's answer itself: the last resort of a cause chain
// where no table changed (the kernel chose another of two equal routers).
func lookupGround(l *Lookup, sup *Support) {
	sup.add(lookupFacet(l), lookupValue(l))
}

func lookupFacet(l *Lookup) Facet {
	return Facet{Layer: LayerRoute, Family: l.Family, Index: l.OIF, Addr: l.Dst}
}

func lookupValue(l *Lookup) string {
	if l.Err != "" {
		return string(l.Err)
	}
	return l.Type.String() + " via " + l.Gateway.String() + " dev " + strconv.Itoa(l.Index)
}

// blockGrounds are the routes that refuse: unreachable, prohibit, blackhole.
func blockGrounds(s *State, f Family, sup *Support) {
	sup.add(blockFacet(f), strconv.Itoa(s.BlockChanges[f]))
}

func blockFacet(f Family) Facet {
	return Facet{Layer: LayerRoute, Family: f, Table: blockTable}
}

// blockTable marks the facet of refusing routes; no table has this number
// (RT_TABLE_UNSPEC is 0 and never holds routes, but the zero Facet uses it).
const blockTable = ^uint32(0)
