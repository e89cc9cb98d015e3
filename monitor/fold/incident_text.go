package fold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// The sentence of an incident names what it is about and where, and needs
// nothing else to be understood.

// sentence says the incident in one sentence. Mends is whether its root is well again
// where it goes on.
func (i *Incident) sentence(faults []*fault, nothing, mends bool) fact.Untrusted {
	c := clause{i.Root, faults, i}
	var b strings.Builder
	b.WriteString(c.subject())
	b.WriteString(" ")
	b.WriteString(c.predicate(i.Open() && !mends))
	b.WriteString(i.figures(nothing))
	return fact.Untrusted(b.String())
}

// figures are the end of the sentence: how often, in which rhythm, and what
// worked.
func (i *Incident) figures(nothing bool) string {
	var b strings.Builder
	if i.Count > 1 {
		fmt.Fprintf(&b, " %d ×, %s each, %s in all", i.Count, span(i.Shortest, i.Longest), text.Duration(i.Down))
	}
	if i.Pattern != nil {
		b.WriteString(", " + i.Pattern.Text())
	}
	b.WriteString(i.worked(nothing))
	b.WriteString(i.StoodBy())
	return b.String()
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
		// One that was read from a recording may have any word.
		if k := slices.Index(partWords[:], w); k >= 0 {
			words = append(words, partNames[k])
		}
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

// A clause says a root in words, of the faults that have it.
type clause struct {
	path.Root
	faults   []*fault
	incident *Incident
}

// on is where a root is: " on eth0".
func (c *clause) on() string {
	if c.Interface == "" {
		return ""
	}
	return " on " + string(c.Interface)
}

// familyWord is the name of the family that a root concerns: "IPv4 ", or "".
func (c *clause) familyWord() string {
	if c.Family == 0 {
		return ""
	}
	return c.Family.Title() + " "
}

// entities are what fails at the root: two addresses where both families do.
func (c *clause) entities() string {
	var words []string
	for _, f := range byFamily(c.faults) {
		if word := string(f.Entity); f.Leg == c.Leg && word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if c.What == path.PortExhaustion || c.Leg == path.LegDNS {
		slices.Sort(words) // They are found by chance one before the other.
	}
	return text.And(words)
}

// byFamily returns faults in the order of their families.
func byFamily(faults []*fault) []*fault {
	return slices.SortedStableFunc(slices.Values(faults), func(a, b *fault) int { return cmp.Compare(a.Family, b.Family) })
}

// subject is what a root is about.
func (c *clause) subject() string {
	name, entity := string(c.Interface), c.entities()
	switch c.What {
	case path.InterfaceGone, path.AdminDown, path.CarrierLost, path.NotAssociated, path.Deauthenticated, path.BeaconLost, path.Roam,
		path.NoAddress, path.AddressLost, path.FamilyAbsent:
		if name == "" {
			return "this machine"
		}
		return name
	case path.RadioOff:
		return "the radio of " + name
	case path.AddressExpired, path.DADFailed:
		if entity == "" {
			return "an " + c.familyWord() + "address" + c.on()
		}
		return "the " + c.familyWord() + "address " + entity + c.on()
	case path.RouteWithdrawn, path.NoRoute:
		return "the " + c.familyWord() + "default route" + c.plural() + prefixed(" via ", entity) + c.on()
	case path.RouteBlocked:
		return cmp.Or(entity, "a route of this machine")
	case path.RouteStolen:
		return name
	case path.LocalFirewall:
		return "the firewall of this machine"
	case path.PortExhaustion, path.ResolverMissing:
		return "this machine"
	case path.ClockWrong:
		return "the clock of this machine"
	case path.TLSIntercepted:
		return "TLS" + c.on()
	case path.HTTPSBlocked:
		return c.familyWord() + "HTTPS" + c.on()
	case path.CertificateInvalid:
		return "the certificate of " + cmp.Or(entity, "those who were asked")
	case path.OwnQueue:
		return "this machine's own queue" + c.on()
	case path.DNSIntercepted:
		return "DNS" + c.on()
	case path.HTTPProxy:
		return "plain HTTP" + c.on()
	case path.WrongNetwork:
		return "the " + c.familyWord() + "address" + prefixed(" ", c.said("")) + c.on()
	case path.TunnelDown, path.TunnelSilent:
		return "tunnel " + cmp.Or(entity, name)
	}
	return c.probed(entity)
}

// plural is "s" where a root has several entities.
func (c *clause) plural() string {
	if strings.Contains(c.entities(), " and ") {
		return "s"
	}
	return ""
}

// probed is what a root is about that probes found.
func (c *clause) probed(entity string) string {
	if c.What == path.NAT64 || c.What == path.NAT64Silent {
		return "IPv4" + c.on()
	}
	switch c.Leg {
	case path.LegGateway:
		return "gateway " + entity + c.on()
	case path.LegDNS:
		if strings.Contains(entity, " ") {
			return "each of resolvers " + entity
		}
		return "resolver " + entity
	case path.LegPortal:
		if c.What == path.WalledGarden {
			return "a walled garden" + c.on()
		}
		return "a captive portal" + c.on()
	case path.LegTunnel:
		return "the " + c.familyWord() + "internet beyond tunnel " + entity
	}
	return "the " + c.familyWord() + "internet beyond" + cmp.Or(prefixed(" gateway ", entity), " this machine") + c.on()
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// predicates are what is and was with the subject of a root.
var predicates = map[path.What][2]string{
	path.InterfaceGone:       {"is gone", "was gone"},
	path.RadioOff:            {"is switched off", "was switched off"},
	path.AdminDown:           {"is set down", "was set down"},
	path.CarrierLost:         {"has no carrier", "lost its carrier"},
	path.NotAssociated:       {"is not associated", "was not associated"},
	path.BeaconLost:          {"has lost its AP: no beacons", "lost its AP: no beacons"},
	path.RouteWithdrawn:      {"is withdrawn", "was withdrawn"},
	path.NoRoute:             {"is missing", "was missing"},
	path.TunnelSilent:        {"returns nothing", "returned nothing"},
	path.AddressExpired:      {"has expired", "expired"},
	path.DADFailed:           {"is in use by another host", "was in use by another host"},
	path.GatewaySilent:       {"is silent", "was silent"},
	path.GatewayUnresolved:   {"is not found", "was not found"},
	path.UpstreamSilent:      {"is silent", "was silent"},
	path.UpstreamUnreachable: {"is unreachable", "was unreachable"},
	path.UpstreamRefused:     {"refuses every connection", "refused every connection"},
	path.CaptivePortal:       {"answers for", "answered for"},
	path.WalledGarden:        {"lets only chosen sites through", "let only chosen sites through"},
	path.ResolverSilent:      {"is silent", "was silent"},
	path.ResolverRefused:     {"refuses", "refused"},
	path.ResolverMissing:     {"has no name server: none is configured", "had no name server: none was configured"},
	path.ResolverUnreachable: {"is out of reach", "was out of reach"},
	path.ResolverFailed:      {"fails", "failed"},
	path.PortalEnds:          {"lets this machine through for ten minutes at most, as announced", "let this machine through until its announced end"},
	path.TLSIntercepted:      {"is intercepted: no certificate is that of who was asked", "was intercepted: no certificate was that of who was asked"},
	path.DNSIntercepted:      {"is answered on the way: an address without a server answered", "was answered on the way: an address without a server answered"},
	path.UpstreamAbsent:      {"is absent", "was absent"},
	path.HTTPProxy:           {"is rewritten on the way; TLS is untouched", "was rewritten on the way; TLS was untouched"},
	path.NAT64:               {"goes by NAT64", "went by NAT64"},
	path.NAT64Silent:         {"gets no answer by NAT64", "got no answer by NAT64"},
	path.ICMPFiltered:        {"does not answer pings: filtered", "did not answer pings: filtered"},
}

// predicate says what is wrong, or was.
func (c *clause) predicate(open bool) string {
	tense := 1
	if open {
		tense = 0
	}
	was := func(now, then string) string { return [2]string{now, then}[tense] }
	if c.Leg.Rank() <= path.LegRoute.Rank() || c.What == path.TunnelDown {
		return c.lacks(predicates[c.What][tense], was)
	}
	return c.fails(predicates[c.What][tense], was)
}

// lacks says what a path lacks, out by default, where was chooses the tense.
func (c *clause) lacks(out string, was func(now, then string) string) string {
	switch c.What {
	case path.InterfaceGone:
		if c.Interface == "" {
			out = was("has no", "had no") + " interface"
		}
	case path.NoAddress:
		out = was("has no ", "got no ") + c.familyWord() + "address"
	case path.AddressLost:
		out = was("has lost its ", "lost its ") + c.familyWord() + "address" + map[string]string{"s": "es"}[c.plural()] + prefixed(" ", c.entities())
	case path.RouteWithdrawn, path.NoRoute:
		if c.plural() != "" {
			out = strings.NewReplacer("is ", "are ", "was ", "were ").Replace(out)
		}
	case path.NotAssociated, path.Deauthenticated, path.BeaconLost, path.Roam:
		out = c.radio(out)
	case path.TunnelDown:
		if out = was("has", "had") + " no way to its far end"; c.said("") != "" {
			out = was("is", "was") + " down: " + c.said("")
		}
	case path.RouteBlocked:
		out = was("refuses", "refused") + " all " + c.familyWord() + "traffic"
	case path.RouteStolen:
		out = was("has taken", "took") + " the " + c.familyWord() + "default route" + prefixed(" via ", c.via()) + " from " + c.entities() +
			was(", and nothing answers there", ", and nothing answered there")
	case path.FamilyAbsent:
		out = was("has no ", "had no ") + c.Family.Title() + prefixed(" ", c.said(""))
	}
	return out
}

// fails says what probes found, out by default, where was chooses the tense.
func (c *clause) fails(out string, was func(now, then string) string) string {
	switch c.What {
	case path.ICMPFiltered, path.NAT64, path.NAT64Silent:
		out += prefixed(" ", c.said(""))
	case path.MTUBlackHole:
		out = was("swallows ", "swallowed ") + strings.TrimSuffix(c.said("large packets"), " vanish") + was(", and nobody says so", ", and nobody said so")
	case path.LocalFirewall:
		out = was("drops ", "dropped ") + c.firewalled()
	case path.PortExhaustion:
		out = was("is", "was") + " out of local ports towards " + cmp.Or(c.entities(), "the internet")
	case path.WrongNetwork:
		out = was("is", "was") + " of another network than gateway " + c.entities() + was(", which does not answer it", ", which did not answer it")
	case path.GatewayUnresolved:
		out += ": no answer to " + c.asked()
	case path.CaptivePortal:
		out += " " + cmp.Or(c.entities(), "the web") + was(prefixed(": ", c.signIn()), "")
	case path.WalledGarden:
		out += ": " + cmp.Or(c.entities(), "the portal check") + was(" passes, and nothing else", " passed, and nothing else")
	case path.AddressConflict:
		out = was("is", "was") + " claimed by two machines" + prefixed(", ", c.said(""))
	case path.ResolverLies:
		out = was("lies", "lied") + prefixed(": ", c.said(""))
	case path.ClockWrong:
		out = was("is ", "was ") + c.said("wrong")
	case path.TLSIntercepted:
		if why := c.said(""); why != "" {
			out += " (" + why + ")"
		}
	case path.ResolverFailed:
		out = was("answers ", "answered ") + c.said("errors")
	case path.UpstreamAbsent:
		out += prefixed(was(", says ", ", said "), c.said("")) + "; " + was("programs take IPv4 at once", "programs took IPv4 at once")
	case path.UpstreamUnreachable:
		out += prefixed(was(", says ", ", said "), c.said(""))
	case path.ResolverRefused:
		out += ": " + was("nothing listens", "nothing listened") + " on its port"
	case path.Loss:
		out = was("loses ", "lost ") + c.said("packets")
	case path.Latency:
		out = was("is slow", "was slow") + prefixed(": ", c.said(""))
	default:
		return c.diagnosed(out, was)
	}
	return out
}

// diagnosed says what only a diagnosis finds, out by default.
func (c *clause) diagnosed(out string, was func(now, then string) string) string {
	switch c.What {
	case path.HTTPSBlocked:
		return was("is", "was") + " blocked" + prefixed(": ", c.said(""))
	case path.CertificateInvalid:
		if c.said("") == "not yet valid" {
			return was("is not valid yet", "was not valid yet")
		}
		return was("has expired", "had expired")
	case path.OwnQueue:
		return was("keeps packets ", "kept packets ") + c.said("for long") + was(" before they leave", " before they left")
	}
	return out
}

// said is what the finding at the root says in words: the worst, where there are
// several.
func (c *clause) said(otherwise string) string {
	degree := -1.0
	for _, f := range byFamily(c.faults) {
		if f.detail != "" {
			return f.detail
		}
		if f.Leg == c.Leg && f.finding != nil && f.finding.Detail != "" && f.finding.Degree > degree {
			otherwise, degree = f.finding.Detail, f.finding.Degree
		}
	}
	return otherwise
}

// via is the next hop of a route that was taken, or "" for none.
func (c *clause) via() string {
	for _, f := range c.faults {
		if f.What == path.RouteStolen {
			return f.detail
		}
	}
	return ""
}

// signIn is where a portal wants a login: as its API says, or as it redirects to.
func (c *clause) signIn() string {
	said := c.said("")
	if at, ok := strings.CutPrefix(said, "sign in at "); ok {
		return "sign in at " + at
	}
	if _, to, ok := strings.Cut(said, " to "); ok && strings.Contains(to, "://") {
		return "sign in at " + to
	}
	return ""
}

// firewalled is what a packet filter of this machine drops.
func (c *clause) firewalled() string {
	if c.Leg == path.LegDNS {
		return "what goes to resolver " + c.entities()
	}
	return "all " + c.familyWord() + "traffic that it sends"
}

// asked is how the gateways at a root are asked for on the link.
func (c *clause) asked() string {
	var four, six bool
	for _, f := range c.faults {
		if f.What == path.GatewayUnresolved {
			four, six = four || f.Family != fact.IPv6, six || f.Family != fact.IPv4
		}
	}
	switch {
	case four && six:
		return "ARP and ND"
	case six:
		return "ND"
	}
	return "ARP"
}

// absence says what of a family an interface lacks, after its name.
func absence(r path.Reason) string {
	switch r {
	case path.ReasonNoAddress, path.ReasonConfiguring:
		return "address"
	case path.ReasonNoRoute:
		return "default route"
	case path.ReasonDADFailed:
		return "address that is not in use by another host"
	}
	return ""
}

// returned is what the return of a root at a leg follows, in words.
func returned(leg path.LegName) string {
	switch leg {
	case path.LegLink:
		return "the carrier was back"
	case path.LegRadio:
		return "it was associated"
	case path.LegAddress:
		return "the address was back"
	case path.LegRoute:
		return "the route was back"
	}
	return "it answered again"
}
