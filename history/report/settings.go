package report

import (
	"fmt"

	"flapscope/monitor/fact"
)

// settings say which addresses and routes the kernel lets an interface have, in the
// words of sysctl(8): what is off as it is by default is left out.
func (c *Collector) settings(l *fact.Link) (out []fact.Untrusted) {
	add := func(on bool, format string, args ...any) {
		if on {
			out = append(out, fact.Untrusted(fmt.Sprintf(format, args...)))
		}
	}
	const all = -1
	var own, of fact.Netconf
	for index, into := range map[int]*fact.Netconf{l.Index: &own, all: &of} {
		if n := c.netconfs[fact.NetconfKey{Family: fact.IPv4, Index: index}]; n != nil {
			*into = *n
		}
	}
	add(own.Forwarding, "IPv4 forwarding")
	// As the kernel takes them: what holds for all is added, or is greater.
	filter := max(own.RPFilter, of.RPFilter)
	add(filter != 0, "rp_filter %d", filter)
	linkdown := own.IgnoreRoutesWithLinkdown || of.IgnoreRoutesWithLinkdown
	if n := c.netconfs[fact.NetconfKey{Family: fact.IPv6, Index: l.Index}]; n != nil {
		add(n.Forwarding, "IPv6 forwarding")
		linkdown = linkdown || n.IgnoreRoutesWithLinkdown
	}
	add(linkdown, "ignore_routes_with_linkdown")
	if s := l.IPv6; s != nil {
		add(s.Disabled, "disable_ipv6")
		add(!s.Disabled, "accept_ra %d", s.AcceptRA)
		add(!s.Disabled, "use_tempaddr %d", s.UseTempaddr)
	}
	return out
}

// keepNetconf keeps the newest settings of an interface.
func (c *Collector) keepNetconf(n *fact.Netconf) {
	if c.netconfs[n.Key()] != nil || len(c.netconfs) < keepNetconfs {
		c.netconfs[n.Key()] = n
	}
}
