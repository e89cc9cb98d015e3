package state

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// A Document is the tables of one instant in the words of "ip -j": the output
// of the state command. Its JSON form is a stable contract: additions only.
type Document struct {
	Time       string              `json:"time"`
	MonoNS     time.Duration       `json:"mono_ns"`
	Links      []linkDocument      `json:"links"`
	Addresses  []addressDocument   `json:"addresses"`
	Routes     []routeDocument     `json:"routes"`
	Rules      []ruleDocument      `json:"rules"`
	Neighbours []neighbourDocument `json:"neighbours"`
	Nexthops   []nexthopDocument   `json:"nexthops"`
	Resolvers  []*fact.Resolvers   `json:"resolvers"`
	// Notes report what is missing: router mode, gaps.
	Notes []fact.Untrusted `json:"notes,omitempty"`
}

type linkDocument struct {
	Index          int              `json:"ifindex"`
	Name           fact.Untrusted   `json:"ifname"`
	Kind           fact.Untrusted   `json:"kind,omitempty"`
	Type           fact.LinkType    `json:"type"`
	Up             bool             `json:"up"`
	LowerUp        bool             `json:"lower_up"`
	OperState      fact.OperState   `json:"operstate"`
	MTU            uint32           `json:"mtu"`
	Address        fact.Untrusted   `json:"address,omitempty"`
	Master         fact.Untrusted   `json:"master,omitempty"`
	Flags          fact.LinkFlags   `json:"flags"`
	Group          string           `json:"group"`
	TxQueueLen     uint32           `json:"txqlen,omitempty"`
	Alias          fact.Untrusted   `json:"ifalias,omitempty"`
	AltNames       []fact.Untrusted `json:"altnames,omitempty"`
	CarrierChanges uint32           `json:"carrier_changes"`
}

type addressDocument struct {
	Index     int               `json:"ifindex"`
	Name      fact.Untrusted    `json:"ifname"`
	Family    fact.Family       `json:"family"`
	Local     netip.Addr        `json:"local"`
	PrefixLen uint8             `json:"prefixlen"`
	Peer      netip.Addr        `json:"address,omitzero"`
	Broadcast netip.Addr        `json:"broadcast,omitzero"`
	Scope     fact.Scope        `json:"scope"`
	Flags     fact.AddressFlags `json:"flags"`
	Label     fact.Untrusted    `json:"label,omitempty"`
	// Deprecated is whether new connections should use another address (RFC 4862
	// §5.5.4). ValidLifeTime and PreferredLifeTime are seconds, Forever for ever.
	Deprecated        bool   `json:"deprecated,omitempty"`
	ValidLifeTime     uint32 `json:"valid_life_time"`
	PreferredLifeTime uint32 `json:"preferred_life_time"`
}

// Forever is the lifetime of an address that does not expire, as ip(8) has it.
const Forever = math.MaxUint32

type routeDocument struct {
	Family   fact.Family        `json:"family"`
	Table    uint32             `json:"table"`
	Type     fact.RouteType     `json:"type"`
	Dst      string             `json:"dst"`
	From     string             `json:"from,omitempty"`
	TOS      uint8              `json:"tos,omitempty"`
	Gateway  netip.Addr         `json:"gateway,omitzero"`
	Dev      fact.Untrusted     `json:"dev,omitempty"`
	Metric   uint32             `json:"metric,omitempty"`
	Protocol fact.RouteProtocol `json:"protocol"`
	Scope    fact.Scope         `json:"scope"`
	PrefSrc  netip.Addr         `json:"prefsrc,omitzero"`
	Flags    fact.RouteFlags    `json:"flags"`
	NHID     uint32             `json:"nhid,omitempty"`
	MTU      uint32             `json:"mtu,omitempty"`
	Nexthops []legDocument      `json:"nexthops,omitempty"`
}

type legDocument struct {
	Gateway netip.Addr      `json:"gateway,omitzero"`
	Dev     fact.Untrusted  `json:"dev,omitempty"`
	Weight  int             `json:"weight"`
	Flags   fact.RouteFlags `json:"flags"`
}

type ruleDocument struct {
	Family   fact.Family     `json:"family"`
	Priority uint32          `json:"priority"`
	Not      bool            `json:"not,omitempty"`
	Src      string          `json:"src"`
	Dst      string          `json:"dst,omitempty"`
	FwMark   string          `json:"fwmark,omitempty"`
	FwMask   string          `json:"fwmask,omitempty"`
	IIF      fact.Untrusted  `json:"iif,omitempty"`
	OIF      fact.Untrusted  `json:"oif,omitempty"`
	Table    uint32          `json:"table,omitempty"`
	Action   fact.RuleAction `json:"action"`
	Goto     uint32          `json:"goto,omitempty"`
	UIDStart *uint32         `json:"uid_start,omitempty"`
	UIDEnd   *uint32         `json:"uid_end,omitempty"`
	Suppress *int64          `json:"suppress_prefixlength,omitempty"`
	Flags    fact.RuleFlags  `json:"flags"`
}

type neighbourDocument struct {
	Index  int                 `json:"ifindex"`
	Name   fact.Untrusted      `json:"ifname"`
	Dst    netip.Addr          `json:"dst"`
	LLAddr fact.Untrusted      `json:"lladdr,omitempty"`
	State  fact.NeighbourState `json:"state"`
	Router bool                `json:"router,omitempty"`
	Proxy  bool                `json:"proxy,omitempty"`
}

type nexthopDocument struct {
	ID        uint32               `json:"id"`
	Gateway   netip.Addr           `json:"gateway,omitzero"`
	Dev       fact.Untrusted       `json:"dev,omitempty"`
	Protocol  fact.RouteProtocol   `json:"protocol"`
	Scope     fact.Scope           `json:"scope"`
	Flags     fact.RouteFlags      `json:"flags"`
	Blackhole bool                 `json:"blackhole,omitempty"`
	FDB       bool                 `json:"fdb,omitempty"`
	Group     []fact.NexthopMember `json:"group,omitempty"`
}

// Describe returns the state as a document, every list sorted.
func Describe(s *State) *Document {
	d := &Document{
		Time: fact.FormatTime(s.Time), MonoNS: s.Mono,
		Links:      describe(maps.Values(s.Links), s.describeLink),
		Addresses:  describe(maps.Values(s.Addresses), s.describeAddress),
		Routes:     describe(s.Routes.All(), s.describeRoute),
		Rules:      make([]ruleDocument, 0, len(s.Rules)),
		Neighbours: describe(maps.Values(s.Neighbours), s.describeNeighbour),
		Nexthops:   describe(maps.Values(s.Nexthops), s.describeNexthop),
		Resolvers:  make([]*fact.Resolvers, 0, len(s.Resolvers)),
	}
	slices.SortFunc(d.Links, func(a, b linkDocument) int { return cmp.Compare(a.Index, b.Index) })
	slices.SortFunc(d.Addresses, func(a, b addressDocument) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), a.Local.Compare(b.Local), cmp.Compare(a.PrefixLen, b.PrefixLen))
	})
	slices.SortFunc(d.Routes, compareRouteDocuments)
	for _, r := range SortedRules(s.Tables) {
		d.Rules = append(d.Rules, describeRule(r))
	}
	slices.SortFunc(d.Neighbours, func(a, b neighbourDocument) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), a.Dst.Compare(b.Dst))
	})
	slices.SortFunc(d.Nexthops, func(a, b nexthopDocument) int { return cmp.Compare(a.ID, b.ID) })
	for _, k := range slices.Sorted(maps.Keys(s.Resolvers)) {
		d.Resolvers = append(d.Resolvers, s.Resolvers[k])
	}
	for _, k := range slices.Sorted(maps.Keys(s.Notices)) {
		d.Notes = append(d.Notes, s.Notices[k].Text)
	}
	return d
}

// describe maps rows, and gives an empty list rather than null.
func describe[R, D any](rows func(func(R) bool), one func(R) D) []D {
	out := []D{}
	for r := range rows {
		out = append(out, one(r))
	}
	return out
}

func (s *State) describeLink(l *fact.Link) linkDocument {
	group := "default"
	if l.Group != 0 {
		group = fmt.Sprint(l.Group)
	}
	return linkDocument{
		Index: l.Index, Name: l.Name, Kind: l.LinkKind, Type: l.Type,
		Up: l.Up(), LowerUp: l.LowerUp(), OperState: l.OperState, MTU: l.MTU,
		Address: l.Address, Master: s.Name(l.Master), Flags: l.Flags, Group: group,
		TxQueueLen: l.TxQueueLen, Alias: l.Alias, AltNames: l.AltNames, CarrierChanges: l.CarrierChanges,
	}
}

func (s *State) describeAddress(a *fact.Address) addressDocument {
	preferred := s.lifetime(a.PreferredUntil)
	return addressDocument{
		Index: a.Index, Name: s.Name(a.Index), Family: a.Family(), Local: a.Local,
		PrefixLen: a.PrefixLen, Peer: a.Peer, Broadcast: a.Broadcast,
		Scope: a.Scope, Flags: a.Flags, Label: a.Label,
		Deprecated:    a.Flags&fact.AddrDeprecated != 0 || preferred == 0,
		ValidLifeTime: s.lifetime(a.ValidUntil), PreferredLifeTime: preferred,
	}
}

// lifetime is how many seconds there are until an instant; zero is for ever.
func (s *State) lifetime(until time.Duration) uint32 {
	if until == 0 {
		return Forever
	}
	return uint32(min(max(0, until-s.Mono)/time.Second, Forever-1))
}

func (s *State) describeRoute(r *fact.Route) routeDocument {
	d := routeDocument{
		Family: r.Family, Table: r.Table, Type: r.Type, Dst: prefixWord(r.Dst, "default"),
		TOS: r.TOS, Gateway: r.Gateway, Dev: s.Name(r.Index), Metric: r.Metric,
		Protocol: r.Protocol, Scope: r.Scope, PrefSrc: r.PrefSrc, Flags: r.Flags,
		NHID: r.NexthopID, MTU: r.MTU,
	}
	if r.Src.IsValid() && r.Src.Bits() > 0 {
		d.From = prefixWord(r.Src, "all")
	}
	for _, l := range r.Nexthops {
		d.Nexthops = append(d.Nexthops, legDocument{l.Gateway, s.Name(l.Index), l.Weight, l.Flags})
	}
	return d
}

// prefixWord writes a prefix as ip(8) does: a host without its length.
func prefixWord(p netip.Prefix, all string) string {
	switch {
	case !p.IsValid() || p.Bits() == 0:
		return all
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}

func compareRouteDocuments(a, b routeDocument) int {
	return cmp.Or(
		cmp.Compare(a.Family, b.Family), cmp.Compare(a.Table, b.Table),
		strings.Compare(a.Dst, b.Dst), cmp.Compare(a.Metric, b.Metric),
		strings.Compare(string(a.Dev), string(b.Dev)), a.Gateway.Compare(b.Gateway),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.NHID, b.NHID),
		cmp.Compare(a.TOS, b.TOS), strings.Compare(a.From, b.From), cmp.Compare(a.Scope, b.Scope),
		a.PrefSrc.Compare(b.PrefSrc), cmp.Compare(a.MTU, b.MTU),
		slices.CompareFunc(a.Nexthops, b.Nexthops, func(x, y legDocument) int {
			return cmp.Or(x.Gateway.Compare(y.Gateway), strings.Compare(string(x.Dev), string(y.Dev)), cmp.Compare(x.Weight, y.Weight))
		}),
	)
}

func describeRule(r *fact.Rule) ruleDocument {
	d := ruleDocument{
		Family: r.Family, Priority: r.Priority, Not: r.Not, Src: prefixWord(r.Src, "all"),
		IIF: r.IIF, OIF: r.OIF, Table: r.Table, Action: r.Action, Goto: r.Goto, Flags: r.Flags,
	}
	if r.Dst.IsValid() {
		d.Dst = prefixWord(r.Dst, "all")
	}
	if r.FwMark != 0 {
		d.FwMark = fmt.Sprintf("%#x", r.FwMark)
	}
	if r.FwMask != 0 && r.FwMask != ^uint32(0) {
		d.FwMask = fmt.Sprintf("%#x", r.FwMask)
	}
	if r.HasUID {
		d.UIDStart, d.UIDEnd = &r.UIDRange[0], &r.UIDRange[1]
	}
	if r.SuppressPrefixLen >= 0 {
		d.Suppress = &r.SuppressPrefixLen
	}
	return d
}

func (s *State) describeNeighbour(n *fact.Neighbour) neighbourDocument {
	return neighbourDocument{
		Index: n.Index, Name: s.Name(n.Index), Dst: n.Dst, LLAddr: n.LLAddr,
		State: n.State, Router: n.Router, Proxy: n.Proxy,
	}
}

func (s *State) describeNexthop(n *fact.Nexthop) nexthopDocument {
	return nexthopDocument{
		ID: n.ID, Gateway: n.Gateway, Dev: s.Name(n.Index), Protocol: n.Protocol,
		Scope: n.Scope, Flags: n.Flags, Blackhole: n.Blackhole, FDB: n.FDB, Group: n.Group,
	}
}

// Lifetimes are what limits the use of an address, in ip's words; empty for one
// that is there for ever.
func (a *addressDocument) Lifetimes() string {
	var words []string
	if a.Deprecated {
		words = append(words, "deprecated")
	}
	if a.ValidLifeTime != Forever {
		words = append(words, fmt.Sprintf("valid_lft %dsec", a.ValidLifeTime))
	}
	if a.PreferredLifeTime != Forever {
		words = append(words, fmt.Sprintf("preferred_lft %dsec", a.PreferredLifeTime))
	}
	return strings.Join(words, " ")
}
