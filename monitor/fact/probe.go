package fact

import (
	"net/netip"
	"strings"
	"time"

	"flapscope/internal/text"
)

// A Method is how a target is probed.
type Method string

// The methods.
const (
	MethodPing Method = "ping"
	// MethodMTU pings with a packet as large as the link takes it.
	MethodMTU  Method = "mtu"
	MethodDNS  Method = "dns"
	MethodHTTP Method = "http"
	MethodTCP  Method = "tcp"
	MethodTLS  Method = "tls"
	MethodUDP  Method = "udp"
)

// A Role is what a target's answer says about the path.
type Role string

// The roles.
const (
	RoleGateway  Role = "gateway"
	RoleResolver Role = "resolver"
	RoleInternet Role = "internet"
	RolePortal   Role = "portal"
	// RoleMTU is for whether large packets pass, too.
	RoleMTU Role = "mtu"
	// RoleStandby is the gateway of an interface that could carry the path and is
	// not in use; it never decides health.
	RoleStandby Role = "standby"
	// RoleCustom is a target of the user's; it never decides health.
	RoleCustom Role = "custom"
)

// A Target is something that is probed again and again. ID is the identity.
type Target struct {
	// ID is stable for the life of the target: "ping:192.0.2.1%eth0".
	ID string `json:"id"`
	// Name is what people read: "gateway", "1.1.1.1", "hq.example.net".
	Name   Untrusted  `json:"name"`
	Method Method     `json:"method"`
	Role   Role       `json:"role"`
	Family Family     `json:"family,omitempty"`
	Addr   netip.Addr `json:"addr,omitzero"`
	// Host is the name that every probe resolves where Addr is not fixed.
	Host Untrusted `json:"host,omitempty"`
	// Port is the port of methods that have one, or 0.
	Port uint16 `json:"port,omitempty"`
	// Query is what is asked for: the name of a DNS query, or a URL.
	Query Untrusted `json:"query,omitempty"`
	// Index is the interface that probes are bound to, or 0.
	Index    int           `json:"ifindex,omitempty"`
	Interval time.Duration `json:"interval_ns"`
	// Mode says how the probe is carried out, where there is a choice:
	// "unprivileged" or "raw" for ping.
	Mode string `json:"mode,omitempty"`
}

// Health reports whether a target has a part in the health of the path.
func (t *Target) Health() bool { return t.Role != RoleCustom && t.Role != RoleStandby }

// Answered reports whether an outcome shows that the target was reached. A
// reset is no answer: it is what a firewall on the way says in the name of the
// target, and where the target itself says it, its pings are answered. The
// login page of a captive portal is an answer, and so is one that comes late.
func (t *Target) Answered(o Outcome) bool {
	return o == OutcomeOK || o == OutcomePortal || o == OutcomeLate
}

// KindTarget is the kind of Target.
const KindTarget Kind = "target"

// Kind implements Fact.
func (*Target) Kind() Kind { return KindTarget }

// Row implements Fact.
func (*Target) Row() bool { return true }

// Interface implements Fact.
func (*Target) Interface() int { return 0 }

// Words implements Fact.
func (t *Target) Words() Untrusted { return Untrusted(t.ID) }

// An Outcome classifies what became of one probe.
type Outcome string

// The outcomes. NoData is neither success nor loss: the probe could not be
// made (no permission, socket closed, machine suspended). Late corrects the
// timeout of the probe that was sent at the same instant: its answer came after
// all, so that it was not lost, only slow.
const (
	OutcomeOK          Outcome = "ok"
	OutcomeTimeout     Outcome = "timeout"
	OutcomeRefused     Outcome = "refused"
	OutcomeUnreachable Outcome = "unreachable"
	OutcomeBadAnswer   Outcome = "bad_answer"
	OutcomePortal      Outcome = "portal"
	OutcomeNoData      Outcome = "no_data"
	OutcomeLate        Outcome = "late"
)

// What this machine itself says when it lets a packet not out. They are details of
// results, and what a recording has.
const (
	DetailLocalFirewall Untrusted = "dropped by the local firewall"
	DetailOutOfPorts    Untrusted = "out of local ports towards it"
)

// What a router says of IPv6 that it has no way for (RFC 4443 §3.1).
const (
	DetailNoRoute Untrusted = "network unreachable: no route"
	DetailScope   Untrusted = "source address beyond its scope"
)

// Lost reports whether the outcome counts as loss.
func (o Outcome) Lost() bool {
	return o == OutcomeTimeout || o == OutcomeUnreachable || o == OutcomeBadAnswer || o == OutcomeRefused
}

// A ProbeResult is the end of one probe. The observation's Mono is the instant
// at which the outcome was known.
type ProbeResult struct {
	// Target is the ID of the target.
	Target  string  `json:"target"`
	Outcome Outcome `json:"outcome"`
	// Sent is when the probe left, on the CLOCK_BOOTTIME axis.
	Sent time.Duration `json:"sent_ns"`
	// RTT is the round trip of an answered probe.
	RTT time.Duration `json:"rtt_ns,omitempty"`
	// Phases are the parts of the whole; all present for methods that have
	// them, zero where a phase did not happen.
	Phases Phases `json:"phases,omitzero"`
	// Detail is the error or the answer in words ("SERVFAIL", "302 to …").
	Detail Untrusted `json:"detail,omitempty"`
	// By is who said that the target can't be reached, where somebody did, and
	// From its address, where that is another machine.
	By   Refuser    `json:"by,omitempty"`
	From netip.Addr `json:"from,omitzero"`
	// Uncertain is whether this machine may have added to RTT: it was too busy to
	// measure exactly.
	Uncertain bool `json:"uncertain,omitempty"`
	// Queue is the part of RTT in which the packet waited in this machine's own
	// queue, where that is measured and more than a millisecond.
	Queue time.Duration `json:"queue_ns,omitempty"`
	// Duplicates counts the answers of the target that came once more since the
	// result before.
	Duplicates int `json:"duplicates,omitempty"`
	// TTL is what was left of the answer's time to live, and Index the interface
	// by which it came: in the first answer, and where they are others than
	// those of the answer before.
	TTL   int `json:"ttl,omitempty"`
	Index int `json:"ifindex,omitempty"`
}

// A Refuser is who says that a target can't be reached.
type Refuser string

// The refusers.
const (
	RefuserKernel  Refuser = "kernel"
	RefuserGateway Refuser = "gateway"
	RefuserRouter  Refuser = "router"
	RefuserTarget  Refuser = "target"
)

// Phases are the durations of the parts of a probe.
type Phases struct {
	Resolve   time.Duration `json:"resolve_ns"`
	Connect   time.Duration `json:"connect_ns"`
	TLS       time.Duration `json:"tls_ns"`
	FirstByte time.Duration `json:"first_byte_ns"`
}

// words says where the time went, if it went to more than one thing:
// " (name 3.0 ms, connect 12 ms, TLS 24 ms, first byte 51 ms)".
func (p Phases) words() string {
	var all []string
	for _, phase := range [...]struct {
		name string
		took time.Duration
	}{{"name", p.Resolve}, {"connect", p.Connect}, {"TLS", p.TLS}, {"first byte", p.FirstByte}} {
		if phase.took > 0 {
			all = append(all, phase.name+" "+text.Duration(phase.took))
		}
	}
	if len(all) < 2 {
		return ""
	}
	return " (" + strings.Join(all, ", ") + ")"
}

// Kind implements Fact.
func (*ProbeResult) Kind() Kind { return KindProbe }

// Row implements Fact.
func (*ProbeResult) Row() bool { return false }

// Interface implements Fact.
func (*ProbeResult) Interface() int { return 0 }

// Words implements Fact.
func (r *ProbeResult) Words() Untrusted {
	if r.Outcome == OutcomeOK || r.Outcome == OutcomeLate {
		words := Untrusted(r.Target + " " + text.Duration(r.RTT) + r.Phases.words())
		if r.Outcome == OutcomeLate {
			words += ", too late"
		}
		if r.Detail != "" {
			words += ": " + r.Detail
		}
		if r.Queue > 0 {
			words += Untrusted(", " + text.Duration(r.Queue) + " of it in this machine's queue")
		}
		return words
	}
	return Untrusted(r.Target) + " " + r.Failure()
}

// Failure says what came instead of an answer: "timeout", "bad answer
// (SERVFAIL)", "network unreachable, says gateway 192.0.2.1".
func (r *ProbeResult) Failure() Untrusted {
	outcome := text.Words(r.Outcome)
	detail := r.Detail
	if r.By == RefuserGateway || r.By == RefuserRouter {
		detail += Untrusted(", says " + string(r.By) + " " + r.From.String())
	}
	switch {
	case detail == "":
		return Untrusted(outcome)
	case strings.Contains(string(detail), outcome):
		return detail
	}
	return Untrusted(outcome) + " (" + detail + ")"
}
