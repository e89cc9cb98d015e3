package path

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Support is what an evaluation rests on: each ground with the value that it
// had, sorted. The difference of two supports is a cause chain.
type Support []Ground

// A Ground is one facet of the state with its value at an evaluation.
type Ground struct {
	Facet
	Value string
}

// A Facet names one thing that a path can rest on: the carrier of a link, an
// address, a route, a neighbour. The fields that do not apply are zero.
type Facet struct {
	Layer  fact.Layer
	Index  int
	Family fact.Family
	Table  uint32
	Metric uint32
	Prefix netip.Prefix
	Addr   netip.Addr
}

// add appends a ground.
func (s *Support) add(f Facet, value string) { *s = append(*s, Ground{f, value}) }

// compareFacets orders facets by layer, interface, family and the rest: any
// fixed order will do as long as it is total.
func compareFacets(a, b Facet) int {
	if a.Layer != b.Layer {
		return cmp.Compare(layerRank(a.Layer), layerRank(b.Layer))
	}
	if a.Index != b.Index {
		return cmp.Compare(a.Index, b.Index)
	}
	if c := cmp.Or(
		cmp.Compare(a.Family, b.Family), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Metric, b.Metric),
	); c != 0 {
		return c
	}
	return cmp.Or(
		a.Prefix.Addr().Compare(b.Prefix.Addr()),
		cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()),
		a.Addr.Compare(b.Addr),
	)
}

// compareGrounds orders grounds by their facets.
func compareGrounds(a, b Ground) int {
	if c := compareFacets(a.Facet, b.Facet); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

// tidy sorts the support and drops repetitions.
func (s Support) tidy() Support {
	if !slices.IsSortedFunc(s, compareGrounds) {
		slices.SortFunc(s, compareGrounds)
	}
	return slices.Compact(s)
}

// join returns the tidy support of two that are tidy, in the memory of s as far as
// it has room.
func (s Support) join(t Support) Support { return slices.Compact(merge(s, t, compareGrounds)) }

// rests reports whether a facet is in a tidy support.
func (s Support) rests(f Facet) bool {
	_, ok := slices.BinarySearchFunc(s, f, func(g Ground, f Facet) int { return compareFacets(g.Facet, f) })
	return ok
}

// changed returns the facets whose value differs between two tidy supports, or
// that only one of them has.
func changed(before, after Support) []Facet {
	var out []Facet
	for len(before) > 0 || len(after) > 0 {
		order := 0
		switch {
		case len(before) == 0:
			order = 1
		case len(after) == 0:
			order = -1
		default:
			order = compareFacets(before[0].Facet, after[0].Facet)
		}
		switch {
		case order < 0:
			out, before = append(out, before[0].Facet), before[1:]
		case order > 0:
			out, after = append(out, after[0].Facet), after[1:]
		default:
			if before[0].Value != after[0].Value {
				out = append(out, after[0].Facet)
			}
			before, after = before[1:], after[1:]
		}
	}
	return out
}

// layers is the order in which steps of one instant are reported.
var layers = [...]fact.Layer{
	fact.LayerClock, fact.LayerRadio, fact.LayerAdmin, fact.LayerCarrier, fact.LayerAddress,
	fact.LayerNeighbour, fact.LayerRule, fact.LayerRoute, fact.LayerTunnel, fact.LayerResolver, fact.LayerProbe,
}

func layerRank(l fact.Layer) int { return slices.Index(layers[:], l) }

// supportLink enters the layers below the address.
func supportLink(s *state.State, l *fact.Link, sup *Support) {
	*sup = append(*sup, radioGround(s, l), adminGround(l), carrierGround(l))
}

func radioGround(s *state.State, l *fact.Link) Ground {
	return Ground{Facet{Layer: fact.LayerRadio, Index: l.Index}, radioValue(l, s.Wifi[l.Index])}
}

func adminGround(l *fact.Link) Ground {
	return Ground{Facet{Layer: fact.LayerAdmin, Index: l.Index}, OnOff(l.Up())}
}

func carrierGround(l *fact.Link) Ground {
	return Ground{Facet{Layer: fact.LayerCarrier, Index: l.Index}, OnOff(l.Carrier())}
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
func supportAddress(a *fact.Address, sup *Support) {
	sup.add(addressFacet(a), a.Readiness())
}

func addressFacet(a *fact.Address) Facet {
	return Facet{Layer: fact.LayerAddress, Index: a.Index, Family: a.Family(), Prefix: netip.PrefixFrom(a.Local, int(a.PrefixLen))}
}

// supportAddresses enters the addresses of a link in one family that could matter
// beyond the link.
func (e *evaluator) supportAddresses(f fact.Family, l *fact.Link, sup *Support) {
	n := 0
	for _, a := range e.addressesOf(l, f) {
		if n == maxGrounds {
			return
		}
		if a.Scope < fact.ScopeLink {
			supportAddress(a, sup)
			n++
		}
	}
}

// maxGrounds bounds the addresses of one family of a link, and the policy rules of a
// family, that a path rests on where any of them could matter.
const maxGrounds = 64

// supportRules enters the policy rules of a family: any of them may decide.
func (e *evaluator) supportRules(f fact.Family, sup *Support) {
	*sup = append(*sup, e.rules[familyIndex(f)]...)
}

// ruleGrounds are the grounds of the first policy rules of each family.
func ruleGrounds(s *state.State) *[len(fact.Families)]Support {
	grounds := new([len(fact.Families)]Support)
	for _, r := range state.SortedRules(s.Tables) {
		if r.Family != fact.IPv4 && r.Family != fact.IPv6 {
			continue
		}
		if sup := &grounds[familyIndex(r.Family)]; len(*sup) < maxGrounds {
			sup.add(ruleFacet(r), string(r.Words()))
		}
	}
	return grounds
}

func ruleFacet(r *fact.Rule) Facet {
	return Facet{Layer: fact.LayerRule, Family: r.Family, Table: r.Table, Metric: r.Priority, Prefix: r.Src}
}

// routeGrounds are the route that a lookup matched and its gateway.
func supportRoutes(s *state.State, l *fact.Lookup, sup *Support) {
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
func supportLookup(l *fact.Lookup, sup *Support) {
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
func supportBlock(s *state.State, f fact.Family, sup *Support) {
	sup.add(blockFacet(f), strconv.Itoa(s.BlockChanges[f]))
}

func blockFacet(f fact.Family) Facet {
	return Facet{Layer: fact.LayerRoute, Family: f, Table: blockTable}
}

// blockTable marks the facet of refusing routes; no table has this number
// (RT_TABLE_UNSPEC is 0 and never holds routes, but the zero Facet uses it).
const blockTable = ^uint32(0)
