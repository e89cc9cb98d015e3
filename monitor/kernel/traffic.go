//go:build linux

package kernel

import (
	"encoding/binary"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// trafficEvery is how often the counters of the interfaces are read: on the
// second, when the screen draws too.
const trafficEvery = time.Second

// maxCounted is of how many interfaces the counters are read: reading costs the
// kernel some microseconds each, and nobody looks at more.
const maxCounted = 32

// Offsets of the counters in struct rtnl_link_stats64 (linux/if_link.h), all of
// eight bytes.
const (
	statRxPackets = iota * 8
	statTxPackets
	statRxBytes
	statTxBytes
	statRxErrors
	statTxErrors
	statRxDropped
	statTxDropped
	sizeofStats
)

// decodeTraffic decodes the counters in an ifinfomsg with its attributes, or
// returns nil where it has none: then they were not asked for.
func decodeTraffic(b []byte) *fact.Traffic {
	if len(b) < unix.SizeofIfInfomsg {
		return nil
	}
	var t *fact.Traffic
	index := int(int32(binary.NativeEndian.Uint32(b[4:])))
	for a, err := range nlwire.Attributes(b[unix.SizeofIfInfomsg:]) {
		if err != nil {
			return nil
		}
		if a.Type != unix.IFLA_STATS64 || len(a.Value) < sizeofStats {
			continue
		}
		at := func(offset int) uint64 { return binary.NativeEndian.Uint64(a.Value[offset:]) }
		t = &fact.Traffic{
			Index:     index,
			RxPackets: at(statRxPackets), TxPackets: at(statTxPackets), RxBytes: at(statRxBytes), TxBytes: at(statTxBytes),
			RxErrors: at(statRxErrors), TxErrors: at(statTxErrors), RxDropped: at(statRxDropped), TxDropped: at(statTxDropped),
		}
	}
	if index <= 0 {
		return nil
	}
	return t
}

// countTraffic asks for the counters of the interfaces that are up.
func (m *mirror) countTraffic() {
	var up []int
	for index, l := range m.s.Links {
		if l.Up() && l.Flags&fact.FlagLoopback == 0 {
			up = append(up, index)
		}
	}
	slices.Sort(up)
	m.counted.first = m.seq + 1
	for _, index := range up[:min(len(up), maxCounted)] {
		m.ask(index, 0)
	}
	m.counted.last = m.seq
}

// trafficAnswer takes the answer to a question for counters. Others have some,
// too: not every kernel leaves out what it is told to.
func (m *mirror) trafficAnswer(h *nlwire.Message) {
	if h.Seq < m.counted.first || h.Seq > m.counted.last {
		return
	}
	t := decodeTraffic(h.Body)
	if t == nil {
		return
	}
	// In whole microseconds, which the columns of recordings have.
	const step = time.Microsecond
	m.emit(fact.Observation{
		Time: m.at.wall.Add(-(m.at.mono % step)), Mono: m.at.mono / step * step, Op: fact.Put, Via: fact.ViaEvent, Fact: t,
	})
}
