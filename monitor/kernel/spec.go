//go:build linux

package kernel

import (
	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A tableSpec is all there is to know of one table.
type tableSpec struct {
	name   string
	family byte
	// group is the multicast group of its notifications.
	group uint32
	rows  *rowSpec
}

// tables has a row for each table.
var tables = [numTables]tableSpec{
	links:       {"links", unix.AF_UNSPEC, unix.RTNLGRP_LINK, linkRows},
	addresses4:  {"IPv4 addresses", unix.AF_INET, unix.RTNLGRP_IPV4_IFADDR, addressRows},
	addresses6:  {"IPv6 addresses", unix.AF_INET6, unix.RTNLGRP_IPV6_IFADDR, addressRows},
	nexthops:    {"nexthops", unix.AF_UNSPEC, unix.RTNLGRP_NEXTHOP, nexthopRows},
	rules4:      {"IPv4 rules", unix.AF_INET, unix.RTNLGRP_IPV4_RULE, ruleRows},
	rules6:      {"IPv6 rules", unix.AF_INET6, unix.RTNLGRP_IPV6_RULE, ruleRows},
	routes4:     {"IPv4 routes", unix.AF_INET, unix.RTNLGRP_IPV4_ROUTE, routeRows},
	routes6:     {"IPv6 routes", unix.AF_INET6, unix.RTNLGRP_IPV6_ROUTE, routeRows},
	neighbours4: {"IPv4 neighbours", unix.AF_INET, unix.RTNLGRP_NEIGH, neighbourRows},
	neighbours6: {"IPv6 neighbours", unix.AF_INET6, unix.RTNLGRP_NEIGH, neighbourRows},
	netconfs4:   {"IPv4 settings", unix.AF_INET, unix.RTNLGRP_IPV4_NETCONF, netconfRows},
	netconfs6:   {"IPv6 settings", unix.AF_INET6, unix.RTNLGRP_IPV6_NETCONF, netconfRows},
}

// rowTypes is how many message types rtnetlink has for a kind of row: NEW, DEL,
// GET and SET, in this order from a multiple on (linux/rtnetlink.h).
const rowTypes = 4

// getType is the distance of GET from NEW.
const getType = 2

// rowSpecs are the kinds of row by their message types.
var rowSpecs = func() (specs [unix.RTM_MAX/rowTypes + 1]*rowSpec) {
	for t := range tables {
		specs[tables[t].rows.base/rowTypes] = tables[t].rows
	}
	return specs
}()

// rowsOfType returns the kind of row that a NEW or DEL message is about, or nil.
func rowsOfType(typ uint16) *rowSpec {
	if i := int(typ / rowTypes); i < len(rowSpecs) && typ%rowTypes < 2 {
		return rowSpecs[i]
	}
	return nil
}

// A rowSpec is how one kind of row comes from the kernel.
type rowSpec struct {
	// base is the message type that says that a row exists; the next one says
	// that it is no more.
	base uint16
	// size is the length of the fixed part of a message.
	size int
	// each calls fn with every row of a family, or every row where the kind has
	// none. fn may delete the row.
	each func(tb *state.Tables, f fact.Family, fn func(fact.Fact))
	// event applies a notification, item a row of a dump.
	event func(m *mirror, exists bool, h *nlwire.Message) error
	item  func(m *mirror, body []byte) error
}

var (
	linkRows = decoded(
		rowSpec{base: unix.RTM_NEWLINK, size: unix.SizeofIfInfomsg, each: eachRow(
			func(tb *state.Tables) map[int]*fact.Link { return tb.Links }, nil)},
		func(_ *mirror, b []byte) (*fact.Link, error) { return decodeLink(b) },
		(*mirror).linkEvent, (*mirror).putLink)
	addressRows = decoded(
		rowSpec{base: unix.RTM_NEWADDR, size: unix.SizeofIfAddrmsg, each: eachRow(
			func(tb *state.Tables) map[fact.AddressKey]*fact.Address { return tb.Addresses },
			(*fact.Address).Family)},
		func(m *mirror, b []byte) (*fact.Address, error) { return decodeAddress(b, m.at.mono) },
		(*mirror).addressEvent, (*mirror).putAddress)
	nexthopRows = decoded(
		rowSpec{base: rtmNewNexthop, size: sizeofNexthop, each: eachRow(
			func(tb *state.Tables) map[uint32]*fact.Nexthop { return tb.Nexthops }, nil)},
		func(_ *mirror, b []byte) (*fact.Nexthop, error) { return decodeNexthop(b) },
		(*mirror).nexthopEvent, (*mirror).putNexthop)
	ruleRows = decoded(
		rowSpec{base: unix.RTM_NEWRULE, size: sizeofRule, each: eachRow(
			func(tb *state.Tables) map[fact.Rule]*fact.Rule { return tb.Rules },
			func(r *fact.Rule) fact.Family { return r.Family })},
		func(_ *mirror, b []byte) (*fact.Rule, error) { return decodeRule(b) },
		(*mirror).ruleEvent, (*mirror).putRule)
	neighbourRows = decoded(
		rowSpec{base: unix.RTM_NEWNEIGH, size: unix.SizeofNdMsg, each: eachRow(
			func(tb *state.Tables) map[fact.NeighbourKey]*fact.Neighbour { return tb.Neighbours },
			neighbourFamily)},
		func(_ *mirror, b []byte) (*fact.Neighbour, error) { return decodeNeighbour(b) },
		(*mirror).neighbourEvent, (*mirror).putNeighbour)
	netconfRows = decoded(
		rowSpec{base: rtmNewNetconf, size: nlwire.Align(1), each: eachRow(
			func(tb *state.Tables) map[fact.NetconfKey]*fact.Netconf { return tb.Netconfs },
			func(n *fact.Netconf) fact.Family { return n.Family })},
		func(_ *mirror, b []byte) (*netconfMessage, error) { return decodeNetconf(b) },
		(*mirror).netconfEvent, (*mirror).putNetconf)
	// Routes are many: those that are not kept are not decoded at all, and the
	// others without an allocation for what is no route of a table.
	routeRows = &rowSpec{
		base: unix.RTM_NEWROUTE, size: unix.SizeofRtMsg,
		each: func(tb *state.Tables, f fact.Family, fn func(fact.Fact)) {
			for r := range tb.Routes.All() {
				if r.Family == f {
					fn(r)
				}
			}
		},
		event: (*mirror).routeEvent, item: (*mirror).dumpRoute,
	}
)

// decoded completes spec for rows that decode returns, or nil for a message that
// is about none: event applies a notification, put a row that exists.
func decoded[R any](
	spec rowSpec, decode func(*mirror, []byte) (*R, error),
	event func(m *mirror, exists bool, row *R), put func(m *mirror, row *R, via fact.Via),
) *rowSpec {
	spec.event = func(m *mirror, exists bool, h *nlwire.Message) error {
		row, err := decode(m, h.Body)
		if err == nil && row != nil {
			event(m, exists, row)
		}
		return err
	}
	spec.item = func(m *mirror, body []byte) error {
		row, err := decode(m, body)
		if err == nil && row != nil {
			put(m, row, m.via())
		}
		return err
	}
	return &spec
}

// eachRow walks a map of rows; family is nil for a kind that has none.
func eachRow[K comparable, R fact.Fact](
	rows func(*state.Tables) map[K]R, family func(R) fact.Family,
) func(*state.Tables, fact.Family, func(fact.Fact)) {
	return func(tb *state.Tables, f fact.Family, fn func(fact.Fact)) {
		for _, r := range rows(tb) {
			if family == nil || family(r) == f {
				fn(r)
			}
		}
	}
}

// groups returns the multicast groups that the mirror joins, as bits less one:
// those of the tables, and the parts of router advertisements, which change
// routes without a notification of their own.
func groups() (set uint32) {
	for _, g := range [...]uint32{unix.RTNLGRP_IPV6_PREFIX, unix.RTNLGRP_ND_USEROPT} {
		set |= 1 << (g - 1)
	}
	for t := range tables {
		set |= 1 << (tables[t].group - 1)
	}
	return set
}
