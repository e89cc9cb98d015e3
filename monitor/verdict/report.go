package verdict

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// Legs that a path alone does not have.
const (
	LegLocal = path.LegLocal
	LegTLS   = path.LegTLS
	LegMTU   = path.LegMTU
	// LegStandby is the gateway of an interface that could carry the path and is not in
	// use.
	LegStandby path.LegName = "standby"
)

// Offline is the state of a machine that has no path, beside those of health.
const Offline path.HealthState = "offline"

// The words for roots that only a diagnosis finds.
const (
	GatewayConflict              = path.AddressConflict
	WrongNetwork                 = path.WrongNetwork
	LocalFirewall                = path.LocalFirewall
	PortExhaustion               = path.PortExhaustion
	FilesExhausted     path.What = "files_exhausted"
	OwnQueue                     = path.OwnQueue
	WalledGarden                 = path.WalledGarden
	HTTPSBlocked                 = path.HTTPSBlocked
	TranslatorSilent             = path.NAT64Silent
	TLSIntercepted               = path.TLSIntercepted
	CertificateInvalid           = path.CertificateInvalid
	ClockWrong                   = path.ClockWrong
	MTUBlackHole                 = path.MTUBlackHole
	ResolverLies                 = path.ResolverLies
	ResolverMissing              = path.ResolverMissing
)

// The words for notes, which never turn a verdict.
const (
	PingsForbidden  path.What = "pings_forbidden"
	GatewayFiltered path.What = "gateway_ignores_pings"
	OneOperator     path.What = "one_operator_silent"
	UpstreamAbsent            = path.UpstreamAbsent
	LinkLocalOnly   path.What = "link_local_only"
	PathMTU         path.What = "path_mtu"
	HTTPBlocked     path.What = "http_blocked"
	DoTOffered      path.What = "dot_offered"
	DoTBlocked      path.What = "dot_blocked"
	DoHBlocked      path.What = "doh_blocked"
	TranslatedIPv4            = path.NAT64
	CheckServer     path.What = "check_server"
	HTTPProxy                 = path.HTTPProxy
	Duplicates      path.What = "duplicates"
	Stranger        path.What = "answered_by_another"
	StrictFilter    path.What = "strict_rp_filter"
	DNSIntercepted            = path.DNSIntercepted
	DNSRewritten    path.What = "dns_rewritten"
	DNSStale        path.What = "dns_stale"
	DNSFiltered     path.What = "dns_filtered"
	DNSRefusesIPv6  path.What = "dns_refuses_ipv6"
	DNSUnsigned     path.What = "dnssec_stripped"
	DNSLarge        path.What = "dns_large_lost"
)

// A LegState is how one leg does.
type LegState string

// The states of a leg. Skipped was not asked, for a reason that is said; unknown
// was asked, and nothing can be told from what came.
const (
	LegOK       LegState = "ok"
	LegDegraded LegState = "degraded"
	LegBad      LegState = "bad"
	LegSkipped  LegState = "skipped"
	LegUnknown  LegState = "unknown"
)

// A Leg is one stretch of the way, of one family.
type Leg struct {
	Name      path.LegName
	Family    fact.Family
	Interface fact.Untrusted
	State     LegState
	// Addr is whom it is about.
	Addr netip.Addr
	RTT  time.Duration
	// Finding says what is wrong with it, or why it was not asked.
	Finding Finding
	// Own is whether a name server belongs to the interface, and Domain the only one
	// whose names it is asked for, or "".
	Own    bool
	Domain fact.Untrusted
	// Sealed is what becomes of questions over TLS to a name server, or "" where that
	// was not tried.
	Sealed fact.Outcome
}

// A Finding is one thing that is wrong, or worth a note.
type Finding struct {
	What   path.What
	Leg    path.LegName
	Family fact.Family
	// Interface and Index are where, and Addr is whom it is about.
	Interface fact.Untrusted
	Index     int
	Addr      netip.Addr
	Why       Why
	Said      fact.Untrusted
	By        fact.Refuser
	From      netip.Addr
	// Lost of Sent packets got no answer.
	Lost, Sent int
	// MTU is the size of a packet, and Took how long or how late.
	MTU  int
	Took time.Duration
	// Operator is the name of who runs what it is about.
	Operator string
	// Own is whether a name server belongs to the interface, Tunnel whether that is one,
	// and Domain the only one whose names it is asked for.
	Own, Tunnel bool
	Domain      fact.Untrusted
}

// Root returns the finding as the root of a trouble.
func (f *Finding) Root() path.Root {
	return path.Root{
		What: f.What, Leg: f.Leg, Interface: f.Interface, Index: f.Index, Family: f.Family,
		Entity: path.AddressEntity(f.Addr),
	}
}

// A Report is what evidence means.
type Report struct {
	State path.HealthState
	// Root explains the rest; its What is empty when nothing is wrong.
	Root Finding
	// Notes are worth knowing, and no trouble.
	Notes []Finding
	Legs  []Leg
	// wrong is all that is wrong, the root among it.
	wrong []Finding
	ways  [2]Way
	// alive are the families in which the internet answers.
	alive [2]bool
}

// Well reports whether the machine is online, whatever the notes.
func (r *Report) Well() bool { return r.State == path.HealthOnline }

// Alive reports whether the internet answered in a family.
func (r *Report) Alive(f fact.Family) bool { return r.alive[index(f)] }
