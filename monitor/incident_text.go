package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"flapscope/internal/text"
)

// The sentence of an incident names what it is about and where, and needs
// nothing else to be understood.

// sentence says the incident in one sentence.
func (i *Incident) sentence(faults []*fault, nothing bool) Untrusted {
	var b strings.Builder
	b.WriteString(i.Root.subject(faults))
	b.WriteString(" ")
	b.WriteString(i.Root.predicate(faults, i.Open()))
	if i.Count > 1 {
		fmt.Fprintf(&b, " %d ×, %s each, %s in all", i.Count, span(i.Shortest, i.Longest), text.Duration(i.Down))
	}
	if i.Pattern != nil {
		fmt.Fprintf(&b, ", %s after %s, %d of %d", text.Duration(i.Pattern.Lag), i.Pattern.After, i.Pattern.Hits, i.Pattern.Of)
	}
	b.WriteString(i.worked(nothing))
	return Untrusted(b.String())
}

// span writes a range of durations: "0.9 s to 2.0 s".
func span(from, to time.Duration) string {
	a, b := text.Duration(from), text.Duration(to)
	if a == b {
		return a
	}
	return a + " to " + b
}

// worked says what still worked, and that nothing did where nothing was seen to.
func (i *Incident) worked(nothing bool) string {
	if i.Note() {
		return ""
	}
	var words []string
	for _, w := range i.Works {
		words = append(words, partNames[slices.Index(partWords[:], w)])
	}
	verb := " worked"
	if i.Open() {
		verb = map[bool]string{true: " work", false: " works"}[len(words) > 1]
	}
	switch {
	case len(words) > 0:
		return "; " + text.And(words) + verb
	case i.Severity == SeverityOutage && i.Root.Family == 0 && nothing:
		return "; nothing" + map[bool]string{true: " works", false: " worked"}[i.Open()]
	}
	return ""
}

// on is where a root is: " on eth0".
func (r *Root) on() string {
	if r.Interface == "" {
		return ""
	}
	return " on " + string(r.Interface)
}

// family is the name of the family that a root concerns: "IPv4 ", or "".
func (r *Root) family() string {
	if r.Family == 0 {
		return ""
	}
	return r.Family.Title() + " "
}

// entities are what fails at the root: two addresses where both families do.
func (r *Root) entities(faults []*fault) string {
	var words []string
	faults = slices.SortedStableFunc(slices.Values(faults), func(a, b *fault) int { return cmp.Compare(a.Family, b.Family) })
	for _, f := range faults {
		if word := string(f.Entity); f.Leg == r.Leg && word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return text.And(words)
}

// subject is what a root is about.
func (r *Root) subject(faults []*fault) string {
	name, entity := string(r.Interface), r.entities(faults)
	switch r.What {
	case InterfaceGone, AdminDown, CarrierLost, NotAssociated, NoAddress, AddressLost:
		if name == "" {
			return "this machine"
		}
		return name
	case RadioOff:
		return "the radio of " + name
	case AddressExpired, DADFailed:
		return "the " + r.family() + "address " + entity + r.on()
	case RouteWithdrawn, NoRoute:
		return "the " + r.family() + "default route" + prefixed(" via ", entity) + r.on()
	case RouteBlocked:
		return "a route of this machine"
	case RouteStolen:
		return name
	case TunnelDown, TunnelSilent:
		return "tunnel " + cmp.Or(entity, name)
	}
	return r.probed(entity)
}

// probed is what a root is about that probes found.
func (r *Root) probed(entity string) string {
	switch r.Leg {
	case LegGateway:
		return "gateway " + entity + r.on()
	case LegDNS:
		if strings.Contains(entity, " ") {
			return "each of resolvers " + entity
		}
		return "resolver " + entity
	case LegPortal:
		return "a captive portal" + r.on()
	}
	return "the " + r.family() + "internet beyond" + cmp.Or(prefixed(" gateway ", entity), " this machine") + r.on()
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// predicates are what is and was with the subject of a root.
var predicates = map[What][2]string{
	InterfaceGone:       {"is gone", "was gone"},
	RadioOff:            {"is switched off", "was switched off"},
	AdminDown:           {"is set down", "was set down"},
	CarrierLost:         {"has no carrier", "lost its carrier"},
	NotAssociated:       {"is not associated", "was not associated"},
	RouteWithdrawn:      {"is withdrawn", "was withdrawn"},
	NoRoute:             {"is missing", "was missing"},
	TunnelDown:          {"has no way to its far end", "had no way to its far end"},
	TunnelSilent:        {"returns nothing", "returned nothing"},
	AddressExpired:      {"has expired", "expired"},
	DADFailed:           {"is in use by another host", "was in use by another host"},
	GatewaySilent:       {"is silent", "was silent"},
	GatewayUnresolved:   {"is not found: its neighbour entry failed, says this kernel", "was not found: its neighbour entry failed, said this kernel"},
	UpstreamSilent:      {"is silent", "was silent"},
	UpstreamUnreachable: {"is unreachable", "was unreachable"},
	UpstreamRefused:     {"refuses every connection", "refused every connection"},
	CaptivePortal:       {"answers for", "answered for"},
	ResolverSilent:      {"is silent", "was silent"},
	ResolverRefused:     {"refuses", "refused"},
	ResolverFailed:      {"fails", "failed"},
	ICMPFiltered:        {"does not answer pings: filtered", "did not answer pings: filtered"},
}

// predicate says what is wrong, or was.
func (r *Root) predicate(faults []*fault, open bool) string {
	tense := 1
	if open {
		tense = 0
	}
	was := func(now, then string) string { return [2]string{now, then}[tense] }
	out := predicates[r.What][tense]
	switch r.What {
	case NoAddress:
		out = was("has no ", "got no ") + r.family() + "address"
	case AddressLost:
		out = was("has lost its ", "lost its ") + r.family() + "address" + prefixed(" ", r.entities(faults))
	case RouteBlocked:
		out = was("refuses", "refused") + " all " + r.family() + "traffic"
	case RouteStolen:
		out = was("has taken", "took") + " the " + r.family() + "default route from " + r.entities(faults) + was(", and nothing answers there", ", and nothing answered there")
	case FamilyAbsent:
		out = was("has no ", "had no ") + r.Family.Title()
	case CaptivePortal:
		out += " " + cmp.Or(r.entities(faults), "the web")
	case ResolverFailed:
		out = was("answers ", "answered ") + saidBy(faults, "errors")
	case ResolverRefused:
		out += prefixed(": ", saidBy(faults, ""))
	case Loss:
		out = was("loses ", "lost ") + saidBy(faults, "packets")
	case Latency:
		out = was("is slow", "was slow") + prefixed(": ", saidBy(faults, ""))
	}
	return out
}

// saidBy is what the finding at the root says in words.
func saidBy(faults []*fault, otherwise string) string {
	for _, f := range faults {
		if f.finding != nil && f.finding.detail != "" {
			return f.finding.detail
		}
	}
	return otherwise
}

// returned is what the return of a root follows, in words.
func (r *Root) returned() string {
	switch r.Leg {
	case LegLink:
		return "the carrier was back"
	case LegRadio:
		return "it was associated"
	case LegAddress:
		return "the address was back"
	case LegRoute:
		return "the route was back"
	}
	return "it answered again"
}

// began and ended say what probes found, as steps of a chain.
func (f *Finding) began() Untrusted { return Untrusted(strings.TrimSpace(f.name + " " + f.words)) }

func (f *Finding) ended() Untrusted { return Untrusted(f.name + " works again") }
