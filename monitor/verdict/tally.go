package verdict

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// A set is a set of operators, by their number.
type set uint32

func (s *set) add(operator uint8) { *s |= 1 << (operator & 31) }

// many reports whether s has at least two operators, or all that were asked
// where that is only one: trouble at one operator is none of this machine's.
func (s set) many(asked set) bool {
	return s&(s-1) != 0 || s != 0 && s == asked
}

// A tally counts the outcomes of one family.
type tally struct {
	way *Way
	// pinged, connected and secured are the operators from which it is known what
	// became of a ping, a connection and TLS; the others are those of them that
	// answered so.
	pinged, pongs set
	// promised are those of the connected that have HTTPS.
	promised                             set
	connected, accepted, refused, barred set
	secured, trusted, foreign, invalid   set
	cut                                  set
	// no is the first that said that the internet can't be reached.
	no *Outcome
	// sent and lost count pings to the operator that lost least.
	sent, lost int
	rtt        time.Duration
	// opened is how long a connection took, or TLS where that was tried.
	opened time.Duration
	// gateway is the ping of the gateway, page that of the portal check.
	gateway, page *Outcome
	// local is what this machine itself did not let out.
	local, strange, twice, unable *Outcome
	// told and worst are what was said of a packet that was too large.
	told *Outcome
	// passed is the largest packet that was answered, and stuck the smallest of
	// which nothing was heard, in spite of asking twice.
	passed, stuck int
	holes         bool
	// sealed are the operators from which it is known what became of a connection for
	// DNS over TLS, and unsealed those that took it; seal is the last that did not.
	sealed, unsealed set
	seal             *Outcome
	// web is whether TLS to the host of the portal check was made, and translated what
	// told of a translator of IPv4.
	web        bool
	translated *Outcome
	// mapped are the operators from which it is known what became of a connection by way
	// of that translator, and through those that took it.
	mapped, through set
	// resolved is whether a name server that is beyond the gateway answered.
	resolved bool
}

// count goes over all outcomes.
func (t *tally) count(o *Outcome) {
	if o.Result == "" || o.Role == fact.RoleStandby || t.aside(o) {
		return
	}
	t.own(o)
	switch o.Role {
	case fact.RoleGateway:
		if o.Ask == Ping {
			t.gateway = o
		}
	case fact.RoleInternet:
		t.internet(o)
	case fact.RolePortal:
		t.page = o
	case fact.RoleResolver:
		if (o.Ask == Address || o.Ask == Address6) && o.Answered > 0 && !t.near(o.Addr) {
			t.resolved = true
		}
	}
}

// aside takes in what decides nothing but notes, and reports whether it was that.
func (t *tally) aside(o *Outcome) bool {
	switch o.Ask {
	case Private:
		if o.Result == fact.OutcomeNoData {
			return true
		}
		if t.sealed.add(o.Operator); o.ok() {
			t.unsealed.add(o.Operator)
		} else {
			t.seal = o
		}
	case Sealed, Keys: // They are told of their name server.
	case Web:
		t.web = t.web || o.ok()
	case Translated:
		if o.ok() && o.Said != "" && (t.translated == nil || o.Role == fact.RoleGateway) {
			t.translated = o
		}
	case Mapped:
		if o.Result == fact.OutcomeNoData {
			return true
		}
		if t.mapped.add(o.Operator); o.ok() {
			t.through.add(o.Operator)
		}
	default:
		return false
	}
	return true
}

// own notes what this machine did, whatever was asked.
func (t *tally) own(o *Outcome) {
	switch o.Why {
	case WhyFirewall, WhyPorts, WhyFiles, WhyEndpoint, WhyPeer:
		if t.local == nil || t.local.Ask == Ping {
			t.local = o
		}
	case WhyPermission, WhyStrict:
		t.unable = o
	case WhyStranger:
		t.strange = o
	}
	if o.Duplicates > 0 {
		t.twice = o
	}
}

func (t *tally) internet(o *Outcome) {
	if o.Result == fact.OutcomeNoData || o.Why == WhyFirewall && o.Ask == Ping {
		return
	}
	switch o.Ask {
	case Ping:
		t.ping(o)
	case Large:
		t.large(o)
	case Connect:
		t.connect(o)
	case Secure:
		t.secure(o)
	}
	if o.Result == fact.OutcomeUnreachable && o.By != "" && t.no == nil && o.MTU == 0 {
		t.no = o
	}
}

func (t *tally) ping(o *Outcome) {
	t.pinged.add(o.Operator)
	if !o.ok() {
		return
	}
	t.pongs.add(o.Operator)
	lost := o.Sent - o.Answered
	// The operator that lost the smaller part speaks, of those that were asked
	// often enough.
	few, best := o.Sent < lossSent && t.sent >= lossSent, lost*t.sent < t.lost*o.Sent
	if t.sent == 0 || o.Sent >= lossSent && t.sent < lossSent || best && !few {
		t.sent, t.lost = o.Sent, lost
	}
	if t.rtt == 0 || o.RTT < t.rtt {
		t.rtt = o.RTT
	}
}

func (t *tally) connect(o *Outcome) {
	t.connected.add(o.Operator)
	if !o.Optional {
		t.promised.add(o.Operator)
	}
	switch {
	case o.ok():
		t.accepted.add(o.Operator)
		t.opened = max(t.opened, o.RTT)
		if t.rtt == 0 {
			t.rtt = o.RTT
		}
	case o.Result == fact.OutcomeRefused:
		t.refused.add(o.Operator)
	case o.Result == fact.OutcomeUnreachable:
		t.barred.add(o.Operator)
	}
}

func (t *tally) secure(o *Outcome) {
	t.secured.add(o.Operator)
	switch o.Why {
	case WhyName, WhyIssuer:
		t.foreign.add(o.Operator)
	case WhyExpired, WhyNotYet, WhyClock:
		t.invalid.add(o.Operator)
	default:
		if o.ok() {
			t.trusted.add(o.Operator)
			t.opened = max(t.opened, o.RTT)
			return
		}
		t.cut.add(o.Operator)
	}
}

func (t *tally) large(o *Outcome) {
	switch {
	case o.ok():
		t.passed = max(t.passed, o.Size)
		if t.stuck != 0 && o.Size >= t.stuck {
			t.holes = true
		}
	case o.MTU != 0:
		if t.told == nil || o.MTU < t.told.MTU {
			t.told = o
		}
	case o.silent() && o.Sent >= 2:
		if t.stuck == 0 || o.Size < t.stuck {
			t.stuck = o.Size
		}
		if o.Size <= t.passed {
			t.holes = true
		}
	}
}

// near reports whether a is on this machine or on its link.
func (t *tally) near(a netip.Addr) bool {
	return a.IsLoopback() || a.IsLinkLocalUnicast() || t.way.Source.Contains(a) || a == t.way.Gateway
}

// alive reports whether somebody beyond the gateway answered for himself. A
// reset is what a firewall says in the name of others: it counts only beside
// another answer of the same operator, which counts by itself.
func (t *tally) alive() bool { return t.pongs|t.accepted != 0 }

// asked reports whether it is known what became of a question that went beyond
// the gateway.
func (t *tally) asked() bool { return t.pinged|t.connected != 0 }

// passes reports whether the gateway showed a sign of life.
func (t *tally) passes() bool {
	return t.alive() || t.resolved || t.gateway != nil && t.gateway.Answered > 0 ||
		t.no != nil && t.no.By == fact.RefuserGateway || t.refused != 0
}

// silence says why it is not known what became of anything that was asked.
func (t *tally) silence() Why {
	for _, o := range [...]*Outcome{t.unable, t.local} {
		if o != nil {
			return o.Why
		}
	}
	return WhyOpen
}

// lossy reports whether packets are lost by chance, so that single silences say
// little.
func (t *tally) lossy() bool { return t.sent >= lossSent && t.lost >= lossLost && t.strange == nil }
