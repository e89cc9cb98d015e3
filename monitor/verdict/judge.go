package verdict

import (
	"cmp"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// What is told of the clock, and what is wrong with it: certificates are good
// for hours around their dates, and one-time codes for half a minute.
const (
	clockNoted = 5 * time.Second
	clockBad   = 5 * time.Minute
)

// queueBad is how long a packet waits in this machine where people notice.
const queueBad = 200 * time.Millisecond

// Loss is told from so many packets, of so many that were sent.
const (
	lossLost = 2
	lossSent = 10
)

// Judge says what evidence means, and puts it into r, of which it uses the room
// again.
//
// The root is the nearest thing that is wrong, in the order of the legs: what
// fails nearer explains what fails behind it. Notes never turn the verdict.
func Judge(e *Evidence, r *Report) {
	*r = Report{Notes: r.Notes[:0], Legs: r.Legs[:0], wrong: r.wrong[:0], ways: e.Ways}
	j := judge{Report: r, evidence: e}
	for i := range j.tallies {
		j.tallies[i].way = &e.Ways[i]
	}
	for i := range e.Outcomes {
		o := &e.Outcomes[i]
		j.tallies[index(o.Family)].count(o)
	}
	j.otherTLS = j.tallies[0].web || j.tallies[1].web
	for i, f := range fact.Families {
		r.alive[i] = j.tallies[i].alive()
		j.local(f)
		j.gateway(f)
		j.tunnel(f)
		j.internet(f)
		j.size(f)
		j.quality(f)
	}
	j.portal()
	j.resolvers()
	j.https()
	j.private()
	j.clock()
	r.State = j.state()
	j.legs()
}

// A judge is one judgement.
type judge struct {
	*Report
	evidence *Evidence
	tallies  [2]tally
	// portals is whether a portal answered, and garden whether its page is all
	// that does.
	portals, garden bool
	// otherTLS is whether TLS works with somebody who does not stand for the internet.
	otherTLS bool
}

// order is the order in which one root hides another.
var order = [...]path.What{
	path.InterfaceGone, path.RadioOff, path.AdminDown, path.CarrierLost, path.NotAssociated,
	path.DADFailed, path.NoAddress, path.NoRoute, path.RouteBlocked,
	FilesExhausted, LocalFirewall, PortExhaustion, OwnQueue, GatewayConflict, WrongNetwork, path.GatewayUnresolved, path.GatewaySilent,
	path.TunnelDown, path.TunnelSilent, path.CaptivePortal, WalledGarden,
	path.UpstreamUnreachable, path.UpstreamSilent, path.UpstreamRefused, TranslatorSilent,
	ResolverMissing, path.ResolverSilent, path.ResolverRefused, path.ResolverFailed, ResolverLies, path.Latency,
	HTTPSBlocked, TLSIntercepted, ClockWrong, CertificateInvalid, MTUBlackHole, path.Loss,
}

func rank(w path.What) int {
	for i, o := range order {
		if o == w {
			return i
		}
	}
	return len(order)
}

// found enters what is wrong; the nearest is the root, and in both families at
// once it is of both.
func (j *judge) found(f Finding) {
	j.place(&f)
	j.wrong = append(j.wrong, f)
	switch {
	case j.silentToo(&j.Root, &f):
		j.Root.Family = 0
	case j.silentToo(&f, &j.Root):
		j.Root, j.Root.Family = f, 0
	case j.Root.What == "" || rank(f.What) < rank(j.Root.What):
		j.Root = f
	case j.Root.What == f.What && j.Root.Family != f.Family && j.Root.Index == f.Index:
		j.Root.Family = 0
	}
}

// silentToo reports whether f is the silence of what can't be reached in the other
// family: routers say so once a second, and others may have heard it.
func (j *judge) silentToo(root, f *Finding) bool {
	return root.What == path.UpstreamUnreachable && f.What == path.UpstreamSilent && root.Index == f.Index && !j.alive[0] && !j.alive[1]
}

// note enters what is no trouble, once for both families.
func (j *judge) note(f Finding) {
	j.place(&f)
	for i := range j.Notes {
		if n := &j.Notes[i]; n.What == f.What && n.Operator == f.Operator && n.Why == f.Why {
			if n.Family != f.Family {
				n.Family = 0
			}
			return
		}
	}
	j.Notes = append(j.Notes, f)
}

// place says where a finding is.
func (j *judge) place(f *Finding) {
	w := &j.evidence.Ways[index(f.Family)]
	if f.Family == 0 && w.Index == 0 {
		w = &j.evidence.Ways[1]
	}
	if f.Index == 0 {
		f.Interface, f.Index = w.Interface, w.Index
	}
}

// of is a finding that an outcome shows.
func (j *judge) of(what path.What, leg path.LegName, o *Outcome) Finding {
	f := Finding{
		What: what, Leg: leg, Family: o.Family, Addr: o.Addr, Why: o.Why, Said: o.Said, By: o.By, From: o.From,
		Sent: o.Sent, Lost: o.Sent - o.Answered,
	}
	if o.Role == fact.RoleResolver && o.Index != 0 {
		f.Interface, f.Index, f.Own, f.Tunnel, f.Domain = o.Interface, o.Index, true, o.Tunnel, o.Domain
	}
	if o.Role == fact.RoleInternet && int(o.Operator) < len(j.evidence.Operators) {
		f.Operator = j.evidence.Operators[o.Operator]
	}
	return f
}

// local judges what the kernel's tables say, and what this machine does to its
// own packets.
func (j *judge) local(f fact.Family) {
	t := &j.tallies[index(f)]
	other := &j.evidence.Ways[1-index(f)]
	if r := t.way.Reason; r != path.ReasonNone {
		got := Finding{What: lack(r), Leg: lackLeg(r), Family: f}
		switch {
		case t.way.LinkLocal && other.Reason == path.ReasonNone:
			got.What = LinkLocalOnly
			j.note(got)
		case other.Reason != path.ReasonNone:
			// What got further explains why there is nothing.
			if r.Rank() >= other.Reason.Rank() {
				j.found(got)
			}
		case r == path.ReasonRouteBlocked || r == path.ReasonNoRoute && f == fact.IPv4 && t.way.Source.IsValid():
			j.found(got)
		default:
			if f == fact.IPv4 && j.translated() {
				return
			}
			got.What = path.FamilyAbsent
			j.note(got)
		}
		return
	}
	if o := t.unable; o != nil {
		what := PingsForbidden
		if o.Why == WhyStrict {
			what = StrictFilter
		}
		j.note(j.of(what, LegLocal, o))
	}
	if o := t.local; o != nil {
		j.machine(o)
	}
	if q := j.evidence.Queue; q >= queueBad {
		j.found(Finding{What: OwnQueue, Leg: LegLocal, Took: q})
	}
}

// translated judges IPv4 by way of a translator, and reports whether there is one.
func (j *judge) translated() bool {
	t := &j.tallies[index(fact.IPv6)]
	told := cmp.Or(t.translated, j.tallies[0].translated)
	if told == nil {
		return false
	}
	got := Finding{What: TranslatedIPv4, Leg: path.LegInternet, Family: fact.IPv4, Said: told.Said}
	if t.alive() && t.mapped.many(t.mapped) && t.through == 0 && !j.strained(t) {
		got.What = TranslatorSilent
		j.found(got)
		return true
	}
	j.note(got)
	return true
}

// machine judges what this machine did not let out.
func (j *judge) machine(o *Outcome) {
	switch o.Why {
	case WhyFirewall:
		if o.Ask == Ping || o.Ask == Large {
			j.note(j.of(LocalFirewall, LegLocal, o))
			return
		}
		f := j.of(LocalFirewall, LegLocal, o)
		if o.Role == fact.RoleResolver {
			f.Leg = path.LegDNS
		}
		j.found(f)
	case WhyPorts:
		j.found(j.of(PortExhaustion, LegLocal, o))
	case WhyFiles:
		j.found(j.of(FilesExhausted, LegLocal, o))
	case WhyEndpoint, WhyPeer:
		j.found(j.of(path.TunnelDown, path.LegTunnel, o))
	}
}

// gateway judges the next hop. One that anything came back through is well,
// whether it answers pings or not.
func (j *judge) gateway(f fact.Family) {
	t := &j.tallies[index(f)]
	w := t.way
	if w.Reason != path.ReasonNone || !w.Gateway.IsValid() {
		return
	}
	got := Finding{Leg: path.LegGateway, Family: f, Addr: w.Gateway}
	if t.gateway != nil {
		got.Sent, got.Lost = t.gateway.Sent, t.gateway.Sent-t.gateway.Answered
	}
	got.Why = when(w.Others, "others_answer")
	switch {
	case w.Neighbour == NeighbourChanged:
		got.What = GatewayConflict
		j.found(got)
	case t.passes():
		if t.gateway != nil && t.gateway.silent() && t.gateway.Why == "" && w.Neighbour == NeighbourAlive {
			got.What = GatewayFiltered
			j.note(got)
		}
	case t.asked() || t.gateway != nil && t.gateway.Result != fact.OutcomeNoData:
		if got.What = j.mute(t); got.What != "" {
			j.found(got)
		}
	}
}

// mute says what is wrong with a gateway through which nothing came back, or
// nothing if that is for others to explain.
func (j *judge) mute(t *tally) path.What {
	w := t.way
	switch {
	case w.Neighbour == NeighbourFailed:
		return path.GatewayUnresolved
	case w.Neighbour == NeighbourAlive && w.Source.IsValid() && !w.Source.Contains(w.Gateway) && !w.Gateway.IsLinkLocalUnicast():
		return WrongNetwork
	case t.gateway != nil && t.gateway.silent() && !j.answers(w):
		return path.GatewaySilent
	}
	return ""
}

// answers reports whether a name server at the gateway's own address answered,
// or the gateway passes on the other family and is known on the link in this.
func (j *judge) answers(w *Way) bool {
	for i := range j.evidence.Outcomes {
		if o := &j.evidence.Outcomes[i]; o.Role == fact.RoleResolver && o.Addr == w.Gateway && o.Answered > 0 {
			return true
		}
	}
	return w.Neighbour == NeighbourAlive && j.alive[1-index(w.family())]
}

func (w *Way) family() fact.Family {
	if w.Gateway.Is6() {
		return fact.IPv6
	}
	return fact.IPv4
}

func when(is bool, w Why) Why {
	if is {
		return w
	}
	return ""
}

// tunnel judges a way without a next hop, into which everything goes.
func (j *judge) tunnel(f fact.Family) {
	t := &j.tallies[index(f)]
	if t.way.Reason != path.ReasonNone || t.way.Gateway.IsValid() || !t.asked() || t.alive() || t.local != nil {
		return
	}
	j.found(Finding{What: path.TunnelSilent, Leg: path.LegTunnel, Family: f})
}

// internet judges what is beyond the gateway. It takes silence to every
// question at every operator.
func (j *judge) internet(f fact.Family) {
	t := &j.tallies[index(f)]
	if t.way.Reason != path.ReasonNone || !t.asked() {
		return
	}
	if t.alive() {
		j.operators(t)
		return
	}
	got := Finding{What: path.UpstreamSilent, Leg: path.LegInternet, Family: f, Addr: t.way.Gateway, Sent: j.questions(f)}
	got.Lost = got.Sent
	switch {
	case t.no != nil && (t.no.By == fact.RefuserGateway || t.no.By == fact.RefuserRouter):
		got.What, got.Why, got.By, got.From = path.UpstreamUnreachable, t.no.Why, t.no.By, t.no.From
	case t.refused != 0:
		got.What = path.UpstreamRefused
	}
	absent := f == fact.IPv6 && got.What == path.UpstreamUnreachable && (got.Why == WhyNoRoute || got.Why == WhyScope)
	if absent && j.tallies[0].alive() {
		// Whoever tries is told at once, and takes IPv4: nothing is lost.
		got.What = UpstreamAbsent
		if got.Why == WhyScope {
			got.What = LinkLocalOnly
		}
		j.note(got)
		return
	}
	j.found(got)
}

// questions counts what was asked beyond the gateway in a family.
func (j *judge) questions(f fact.Family) (n int) {
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		if o.Family == f && o.Role == fact.RoleInternet && o.Result != "" && (o.Ask == Ping || o.Ask == Connect) {
			n += max(1, o.Sent)
		}
	}
	return n
}

// operators notes what single operators don't answer while others do.
func (j *judge) operators(t *tally) {
	if t.pongs == 0 && t.pinged != 0 && t.local == nil {
		o := j.first(t, Ping)
		what := path.ICMPFiltered
		if o.Why == WhyStranger {
			what = Stranger
		}
		j.note(j.of(what, path.LegInternet, o))
	} else if t.strange != nil {
		j.note(j.of(Stranger, path.LegInternet, t.strange))
	}
	if t.twice != nil {
		j.note(j.of(Duplicates, path.LegInternet, t.twice))
	}
	for i := range j.evidence.Operators {
		if j.strained(t) {
			break // What is lost by chance, or waits here, is nobody's silence.
		}
		one := set(1) << i
		asked, answered := t.pinged|t.connected, t.pongs|t.accepted
		if asked&one != 0 && answered&one == 0 && answered != 0 {
			o := Finding{What: OneOperator, Leg: path.LegInternet, Family: t.way.familyOf(j), Operator: j.evidence.Operators[i]}
			j.note(o)
		}
	}
}

// strained reports whether packets of a family get lost by chance or wait in this
// machine, so that single silences say little.
func (j *judge) strained(t *tally) bool { return t.lossy() || j.evidence.Queue >= queueBad }

// familyOf returns which family's way w is.
func (w *Way) familyOf(j *judge) fact.Family {
	if w == &j.evidence.Ways[1] {
		return fact.IPv6
	}
	return fact.IPv4
}

// first returns the first outcome of a question that went beyond the gateway in
// the family of t.
func (j *judge) first(t *tally, ask Ask) *Outcome {
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		if o.Ask == ask && o.Role == fact.RoleInternet && o.Result != "" && &j.tallies[index(o.Family)] == t {
			return o
		}
	}
	return &Outcome{}
}

// size judges how large packets may be. Of two sizes the larger must be silent
// whenever it is asked, or it is loss.
func (j *judge) size(f fact.Family) {
	t := &j.tallies[index(f)]
	switch {
	case t.told != nil:
		j.note(Finding{What: PathMTU, Leg: LegMTU, Family: f, MTU: t.told.MTU, By: t.told.By, From: t.told.From})
	case t.stuck != 0 && t.passed != 0 && !t.holes && t.lost == 0:
		j.found(Finding{What: MTUBlackHole, Leg: LegMTU, Family: f, MTU: t.passed})
	}
}

// quality judges how much gets lost on the way.
func (j *judge) quality(f fact.Family) {
	t := &j.tallies[index(f)]
	if !t.lossy() {
		return
	}
	got := Finding{What: path.Loss, Leg: path.LegInternet, Family: f, Lost: t.lost, Sent: t.sent, Addr: t.way.Gateway}
	if g := t.gateway; g != nil && g.Sent >= lossSent && (g.Sent-g.Answered)*2*t.sent >= t.lost*g.Sent {
		got.Leg, got.Lost, got.Sent = path.LegGateway, g.Sent-g.Answered, g.Sent
	}
	j.found(got)
}

// state sums up. A family that has no path does not count.
func (j *judge) state() path.HealthState {
	paths, asked, alive := false, false, false
	for i := range j.tallies {
		t := &j.tallies[i]
		if t.way.Reason == path.ReasonNone {
			paths, asked, alive = true, asked || t.asked(), alive || t.alive()
		}
	}
	switch {
	case !paths:
		return Offline
	case j.Root.What == path.CaptivePortal || j.Root.What == WalledGarden:
		return path.HealthPortal
	case !alive && (asked || j.Root.What != ""):
		return path.HealthNoInternet
	case j.Root.What != "":
		return path.HealthDegraded
	case !asked:
		return path.HealthUnknown
	}
	return path.HealthOnline
}

// lack is what a path wants, as the root of a trouble.
func lack(r path.Reason) path.What {
	switch r {
	case path.ReasonNoInterface:
		return path.InterfaceGone
	case path.ReasonRadioOff:
		return path.RadioOff
	case path.ReasonAdminDown:
		return path.AdminDown
	case path.ReasonNoCarrier:
		return path.CarrierLost
	case path.ReasonNotAssociated, path.ReasonAuthenticating:
		return path.NotAssociated
	case path.ReasonDADFailed:
		return path.DADFailed
	case path.ReasonNoRoute:
		return path.NoRoute
	case path.ReasonRouteBlocked:
		return path.RouteBlocked
	case path.ReasonTunnelDown:
		return path.TunnelDown
	}
	return path.NoAddress
}

// lackLeg is the leg that a path wants.
func lackLeg(r path.Reason) path.LegName {
	switch r {
	case path.ReasonRadioOff, path.ReasonNotAssociated, path.ReasonAuthenticating:
		return path.LegRadio
	case path.ReasonNoInterface, path.ReasonAdminDown, path.ReasonNoCarrier:
		return path.LegLink
	case path.ReasonNoRoute, path.ReasonRouteBlocked:
		return path.LegRoute
	case path.ReasonTunnelDown:
		return path.LegTunnel
	}
	return path.LegAddress
}

// abs returns how large a difference of clocks is.
func abs(d time.Duration) time.Duration { return max(d, -d) }
