package verdict

import (
	"net/netip"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// Evidence is all that one diagnosis found out, about the machine or about one
// of its interfaces.
type Evidence struct {
	// Ways are what the kernel's tables say of each family, in the order of
	// fact.Families.
	Ways [2]Way
	// Outcomes are what became of the questions that were asked.
	Outcomes []Outcome
	// Operators are the names of who runs what stands for the internet, by
	// Outcome.Operator.
	Operators []string
	// Queue is how long a packet waited in this machine before it left.
	Queue time.Duration
	// Paged is whether there is a page of a portal check to fetch.
	Paged bool
}

// A Way is where packets of one family would go.
type Way struct {
	Status path.Status
	Reason path.Reason
	// Interface, Index, Type and MTU are of the interface, if one is known.
	Interface fact.Untrusted
	Index     int
	Type      fact.LinkType
	MTU       int
	Gateway   netip.Addr
	Source    netip.Prefix
	// Neighbour is how the gateway is known on the link, and Hardware its address
	// there when the diagnosis began, if that was known.
	Neighbour Neighbour
	Hardware  fact.Untrusted
	// Others is whether somebody else on the link answered.
	Others bool
	// LinkLocal is whether the only address is one that no router passes on.
	LinkLocal bool
}

// A Neighbour is what the kernel says of the gateway on the link.
type Neighbour uint8

// The states of a gateway on the link.
const (
	// NeighbourUnknown has not been asked for, or not long enough.
	NeighbourUnknown Neighbour = iota
	// NeighbourAlive answered on the link, which no packet filter forbids.
	NeighbourAlive
	// NeighbourFailed did not.
	NeighbourFailed
	// NeighbourChanged answered from two hardware addresses.
	NeighbourChanged
)

// An Ask is a question of a diagnosis.
type Ask uint8

// The questions.
const (
	// Ping is an echo request, and Large one that fills the link's MTU and must
	// not be cut to pieces; Outcome.Size says how large.
	Ping Ask = iota
	Large
	// Connect opens a TCP connection, and Secure makes TLS of it.
	Connect
	Secure
	// Page fetches the page of the portal check.
	Page
	// Address and Address6 ask a name server for the addresses of a name that
	// exists, Second for that of another, Unchecked without DNSSEC; Random asks
	// for a name that does not exist.
	Address
	Address6
	Second
	Unchecked
	Random
	// Version asks a name server for its version, which it needs nobody for, and Plain
	// for the name again, without EDNS (RFC 6891).
	Version
	Plain
	// Keys asks a name server for the keys of the root with their signatures, which is
	// an answer of more than 1,100 bytes. Outcome.MTU is up to which size answers pass.
	Keys
	// Private opens a connection for DNS over TLS, and Web one with TLS to the host of
	// the portal check, where those that stand for the internet don't take one.
	Private
	Web
	// Sealed asks a name server over TLS (RFC 7858).
	Sealed
	// Translated asks for the IPv6 addresses of a name that only has IPv4 ones (RFC
	// 7050): whoever has some translates.
	Translated
	// Mapped opens a TCP connection to what stands for the IPv4 internet by way of such
	// a translator.
	Mapped
	// Stray asks where no name server can be.
	Stray
)

// An Outcome is what became of one question, asked once or several times.
type Outcome struct {
	Ask    Ask
	Role   fact.Role
	Family fact.Family
	// Interface is that of a gateway that stands by, or that a name server belongs to.
	Interface fact.Untrusted
	// Index is of a name server's interface, or 0 where it belongs to none; Tunnel is
	// whether that is one, and Domain the only one whose names it is asked for.
	Index  int
	Tunnel bool
	Domain fact.Untrusted
	// Operator is who runs an internet target, below 32.
	Operator uint8
	Addr     netip.Addr
	// Sent and Answered count packets, where several were sent.
	Sent, Answered int
	// Result is empty while nothing is known.
	Result fact.Outcome
	// Why says it more exactly, and Said in the words of who answered.
	Why  Why
	Said fact.Untrusted
	// By is who refused, and From its address.
	By   fact.Refuser
	From netip.Addr
	RTT  time.Duration
	// Size is how large a packet was, and MTU what would have passed.
	Size, MTU int
	// Skew is how much the clock of who answered is ahead of ours, where Dated.
	Skew  time.Duration
	Dated bool
	// Optional is whether nobody promises that such a question is answered there.
	Optional bool
	// Duplicates is how often an answer came again.
	Duplicates int
}

// ok reports whether the answer was the wanted one.
func (o *Outcome) ok() bool { return o.Result == fact.OutcomeOK }

// silent reports whether nothing came back.
func (o *Outcome) silent() bool { return o.Result == fact.OutcomeTimeout }

// A Why says why an outcome is what it is, in one stable word.
type Why string

// The words for what this machine did.
const (
	WhyFirewall   Why = "local_firewall"
	WhyPorts      Why = "port_exhaustion"
	WhyFiles      Why = "too_many_files"
	WhyPermission Why = "no_permission"
	WhyStrict     Why = "strict_rp_filter"
	WhyEndpoint   Why = "no_endpoint"
	WhyPeer       Why = "no_peer"
	WhyLocalRoute Why = "route_blocked"
	WhyUnresolved Why = "unresolved"
	// WhyNoPath: it was not asked.
	WhyNoPath Why = "no_path"
)

// The words for why nothing can be told.
const (
	WhyOpen     Why = "no_answer_in_time"
	WhyNoPings  Why = "pings_not_answered"
	WhyHostless Why = "no_address_of_its_host"
	WhyOther    Why = "the_other_family_fails"
)

// The words for what others said.
const (
	WhyNoRoute    Why = "no_route"
	WhyHost       Why = "host_unreachable"
	WhyProhibited Why = "prohibited"
	WhyScope      Why = "beyond_scope"
	WhyStranger   Why = "stranger"
	WhyExpired    Why = "expired"
	WhyNotYet     Why = "not_yet_valid"
	WhyClock      Why = "clock"
	WhyName       Why = "wrong_name"
	WhyIssuer     Why = "unknown_issuer"
	WhyReset      Why = "reset"
	WhyNotTLS     Why = "not_tls"
	WhyCut        Why = "handshake_cut"
	WhyRedirect   Why = "redirect"
	WhyBody       Why = "other_page"
	WhyEmptyBody  Why = "empty_page"
	WhyUpgrade    Why = "redirect_to_https"
	WhyStatus     Why = "status"
)

// The words for what name servers do.
const (
	WhyServfail   Why = "servfail"
	WhyDNSSEC     Why = "dnssec"
	WhyRefusal    Why = "refused"
	WhyNXDomain   Why = "nxdomain"
	WhyPrivate    Why = "private_answer"
	WhyFiltered   Why = "filtered"
	WhyNoAddress  Why = "no_address"
	WhyOneAddress Why = "one_address"
	WhyRewritten  Why = "rewritten"
	WhyTruncated  Why = "truncated"
	WhyEDNS       Why = "edns"
	WhyStale      Why = "stale"
	WhyUnsigned   Why = "unsigned"
	WhyLarge      Why = "large_answers_lost"
	WhyUpstream   Why = "upstream_dead"
	WhyTardy      Why = "not_in_time"
	WhyAAAA       Why = "aaaa"
	WhyPort53     Why = "port_53"
	WhyStrayID    Why = "stray"
	WhyRcode      Why = "rcode"
)

// String returns the word as people read it.
func (w Why) String() string { return text.Words(w) }

// index returns the place of a family among the ways.
func index(f fact.Family) int {
	if f == fact.IPv6 {
		return 1
	}
	return 0
}
