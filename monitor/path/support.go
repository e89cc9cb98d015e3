package path

import (
	"cmp"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
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

// tidy sorts the support and drops repetitions.
func (s Support) tidy() Support {
	slices.SortFunc(s, func(a, b Ground) int { return compareFacets(a.Facet, b.Facet) })
	return slices.Compact(s)
}

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

// layers is the order in which steps of one instant are told.
var layers = [...]fact.Layer{
	fact.LayerClock, fact.LayerRadio, fact.LayerAdmin, fact.LayerCarrier, fact.LayerAddress,
	fact.LayerNeighbour, fact.LayerRule, fact.LayerRoute, fact.LayerTunnel, fact.LayerResolver, fact.LayerProbe,
}

func layerRank(l fact.Layer) int { return slices.Index(layers[:], l) }
