//go:build linux

package kernel

import (
	"fmt"
	"net/netip"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// What this package and jsimonetti/rtnetlink decode both, in the same words.

func linkWords(l *fact.Link) string {
	return fmt.Sprintf("%d %s type %d flags %x mtu %d oper %d addr %s master %d changes %d kind %s group %d qlen %d alias %q",
		l.Index, l.Name, l.Hardware, uint32(l.Flags), l.MTU, l.OperState, l.Address, l.Master, l.CarrierChanges, l.LinkKind, l.Group, l.TxQueueLen, string(l.Alias))
}

func theirLinkWords(m *rtnetlink.LinkMessage) string {
	a, kind := m.Attributes, ""
	if a.Info != nil {
		kind = a.Info.Kind
	}
	address := ""
	if len(a.Address) > 0 {
		address = a.Address.String()
	}
	return fmt.Sprintf("%d %s type %d flags %x mtu %d oper %d addr %s master %d changes %d kind %s group %d qlen %d alias %q",
		m.Index, a.Name, m.Type, m.Flags, a.MTU, a.OperationalState, address, valueOf(a.Master), valueOf(a.CarrierChanges), kind, valueOf(a.NetDevGroup), valueOf(a.TxQueueLen), valueOf(a.Alias))
}

func decodeAddressNow(b []byte) (*fact.Address, error) { return decodeAddress(b, 0) }

func addressWords(a *fact.Address) string {
	return fmt.Sprintf("%d %s/%d flags %x scope %d brd %v label %s", a.Index, a.Local, a.PrefixLen, uint32(a.Flags), a.Scope, a.Broadcast, a.Label)
}

func theirAddressWords(m *rtnetlink.AddressMessage) string {
	local := ip(m.Attributes.Local)
	if !local.IsValid() {
		local = ip(m.Attributes.Address)
	}
	return fmt.Sprintf("%d %s/%d flags %x scope %d brd %v label %s",
		m.Index, local, m.PrefixLength, m.Attributes.Flags, m.Scope, ip(m.Attributes.Broadcast), m.Attributes.Label)
}

func decodeRouteMessage(b []byte) (*routeMessage, error) {
	m := new(routeMessage)
	_, err := decodeRoute(b, m)
	return m, err
}

func routeWords(m *routeMessage) string {
	words := fmt.Sprintf("%d table %d type %d %v via %v dev %d metric %d proto %d scope %d mtu %d",
		m.Family, m.Table, m.Type, m.Dst, m.Gateway, m.Index, m.Metric, m.Protocol, m.Scope, m.MTU)
	for _, hop := range m.Nexthops {
		words += fmt.Sprintf(" hop %v dev %d weight %d", hop.Gateway, hop.Index, hop.Weight)
	}
	return words
}

func theirRouteWords(m *rtnetlink.RouteMessage) string {
	a, dst := &m.Attributes, ip(m.Attributes.Dst)
	if !dst.IsValid() {
		if dst = netip.IPv4Unspecified(); m.Family == unix.AF_INET6 {
			dst = netip.IPv6Unspecified()
		}
	}
	mtu := uint32(0)
	if a.Metrics != nil {
		mtu = a.Metrics.MTU
	}
	words := fmt.Sprintf("%d table %d type %d %v via %v dev %d metric %d proto %d scope %d mtu %d",
		m.Family, a.Table, m.Type, netip.PrefixFrom(dst, int(m.DstLength)), ip(a.Gateway), a.OutIface, a.Priority, m.Protocol, m.Scope, mtu)
	for _, hop := range a.Multipath {
		words += fmt.Sprintf(" hop %v dev %d weight %d", ip(hop.Gateway), hop.Hop.IfIndex, int(hop.Hop.Hops)+1)
	}
	return words
}

func ruleWords(r *fact.Rule) string {
	return fmt.Sprintf("%d prio %d table %d action %d mark %x iif %s src %v", r.Family, r.Priority, r.Table, r.Action, r.FwMark, r.IIF, r.Src)
}

func theirRuleWords(m *rtnetlink.RuleMessage) string {
	a := m.Attributes
	src := netip.Prefix{}
	if from := ip(valueOf(a.Src)); from.IsValid() {
		src = netip.PrefixFrom(from, int(m.SrcLength))
	}
	return fmt.Sprintf("%d prio %d table %d action %d mark %x iif %s src %v",
		m.Family, valueOf(a.Priority), valueOf(a.Table), m.Action, valueOf(a.FwMark), valueOf(a.IIFName), src)
}

func neighbourWords(n *fact.Neighbour) string {
	return fmt.Sprintf("%d %v lladdr %s state %x", n.Index, n.Dst, n.LLAddr, uint32(n.State))
}

func theirNeighbourWords(m *rtnetlink.NeighMessage) string {
	address := ""
	if len(m.Attributes.LLAddress) > 0 {
		address = m.Attributes.LLAddress.String()
	}
	return fmt.Sprintf("%d %v lladdr %s state %x", m.Index, ip(m.Attributes.Address), address, m.State)
}
