//go:build linux

package kernel

import (
	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A mirror turns netlink messages into observations and questions. It does no
// I/O and reads no clock; the tables that it compares with are those of the
// fold, so that there is no second copy to go wrong.
//
// Every method between begin and the end of the same Host.Update may use s and
// emit; neither is kept.
type mirror struct {
	opt Options
	hw  hardware

	s    *state.State
	emit fact.Emit
	at   instant

	// portid is the socket's address: a message with it and one of our
	// sequence numbers is an answer, everything else is a notification.
	portid uint32
	// buffer is the size of the socket's receive buffer in bytes.
	buffer int
	seq    uint32
	// counted are the sequence numbers of the newest questions for counters.
	counted struct{ first, last uint32 }
	out     nlwire.Request

	agendas [numTables]agenda
	dump    *dump
	dumped  int // dumps completed, for the drop counter's check
	dumps   budget
	look    lookups
	timers  timers
	audit   audit
	resync  resync
	flaws   flaws
	// early holds the links whose carrier a dump showed before the kernel acted
	// on it: it marks the routes, and reports the link, up to a second later.
	early  map[int]bool
	synced bool
	// narrow is whether router mode keeps only short prefixes.
	narrow bool
	// kernelRoutes counts the routes of each family that the last dump went over.
	kernelRoutes [2]int
	// broken says why the socket must be replaced, or is empty.
	broken string
}

func newMirror(opt Options, hw hardware) *mirror {
	return &mirror{opt: opt, hw: hw, seq: 1, early: map[int]bool{}, look: lookups{destinations: opt.Destinations}}
}

// begin starts a turn at the instant at.
func (m *mirror) begin(s *state.State, emit fact.Emit, at instant) {
	m.s, m.emit, m.at = s, emit, at
}

// connect forgets what an old socket was asked and wants every table anew.
func (m *mirror) connect(portid uint32, buffer int) {
	m.portid, m.buffer = portid, buffer
	m.dump, m.broken = nil, ""
	m.timers.stirred = m.at.mono
	m.look.pending, m.out.Datagram = m.look.pending[:0], m.out.Datagram[:0]
	m.wantNow(allTables)
	m.look.want(m.at.mono)
}

// datagram takes one datagram from the kernel.
func (m *mirror) datagram(b []byte) {
	if m.dump != nil {
		m.dump.fresh = true
	}
	for h, err := range nlwire.Messages(b) {
		if err == nil {
			err = m.message(&h)
		}
		if err != nil {
			m.flaw(err)
			m.want(allTables)
		}
	}
}

// message sends a message to whoever waits for it.
func (m *mirror) message(h *nlwire.Message) error {
	if h.Port == m.portid && h.Seq != 0 {
		m.answer(h)
		return nil
	}
	return m.event(h)
}

func (m *mirror) answer(h *nlwire.Message) {
	switch {
	case m.dump != nil && h.Seq == m.dump.seq:
		m.dumpMessage(h)
	case m.look.owns(h.Seq):
		m.lookupAnswer(h)
	case h.Type == unix.RTM_NEWLINK:
		// The answer to a barrier, to a poll of the interface in use, or with the
		// counters of any.
		if l, err := decodeLink(h.Body); err == nil && l != nil {
			m.putLink(l, fact.ViaDump)
		}
		m.trafficAnswer(h)
	}
}

// event applies a notification.
func (m *mirror) event(h *nlwire.Message) error {
	if h.Type == unix.RTM_NEWLINK || h.Type == unix.RTM_DELLINK {
		m.timers.stirred = m.at.mono
	}
	if rows := rowsOfType(h.Type); rows != nil {
		return rows.event(m, h.Type == rows.base, h)
	}
	switch h.Type {
	case rtmNewPrefix, rtmNewUserOpt:
		// A router advertisement extends the default route's life and sets
		// its metrics without a notification of their own.
		m.want(1 << routes6)
	}
	if h.Type == rtmNewUserOpt {
		return m.advertised(h.Body)
	}
	return nil
}

// put emits that a row of table t now is f.
func (m *mirror) put(t table, via fact.Via, f fact.Fact) {
	m.saw(t, f)
	m.observe(fact.Put, via, f)
	m.timers.note(f)
	m.changed(f)
}

// remove emits that row f of table t is no more.
func (m *mirror) remove(t table, via fact.Via, f fact.Fact) {
	if m.dump != nil && m.dump.table == t && !m.dump.applying {
		// A dump that is under way may still bring the row back: the kernel
		// announces the end of an IPv4 route before it ends.
		m.dump.dirty = true
	}
	m.observe(fact.Delete, via, f)
	m.changed(f)
}

func (m *mirror) observe(op fact.Op, via fact.Via, f fact.Fact) {
	if m.dump != nil && m.dump.applying {
		m.dump.changes++
	}
	m.emit(fact.Observation{Time: m.at.wall, Mono: m.at.mono, Op: op, Via: via, Fact: f})
}

// saw marks a row as confirmed by the dump under way.
func (m *mirror) saw(t table, f fact.Fact) {
	if m.dump != nil && m.dump.table == t {
		m.dump.seen[f] = struct{}{}
	}
}

// changed asks the lookups again where a changed fact can change an answer.
func (m *mirror) changed(f fact.Fact) {
	switch f := f.(type) {
	case *fact.Route:
		if !m.look.covers(f) {
			return
		}
		m.look.noteGateways(f)
	case *fact.Neighbour:
		if !m.look.gateways[f.Dst] {
			return
		}
	}
	m.look.want(m.at.mono)
}

// want asks for dumps of tables once the kernel is quiet.
func (m *mirror) want(set tableSet) {
	for ; set != 0; set &= set - 1 {
		a := &m.agendas[set.first()]
		if !a.wanted {
			a.wanted, a.first = true, m.at.mono
		}
		a.last, a.audit = m.at.mono, false
	}
}

// wantNow asks for dumps of tables at once.
func (m *mirror) wantNow(set tableSet) {
	m.want(set)
	for ; set != 0; set &= set - 1 {
		m.agendas[set.first()].urgent = true
	}
}
