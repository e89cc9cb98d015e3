//go:build linux

package kernel

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// This file compares tables with what ip(8) prints of the kernel's. Both are
// turned into sorted lines of text, one a row. Documented blind spots:
//
//   - ip hides NOARP neighbours and cloned routes; the mirror has neither;
//   - a neighbour's passage between reachable, stale, delay and probe is partly
//     silent, and a matter of seconds: the lines say "valid" for all of them;
//   - IPv6 routes whose life is over stay in the kernel's table until it
//     collects them, unused: lines leave them out;
//   - ip does not print rule selectors that are younger than itself;
//   - "M-DOWN" is ip's own word for a link whose parent is down;
//   - ip prints a random link-layer address where there is none.

// lines are rows of tables, as text.
type lines []string

func (l lines) sorted() lines { sort.Strings(l); return l }

func (l *lines) add(format string, args ...any) { *l = append(*l, fmt.Sprintf(format, args...)) }

// words sorts and joins flags.
func words(s []string) string {
	s = slices.Clone(s)
	sort.Strings(s)
	return strings.Join(s, ",")
}

type ipLink struct {
	Ifindex, Mtu, Txqlen                      int
	LinkIndex                                 int `json:"link_index"`
	Link                                      string
	Ifname, Master, Operstate, Group, Address string
	Ifalias, Linkmode                         string
	Flags, Altnames                           []string
	Linkinfo                                  struct {
		InfoKind      string `json:"info_kind"`
		InfoSlaveKind string `json:"info_slave_kind"`
	}
	AddrInfo []ipAddr `json:"addr_info"`
}

type ipAddr struct {
	Family, Local, Address, Broadcast, Scope, Label string
	Prefixlen, Metric                               int
	Tentative, Dadfailed, Deprecated, Nodad         bool
	Secondary, Temporary, Noprefixroute, Dynamic    bool
}

type ipRoute struct {
	Type, Dst, From, Gateway, Dev, Table, Protocol, Scope, Prefsrc, Tos string
	Via                                                                 struct{ Host string }
	Metric, Nhid                                                        int
	Expires                                                             *int
	Pref                                                                string
	Flags                                                               []string
	Metrics                                                             []struct{ Mtu int }
	Nexthops                                                            []struct {
		Gateway, Dev string
		Via          struct{ Host string }
		Weight       int
		Flags        []string
	}
}

// show decodes the answer of an ip command.
func show[T any](t testing.TB, ns *netlab.Namespace, args string) []T {
	t.Helper()
	var v []T
	if out := ns.IP(t, "-j "+args); strings.TrimSpace(out) != "" {
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("ip -j %s: %v in %s", args, err, out)
		}
	}
	return v
}

// kernelLines asks ip for all tables.
func kernelLines(t testing.TB, ns *netlab.Namespace) lines {
	var l lines
	for _, r := range show[ipLink](t, ns, "-d -N link show") {
		parent := r.Link
		if r.LinkIndex != 0 {
			parent = strconv.Itoa(r.LinkIndex)
		}
		l.add("link %d@%s %s %s mtu %d %s %s master %s group %s txqlen %d alias %s altnames %s kind %s %s mode %s",
			r.Ifindex, parent, r.Ifname, words(slices.DeleteFunc(r.Flags, func(f string) bool { return f == "M-DOWN" })), r.Mtu, r.Operstate, r.Address, r.Master, r.Group,
			r.Txqlen, r.Ifalias, words(r.Altnames), r.Linkinfo.InfoKind, r.Linkinfo.InfoSlaveKind, r.Linkmode)
	}
	for _, r := range show[ipLink](t, ns, "addr show") {
		for _, a := range r.AddrInfo {
			l.add("addr %s %s/%d peer %s brd %s scope %s label %s metric %d %s", r.Ifname, a.Local,
				a.Prefixlen, a.Address, a.Broadcast, a.Scope, a.Label, a.Metric, words(a.flags()))
		}
	}
	for _, f := range []string{"-4", "-6"} {
		for _, r := range show[ipRoute](t, ns, f+" -d -N route show table all") {
			if r.Expires == nil || *r.Expires > 0 {
				l = append(l, r.line(f))
			}
		}
		for _, r := range show[map[string]any](t, ns, f+" -N rule show") {
			l = append(l, ruleLine(f, r))
		}
	}
	for _, n := range show[map[string]any](t, ns, "neigh show") {
		l.add("neigh %v %v %v %s router %v", n["dev"], n["dst"], hardware48(text(n["lladdr"])), nud(text(n["state"])), has(n, "router"))
	}
	for _, n := range show[map[string]any](t, ns, "-N nexthop show") {
		var group []string
		if g, ok := n["group"].([]any); ok {
			for _, m := range g {
				m := m.(map[string]any)
				weight := 1.0
				if w, ok := m["weight"].(float64); ok {
					weight = w
				}
				group = append(group, fmt.Sprintf("%v/%v", m["id"], weight))
			}
		}
		l.add("nexthop %v via %s dev %s blackhole %v group %s flags %s", n["id"], text(n["gateway"]), text(n["dev"]),
			has(n, "blackhole"), strings.Join(group, ","), strings.ToLower(text(n["flags"])))
	}
	return l.sorted()
}

func (a ipAddr) flags() []string {
	var f []string
	for name, on := range map[string]bool{
		"tentative": a.Tentative, "dadfailed": a.Dadfailed, "deprecated": a.Deprecated, "nodad": a.Nodad,
		"secondary": a.Secondary || a.Temporary, "noprefixroute": a.Noprefixroute, "dynamic": a.Dynamic,
	} {
		if on {
			f = append(f, name)
		}
	}
	return f
}

func (r ipRoute) line(f string) string {
	gateway := func(a, via string) string {
		if via != "" {
			return via
		}
		return a
	}
	mtu := 0
	if len(r.Metrics) > 0 {
		mtu = r.Metrics[0].Mtu
	}
	var legs []string
	for _, n := range r.Nexthops {
		legs = append(legs, fmt.Sprintf("%s/%s/%d/%s", gateway(n.Gateway, n.Via.Host), n.Dev, n.Weight, words(n.Flags)))
	}
	dst := r.Dst
	switch {
	case dst == "default" && f == "-4":
		dst = "0.0.0.0/0"
	case dst == "default":
		dst = "::/0"
	case !strings.Contains(dst, "/"):
		a := netip.MustParseAddr(dst)
		dst = netip.PrefixFrom(a, a.BitLen()).String()
	}
	scope := r.Scope
	if f == "-6" {
		scope = "0"
	}
	return fmt.Sprintf("route %s table %s type %s %s from %s tos %s metric %d via %s dev %s src %s proto %s scope %s %s nhid %d mtu %d [%s]",
		f, r.Table, r.Type, dst, r.From, r.Tos, r.Metric, gateway(r.Gateway, r.Via.Host), r.Dev, r.Prefsrc,
		r.Protocol, scope, words(r.Flags), r.Nhid, mtu, words(legs))
}

func has(m map[string]any, key string) bool { _, ok := m[key]; return ok }

// text returns a JSON value as a word.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var s []string
		for _, e := range v {
			s = append(s, text(e))
		}
		return words(s)
	}
	return fmt.Sprint(v)
}

// hardware48 returns a link-layer address of six bytes. Of an interface that has
// none, a tun, ip prints what its buffer held.
func hardware48(s string) string {
	if len(s) != len("00:00:00:00:00:00") {
		return ""
	}
	return s
}

func nud(s string) string {
	switch s {
	case "REACHABLE", "STALE", "DELAY", "PROBE":
		return "valid"
	}
	return s
}

// ruleLine lists the keys of a rule but for those that say nothing.
func ruleLine(f string, r map[string]any) string {
	var s []string
	for k, v := range r {
		w := text(v)
		switch k {
		case "fwmask", "tos", "fwmark", "not", "iif_detached", "oif_detached", "unresolved":
		case "protocol":
			continue
		case "src", "dst":
			if w == "all" {
				continue
			}
		}
		s = append(s, k+"="+w)
	}
	return "rule " + f + " " + words(s)
}

// mirrorLines prints tables the same way.
func mirrorLines(tb *state.Tables) lines {
	var l lines
	name := func(i int) string { return string(tb.Name(i)) }
	for _, r := range tb.Links {
		mode := "DEFAULT"
		if r.LinkMode == 1 {
			mode = "DORMANT"
		}
		var alt []string
		for _, a := range r.AltNames {
			alt = append(alt, string(a))
		}
		parent := name(r.Parent)
		if r.Parent != 0 && parent == "" || r.ParentElsewhere {
			parent = strconv.Itoa(r.Parent)
		}
		l.add("link %d@%s %s %s mtu %d %s %s master %s group %d txqlen %d alias %s altnames %s kind %s %s mode %s",
			r.Index, parent, r.Name, words(linkFlags(r)), r.MTU, r.OperState, r.Address, name(r.Master), r.Group,
			r.TxQueueLen, r.Alias, words(alt), r.LinkKind, r.SlaveKind, mode)
	}
	for _, a := range tb.Addresses {
		l.add("addr %s %s/%d peer %s brd %s scope %s label %s metric %d %s", name(a.Index), a.Local, a.PrefixLen,
			addr(a.Peer), addr(a.Broadcast), a.Scope, a.Label, a.Metric, words(addrFlags(a)))
	}
	for r := range tb.Routes.All() {
		l = append(l, routeLine(r, name))
	}
	for _, r := range tb.Rules {
		l = append(l, mirrorRule(r))
	}
	for _, n := range tb.Neighbours {
		l.add("neigh %s %s %s %s router %v", name(n.Index), n.Dst, n.LLAddr, nud(n.State.String()), n.Router)
	}
	for _, n := range tb.Nexthops {
		var group []string
		for _, m := range n.Group {
			group = append(group, fmt.Sprintf("%d/%d", m.ID, m.Weight))
		}
		l.add("nexthop %d via %s dev %s blackhole %v group %s flags %s", n.ID, addr(n.Gateway), name(n.Index),
			n.Blackhole, strings.Join(group, ","), words(names(n.Flags)))
	}
	return l.sorted()
}

// names returns the words of a set of flags, by their JSON form.
func names(v any) []string {
	var s []string
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		panic(err)
	}
	return s
}

// linkFlags adds what ip adds, and leaves out what it does.
func linkFlags(l *fact.Link) []string {
	f := names(l.Flags &^ fact.FlagRunning)
	if l.Up() && l.Flags&fact.FlagRunning == 0 {
		f = append(f, "NO-CARRIER")
	}
	return f
}

func addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func addrFlags(a *fact.Address) []string {
	var f []string
	for _, s := range names(a.Flags &^ fact.AddrPermanent) {
		if slices.Contains([]string{"tentative", "dadfailed", "deprecated", "nodad", "secondary", "noprefixroute"}, s) {
			f = append(f, s)
		}
	}
	if a.Flags&fact.AddrPermanent == 0 {
		f = append(f, "dynamic")
	}
	return f
}

func routeLine(r *fact.Route, name func(int) string) string {
	var legs []string
	for _, n := range r.Nexthops {
		legs = append(legs, fmt.Sprintf("%s/%s/%d/%s", addr(n.Gateway), name(n.Index), n.Weight, words(names(n.Flags))))
	}
	f, from, tos := "-4", "", ""
	if r.Family == fact.IPv6 {
		f = "-6"
	}
	if r.Src.IsValid() {
		from = r.Src.String()
	}
	if r.TOS != 0 {
		tos = fmt.Sprintf("0x%02x", r.TOS)
	}
	return fmt.Sprintf("route %s table %d type %d %s from %s tos %s metric %d via %s dev %s src %s proto %d scope %d %s nhid %d mtu %d [%s]",
		f, r.Table, r.Type, r.Dst, from, tos, r.Metric, addr(r.Gateway), name(r.Index), addr(r.PrefSrc),
		r.Protocol, r.Scope, words(names(r.Flags)), r.NexthopID, r.MTU, words(legs))
}

func mirrorRule(r *fact.Rule) string {
	f := "-4"
	if r.Family == fact.IPv6 {
		f = "-6"
	}
	s := []string{fmt.Sprintf("priority=%d", r.Priority)}
	add := func(on bool, format string, args ...any) {
		if on {
			s = append(s, fmt.Sprintf(format, args...))
		}
	}
	add(r.Not, "not=")
	for k, p := range map[string]netip.Prefix{"src": r.Src, "dst": r.Dst} {
		add(p.IsValid(), "%s=%s", k, p.Addr())
		add(p.IsValid() && p.Bits() != p.Addr().BitLen(), "%slen=%d", k, p.Bits())
	}
	add(r.TOS != 0, "tos=0x%02x", r.TOS)
	add(r.FwMark != 0 || r.FwMask != 0, "fwmark=0x%x", r.FwMark)
	add(r.FwMask != 0 && r.FwMask != 0xffffffff, "fwmask=0x%x", r.FwMask)
	add(r.IIF != "", "iif=%s", r.IIF)
	add(r.OIF != "", "oif=%s", r.OIF)
	for _, n := range names(r.Flags) {
		add(n != "permanent", "%s=", n)
	}
	add(r.HasUID, "uid_start=%d,uid_end=%d", r.UIDRange[0], r.UIDRange[1])
	add(r.IPProto != 0, "ipproto=ipproto-%d", r.IPProto)
	for k, p := range map[string][2]uint16{"sport": r.SourcePorts, "dport": r.DestPorts} {
		add(p[0] != 0 && p[0] == p[1], "%s=%d", k, p[0])
		add(p[0] != p[1], "%s_start=%d", k, p[0])
		add(p[0] != p[1], "%s_end=%d", k, p[1])
	}
	switch r.Action {
	case fact.RuleToTable:
		add(true, "table=%d", r.Table)
	case fact.RuleGoto:
		add(true, "goto=%d", r.Goto)
	case fact.RuleNop:
		add(true, "nop=")
	default:
		add(true, "action=%d", r.Action)
	}
	add(r.SuppressPrefixLen >= 0, "suppress_prefixlen=%d", r.SuppressPrefixLen)
	return "rule " + f + " " + words(s)
}

// difference returns the lines that only one of both has, marked "-" for those
// that the kernel has and the mirror has not, "+" for the others.
func difference(kernel, mirror lines) []string {
	count := map[string]int{}
	for _, l := range kernel {
		count[l]++
	}
	for _, l := range mirror {
		count[l]--
	}
	var d []string
	for l, n := range count {
		for ; n > 0; n-- {
			d = append(d, "- "+l)
		}
		for ; n < 0; n++ {
			d = append(d, "+ "+l)
		}
	}
	slices.SortFunc(d, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return d
}
