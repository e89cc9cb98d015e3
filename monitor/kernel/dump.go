//go:build linux

package kernel

import (
	"encoding/binary"
	"maps"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// A dump is the one that is under way: the kernel allows one per socket.
//
// It is applied as it comes, and what it did not confirm is swept at its end.
// Notifications between its parts are in the order of the kernel's changes,
// because they come through the same socket; so a row is confirmed by either.
type dump struct {
	table table
	seq   uint32
	began time.Duration
	// heard is when the last part came.
	heard time.Duration
	// seen are the rows that were confirmed so far.
	seen map[fact.Fact]struct{}
	// items counts rows, parts counts datagrams; fresh marks the first message
	// of a datagram.
	items, parts int
	fresh        bool
	// interrupted is whether the kernel said that the dump is inconsistent.
	interrupted bool
	// dirty is whether the table must be dumped once more.
	dirty bool
	// audit is whether only an audit wanted it; changes counts what it found
	// different while applying.
	audit    bool
	applying bool
	changes  int
	// staged are routes of the first dump that are not applied yet.
	staged []*fact.Route
	// earlier is what the last of several unequal dumps confirmed.
	earlier map[fact.Fact]struct{}
}

// How much of the time may go into dumping a table of more than a few rows
// again and again, as the reciprocal; see budget for all tables together.
const (
	dumpShare    = 10
	dumpSmall    = 1000
	dumpPatience = 3 * time.Second
)

// startDump begins the next dump that is due, and returns when the next one
// will be due otherwise; 0 is never.
func (m *mirror) startDump() time.Duration {
	if m.dump != nil {
		return m.dump.heard + dumpPatience
	}
	next, chosen := time.Duration(0), numTables
	for t := range numTables {
		a := &m.agendas[t]
		if !a.wanted {
			continue
		}
		due := a.due()
		if !a.urgent {
			due = max(due, m.dumps.due(dumpCredit))
		}
		switch {
		case due > m.at.mono:
			next = sooner(next, due)
		case chosen == numTables || a.first < m.agendas[chosen].first:
			// Who waits longest comes first, or a storm would leave nothing to
			// the last tables.
			chosen = t
		}
	}
	if chosen == numTables {
		return next
	}
	a := &m.agendas[chosen]
	m.request(chosen, a.audit, nil)
	a.wanted, a.urgent, a.audit = false, false, false
	return m.dump.heard + dumpPatience
}

// request asks for a dump of t. A question for one link goes ahead: it takes
// the lock that every change holds until it is finished, so that the dump can't
// see rows which a change that was already announced is about to remove.
func (m *mirror) request(t table, audit bool, earlier map[fact.Fact]struct{}) {
	m.askLink(1)
	m.seq++
	spec := &tables[t]
	// Strict checking refuses anything in the fixed part that is no filter but
	// the family.
	body := make([]byte, spec.rows.size)
	body[0] = spec.family
	start := m.out.Begin(spec.rows.base+getType, unix.NLM_F_DUMP, m.seq, body...)
	if t == links {
		m.out.Attr32(unix.IFLA_EXT_MASK, extFilterSkipStats)
	}
	m.out.End(start)
	m.dump = &dump{
		table: t, seq: m.seq, began: m.at.mono, heard: m.at.mono, audit: audit,
		seen: map[fact.Fact]struct{}{}, earlier: earlier,
	}
}

// askLink asks for one link.
func (m *mirror) askLink(index int) { m.ask(index, extFilterSkipStats) }

// ask asks for one link, without what the filter leaves out.
func (m *mirror) ask(index int, filter uint32) {
	m.seq++
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	start := m.out.Begin(unix.RTM_GETLINK, 0, m.seq, body...)
	m.out.Attr32(unix.IFLA_EXT_MASK, filter)
	m.out.End(start)
}

// dumpMessage takes one message of the dump under way.
func (m *mirror) dumpMessage(h *nlwire.Message) {
	d := m.dump
	d.heard = m.at.mono
	if d.fresh {
		d.parts++
		d.fresh = false
	}
	if h.Flags&unix.NLM_F_DUMP_INTR != 0 {
		d.interrupted = true
	}
	switch h.Type {
	case unix.NLMSG_DONE, unix.NLMSG_ERROR:
		m.endDump(h.Errno())
		return
	}
	d.items++
	d.applying = true
	if err := tables[d.table].rows.item(m, h.Body); err != nil {
		m.flaw(err)
	}
	d.applying = false
}

// via returns how what the dump under way finds came to be known.
func (m *mirror) via() fact.Via {
	if m.dump != nil && m.dump.audit {
		return fact.ViaAudit
	}
	return fact.ViaDump
}

// endDump judges a dump that ended, and sweeps or repeats it.
func (m *mirror) endDump(errno unix.Errno) {
	d := m.dump
	a := &m.agendas[d.table]
	m.dumped++
	m.dumps.spend(m.at.mono, restOf(d.items))
	d.applying = true
	m.unstage(d)
	d.applying = false
	switch {
	case errno == unix.EAFNOSUPPORT || errno == unix.EOPNOTSUPP || errno == unix.EPROTONOSUPPORT:
		// A kernel without the family or the feature: an empty table.
	case errno == unix.EINTR || errno == unix.EAGAIN || errno == unix.EBUSY || d.interrupted:
		m.dump = nil
		m.again(d)
		return
	case errno != 0:
		// Told, and tried again by the audit; the rest must not wait for it.
		m.flaw(&dumpError{d.table, errno})
		m.dump, a.synced = nil, true
		return
	case d.parts > 1 && d.table.isRules() && !maps.Equal(d.seen, d.earlier):
		// The kernel walks the rules by number: a change between two parts can
		// hide or repeat a row, and is not flagged.
		m.dump = nil
		m.request(d.table, d.audit, d.seen)
		return
	}
	m.sweep(d)
	m.countRoutes(d)
	m.dump = nil
	a.synced = true
	if d.items > dumpSmall {
		a.notBefore = m.at.mono + dumpShare*(m.at.mono-d.began)
	}
	if d.dirty {
		m.want(1 << d.table)
	}
	m.audit.count(d)
	m.resync.count(d)
}

func (t table) isRules() bool { return t == rules4 || t == rules6 }

// again wants the table of an inconsistent dump once more, after a moment.
func (m *mirror) again(d *dump) {
	a := &m.agendas[d.table]
	a.wanted, a.audit = true, d.audit
	a.first, a.last = m.at.mono, m.at.mono
	if d.items > dumpSmall {
		a.notBefore = m.at.mono + m.at.mono - d.began
	}
}

// sweep removes the rows that a complete dump did not confirm.
func (m *mirror) sweep(d *dump) {
	var gone []fact.Fact
	tables[d.table].rows.each(m.s.Tables, fact.Family(tables[d.table].family), func(f fact.Fact) {
		if _, ok := d.seen[f]; !ok {
			gone = append(gone, f)
		}
	})
	d.applying = true
	for _, f := range gone {
		if l, ok := f.(*fact.Link); ok {
			m.delLink(l.Index, m.via())
			continue
		}
		via := m.via()
		if expired(f, m.at.mono) {
			via = fact.ViaExpired
		}
		m.remove(d.table, via, f)
	}
	d.applying = false
}

// sooner returns the earlier of two deadlines, of which 0 is never.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
