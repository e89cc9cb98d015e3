//go:build linux

package kernel

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// How long lookups wait for quiet, and at most: the notifications of one
// operation arrive within a millisecond. lookupPatience is how long an answer
// may take; a missing one was lost to a full buffer.
const (
	lookupQuiet    = time.Millisecond
	lookupDelay    = 10 * time.Millisecond
	lookupPatience = time.Second
)

// Bounds on what is asked per family and destination: a container host has
// hundreds of interfaces, of which few are an uplink.
const (
	maxCandidates = 16
	maxMarks      = 4
	maxServers    = 8
)

// lookups are the questions "which route would this destination take?" and
// the round of them that is under way.
type lookups struct {
	wanted      bool
	first, last time.Duration
	// base is the sequence number of the first message of the round. Question
	// i has base+2i for the plain form and base+2i+1 for the matched route.
	base    uint32
	pending []pendingLookup
	// asked is how many of the pending questions were sent, left how many
	// answers to them are missing.
	asked, left int
	sent        time.Duration
	rounds      budget
	// answered is whether a round was ever complete.
	answered bool
	// gateways are the next hops whose state can change an answer.
	gateways map[netip.Addr]bool
	// servers are the name servers that are asked about too, and resolvers
	// the facts that they were taken from.
	servers   []fact.Server
	resolvers map[string]*fact.Resolvers
	// destinations are those that somebody wants to know of.
	destinations []netip.Addr
}

// A pendingLookup is one question and the answers to its two forms so far.
type pendingLookup struct {
	fact.Question
	plain, match lookupAnswer
}

type lookupAnswer struct {
	known bool
	errno unix.Errno
	route routeMessage
}

// want asks for a round of lookups once the kernel is quiet.
func (l *lookups) want(now time.Duration) {
	if !l.wanted {
		l.wanted, l.first = true, now
	}
	l.last = now
}

func (l *lookups) owns(seq uint32) bool {
	return len(l.pending) > 0 && seq-l.base < uint32(2*len(l.pending))
}

// maxGateways bounds the remembered gateways; a path has a handful.
const maxGateways = 256

// noteGateways remembers the next hops of a route that can be in an answer:
// which of several equal routes the kernel uses depends on whether their
// gateways are reachable. Forgetting one is never needed for a right answer.
func (l *lookups) noteGateways(r *fact.Route) {
	if l.gateways == nil || len(l.gateways) >= maxGateways {
		l.gateways = map[netip.Addr]bool{}
	}
	for _, leg := range hops(r) {
		if leg.Gateway.IsValid() {
			l.gateways[leg.Gateway] = true
		}
	}
}

// covers reports whether a route can be in the answer to a lookup.
func (l *lookups) covers(r *fact.Route) bool {
	if slices.ContainsFunc(fact.Destinations(r.Family), r.Dst.Contains) || slices.ContainsFunc(l.destinations, r.Dst.Contains) {
		return true
	}
	return slices.ContainsFunc(l.servers, func(s fact.Server) bool {
		return r.Dst.Contains(s.Addr)
	})
}

// followResolvers asks about the name servers when they change. They come from
// another source, so the mirror looks at them in every turn.
func (m *mirror) followResolvers() {
	l := &m.look
	if maps.Equal(l.resolvers, m.s.Resolvers) {
		return
	}
	l.resolvers = maps.Clone(m.s.Resolvers)
	l.servers = l.servers[:0]
	for _, s := range state.EffectiveResolvers(m.s) {
		s.Addr = s.Addr.WithZone("").Unmap()
		scoped := s.Addr.IsLinkLocalUnicast() && s.Index == 0
		if !scoped && !s.Addr.IsLoopback() && len(l.servers) < maxServers {
			l.servers = append(l.servers, s)
		}
	}
	l.want(m.at.mono)
}

// tickLookups asks if it is time, and returns when it will be; 0 is never.
func (m *mirror) tickLookups() time.Duration {
	m.followResolvers()
	l := &m.look
	if len(l.pending) > 0 {
		if m.at.mono-l.sent < lookupPatience {
			return l.sent + lookupPatience
		}
		l.pending = nil
		l.want(m.at.mono)
	}
	if !l.wanted || !m.tablesRead() {
		return 0
	}
	rest := lookupRest(len(m.s.Links))
	if due := max(min(l.last+lookupQuiet, l.first+lookupDelay), l.rounds.due(lookupRounds*rest)); due > m.at.mono {
		return due
	}
	l.rounds.spend(m.at.mono, rest)
	m.askLookups()
	return m.at.mono + lookupPatience
}

// tablesRead reports whether the tables were read that say what to ask.
func (m *mirror) tablesRead() bool {
	return m.agendas[links].synced && m.agendas[rules4].synced && m.agendas[rules6].synced
}

// askLookups sends a round of questions. As before a dump, a question for a
// link goes ahead and waits for a change that is under way to finish.
func (m *mirror) askLookups() {
	l := &m.look
	l.wanted, l.sent = false, m.at.mono
	l.pending, l.left = l.pending[:0], 0
	for _, q := range m.questions() {
		l.pending = append(l.pending, pendingLookup{Question: q})
	}
	m.askLink(1)
	l.base, l.asked = m.seq+1, 0
	m.seq += uint32(2 * len(l.pending))
	m.askMore()
}

// askMore sends as many of the pending questions as the receive buffer holds
// answers for, with room to spare: answers that don't fit are lost, and with
// them notifications.
func (m *mirror) askMore() {
	l := &m.look
	seq := l.base + uint32(2*l.asked)
	for _, p := range l.pending[l.asked:min(l.asked+m.lookupRoom(), len(l.pending))] {
		flags := uint32(unix.RTM_F_LOOKUP_TABLE)
		if p.Family == fact.IPv6 {
			// IPv6 always says the table, and refuses the flag.
			flags = 0
		}
		m.askRoute(p.Question, flags, seq)
		m.askRoute(p.Question, flags|unix.RTM_F_FIB_MATCH, seq+1)
		seq += 2
		l.asked++
		l.left += 2
	}
}

// questions returns what to ask: for each family and destination the lookup
// that any program makes, one bound to each interface that could carry it, and
// one with each mark by which a tunnel exempts its own packets; and the lookup
// of each name server.
func (m *mirror) questions() []fact.Question {
	var qs []fact.Question
	for _, f := range fact.Families {
		candidates, marks := m.candidates(f), m.tunnelMarks(f)
		for _, d := range m.look.towards(f) {
			qs = append(qs, fact.Question{Family: f, Dst: d})
			for _, oif := range candidates {
				qs = append(qs, fact.Question{Family: f, Dst: d, OIF: oif})
			}
			for _, mark := range marks {
				qs = append(qs, fact.Question{Family: f, Dst: d, Mark: mark})
			}
		}
	}
	for _, s := range m.look.servers {
		f := fact.IPv6
		if s.Addr.Is4() {
			f = fact.IPv4
		}
		qs = append(qs, fact.Question{Family: f, Dst: s.Addr, OIF: s.Index})
	}
	return qs
}

// towards returns the destinations to ask about in a family.
func (l *lookups) towards(f fact.Family) []netip.Addr {
	all := slices.Clone(fact.Destinations(f))
	for _, d := range l.destinations {
		if d.Is4() == (f == fact.IPv4) && !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

// candidates returns the links worth a lookup of their own: up, not loopback, not
// the port of a bridge or bond, with an address of the family that could be the
// source of traffic beyond the link; hardware first, then by index. Without such
// an address an answer means nothing, whatever it is.
func (m *mirror) candidates(f fact.Family) []int {
	var ls []*fact.Link
	for index := range m.s.Addressed(f) {
		l := m.s.Links[index]
		if l == nil || !l.Up() || l.Flags&fact.FlagLoopback != 0 {
			continue
		}
		if port := l.Master != 0 && l.SlaveKind != "vrf"; !port {
			ls = append(ls, l)
		}
	}
	slices.SortFunc(ls, func(a, b *fact.Link) int {
		if av, bv := a.Type == fact.TypeVirtual, b.Type == fact.TypeVirtual; av != bv {
			if bv {
				return -1
			}
			return 1
		}
		return a.Index - b.Index
	})
	ls = ls[:min(len(ls), maxCandidates)]
	ids := make([]int, len(ls))
	for i, l := range ls {
		ids[i] = l.Index
	}
	return ids
}

// tunnelMarks returns the marks of rules "not fwmark M": wg-quick and its like
// mark a tunnel's own packets so, to keep them out of the tunnel.
func (m *mirror) tunnelMarks(f fact.Family) []uint32 {
	var marks []uint32
	for _, r := range m.s.Rules {
		if r.Family == f && r.Not && r.FwMark != 0 && !slices.Contains(marks, r.FwMark) {
			marks = append(marks, r.FwMark)
		}
	}
	slices.Sort(marks)
	return marks[:min(len(marks), maxMarks)]
}

// askRoute appends one RTM_GETROUTE.
func (m *mirror) askRoute(q fact.Question, flags, seq uint32) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0], body[1] = byte(q.Family), byte(q.Dst.BitLen())
	binary.NativeEndian.PutUint32(body[8:], flags)
	start := m.out.Begin(unix.RTM_GETROUTE, 0, seq, body...)
	m.out.Attr(unix.RTA_DST, q.Dst.AsSlice())
	if q.OIF != 0 {
		m.out.Attr32(unix.RTA_OIF, uint32(q.OIF))
	}
	if q.Mark != 0 {
		m.out.Attr32(unix.RTA_MARK, q.Mark)
	}
	m.out.End(start)
}

// lookupRoom returns how many questions may be under way: a quarter of the
// receive buffer for the answers to both forms, of which each is charged with
// less than a page.
func (m *mirror) lookupRoom() int {
	const charge = 2 * 2048
	return min(max(m.buffer/4/charge, 1), 32)
}

// lookupAnswer takes one answer; the last one of the round publishes it.
func (m *mirror) lookupAnswer(h *nlwire.Message) {
	l := &m.look
	i := h.Seq - l.base
	p := &l.pending[i/2]
	a := &p.plain
	if i%2 == 1 {
		a = &p.match
	}
	if a.known {
		return
	}
	a.known = true
	switch h.Type {
	case unix.NLMSG_ERROR:
		a.errno = h.Errno()
	case unix.RTM_NEWROUTE:
		if _, err := decodeRoute(h.Body, &a.route); err != nil {
			m.flaw(err)
			a.errno = unix.EBADMSG
		}
	}
	if l.left--; l.left > 0 {
		return
	}
	if l.asked < len(l.pending) {
		m.askMore()
		return
	}
	m.publishLookups()
}

// publishLookups emits the answers of a round that differ from the last, and
// withdraws those to questions that are no longer asked.
func (m *mirror) publishLookups() {
	asked := make(map[fact.Question]bool, len(m.look.pending))
	for i := range m.look.pending {
		p := &m.look.pending[i]
		asked[p.Question] = true
		next := p.lookup()
		if old := m.s.Lookups[p.Question]; old == nil || *old != *next {
			m.observe(fact.Put, fact.ViaEvent, next)
		}
	}
	for q, old := range m.s.Lookups {
		if !asked[q] {
			m.observe(fact.Delete, fact.ViaEvent, old)
		}
	}
	m.look.pending = m.look.pending[:0]
	m.look.answered = true
}

// lookup merges the answers to both forms. The plain form says where a packet
// would go; only the matched route says whether there is a route: bound to an
// interface, IPv4 answers "on link" where there is none.
func (p *pendingLookup) lookup() *fact.Lookup {
	l := &fact.Lookup{Question: p.Question}
	plain, match := &p.plain.route, &p.match.route
	switch {
	case p.plain.errno != 0:
		l.Err = errName(p.plain.errno)
		return l
	case p.match.errno != 0 && plain.Table == 0:
		l.Err = errName(unix.ENETUNREACH)
		return l
	case p.match.errno != 0:
		l.Err = errName(p.match.errno)
		return l
	}
	if errno := refusal(plain.Type); errno != 0 {
		l.Err = errName(errno)
	}
	l.Type, l.Table, l.Index = plain.Type, plain.Table, plain.Index
	l.Gateway, l.Source, l.MTU = plain.Gateway, plain.PrefSrc, plain.MTU
	l.Match, l.Metric = match.Dst, match.Metric
	l.Protocol, l.Flags = match.Protocol, match.Flags
	if l.MTU == 0 {
		l.MTU = match.MTU
	}
	return l
}

// refusal returns the error that a route of type t means. Most kernels answer a
// lookup with the error itself.
func refusal(t fact.RouteType) unix.Errno {
	switch t {
	case fact.RouteUnreachable:
		return unix.EHOSTUNREACH
	case fact.RouteProhibit:
		return unix.EACCES
	case fact.RouteBlackhole:
		return unix.EINVAL
	}
	return 0
}

// errName returns the word of a refusal. What is not the error of a route or
// rule that forbids (net/ipv4/fib_semantics.c, fib_props) means that there is
// no way: no such link any more, or a kernel without the family.
func errName(e unix.Errno) fact.Untrusted {
	switch e {
	case unix.EHOSTUNREACH:
		return "EHOSTUNREACH"
	case unix.EACCES:
		return "EACCES"
	case unix.EINVAL:
		return "EINVAL"
	}
	return "ENETUNREACH"
}
