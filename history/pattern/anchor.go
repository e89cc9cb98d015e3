package pattern

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// The kinds of anchors that AnchorOf tells, besides AnchorRecovery.
const (
	AnchorAssociation   = "association"
	AnchorRoam          = "roaming"
	AnchorCarrier       = "carrier up"
	AnchorAddress       = "a new address"
	AnchorRenewal       = "DHCP renewal"
	AnchorAdvertisement = "a router advertisement"
	AnchorLifetime      = "an address renewal"
	AnchorRoute         = "a new default route"
	AnchorResume        = "resume"
)

// addressFromRA is the IFA_PROTO of an address that the kernel made from a
// router advertisement (IFAPROT_KERNEL_RA, linux/if_addr.h).
const addressFromRA = 2

// AnchorOf returns what an observation is the anchor of, given the state before
// it, and whether it is one. What a dump or an audit found happened some other
// time, and is none.
func AnchorOf(before *state.State, o fact.Observation) (Anchor, bool) {
	if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == fact.GapSuspend {
		return Anchor{Kind: AnchorResume, At: g.To}, true
	}
	if o.Op == fact.Delete || o.Via != fact.ViaEvent {
		return Anchor{}, false
	}
	kind, index := "", 0
	switch f := o.Fact.(type) {
	case *fact.Link:
		kind, index = linkAnchor(before.Links[f.Index], f), f.Index
	case *fact.Address:
		kind, index = addressAnchor(before.Addresses[f.Key()], f), f.Index
	case *fact.Route:
		kind, index = routeAnchor(before, f), f.Index
	case *fact.Wifi:
		kind, index = wifiAnchor(f), f.Index
	}
	if kind == "" {
		return Anchor{}, false
	}
	a := Anchor{Kind: kind, At: o.Mono}
	if l := before.Links[index]; l != nil {
		a.Interface = l.Name
	}
	return a, true
}

func linkAnchor(old, l *fact.Link) string {
	if old != nil && !old.Carrier() && l.Carrier() {
		return AnchorCarrier
	}
	return ""
}

func addressAnchor(old, a *fact.Address) string {
	switch {
	case !a.Usable():
		return ""
	case old == nil || !old.Usable():
		return AnchorAddress
	case old.ValidUntil == 0 || a.ValidUntil-old.ValidUntil < time.Second:
		// Forever, or not prolonged: another attribute changed.
		return ""
	case a.Family() == fact.IPv4:
		return AnchorRenewal
	case a.Protocol == addressFromRA:
		return AnchorAdvertisement
	}
	return AnchorLifetime
}

func routeAnchor(before *state.State, r *fact.Route) string {
	if r.Default() && r.Type == fact.RouteUnicast && before.Routes.Find(r) == nil {
		return AnchorRoute
	}
	return ""
}

func wifiAnchor(w *fact.Wifi) string {
	switch w.Event {
	case "associated":
		return AnchorAssociation
	case "roamed":
		return AnchorRoam
	}
	return ""
}
