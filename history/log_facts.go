package history

import (
	"fmt"
	"strconv"
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor"
)

// link tells what changed about an interface.
func (l *log) link(i Item, op monitor.Op, f *monitor.Link) {
	old, name := l.links[f.Index], f.Name.Display()
	if op == monitor.Delete {
		delete(l.links, f.Index)
		i.Severity = LevelWaiting
		l.tell(i, MarkDown, "link", name+" removed")
		return
	}
	l.links[f.Index] = f
	if old == nil {
		l.tell(i, MarkUp, "link", name+" appeared")
		return
	}
	if old.Name != f.Name {
		l.tell(i, MarkNote, "link", old.Name.Display()+" renamed to "+name)
	}
	l.linkUp(i, old, f, name)
	if old.MTU != f.MTU {
		l.tell(i, MarkNote, "link", fmt.Sprintf("%s mtu %d → %d", name, old.MTU, f.MTU))
	}
	if old.Master != f.Master {
		text := name + " left " + l.name(nil, old.Master)
		if f.Master != 0 {
			text = name + " joined " + l.name(nil, f.Master)
		}
		l.tell(i, MarkNote, "link", text)
	}
}

// linkUp tells the lowest layer that changed: radio, admin, carrier.
func (l *log) linkUp(i Item, old, f *monitor.Link, name string) {
	up, down := i, i
	up.Severity, down.Severity = LevelGood, LevelWaiting
	switch {
	case !old.RadioOff && f.RadioOff:
		l.tell(down, MarkDown, "radio", name+" radio off")
	case old.RadioOff && !f.RadioOff:
		l.tell(up, MarkUp, "radio", name+" radio on")
	case old.Up() && !f.Up():
		l.tell(down, MarkDown, "link", name+" set down")
	case !old.Up() && f.Up():
		l.tell(up, MarkUp, "link", name+" set up"+carrierWord(f))
	case old.Carrier() && !f.Carrier():
		l.tell(down, MarkDown, "link", name+" carrier lost")
	case !old.Carrier() && f.Carrier():
		l.tell(up, MarkUp, "link", name+" carrier")
	case f.CarrierChanges > old.CarrierChanges+1:
		l.tell(down, MarkDown, "link", fmt.Sprintf("%s carrier changed %d times unseen", name, f.CarrierChanges-old.CarrierChanges))
	}
}

func carrierWord(f *monitor.Link) string {
	if f.Carrier() {
		return ", carrier"
	}
	return ""
}

// address tells of addresses that can reach beyond the link; lifetimes that
// are renewed tell nothing.
func (l *log) address(i Item, op monitor.Op, f *monitor.Address, name string) {
	text := f.Local.String() + "/" + strconv.Itoa(int(f.PrefixLen))
	was, known := l.addresses[f.Key()]
	if op == monitor.Delete {
		delete(l.addresses, f.Key())
		if was {
			i.Severity = LevelWaiting
			l.tell(i, MarkAddress, "addr", name+" -"+text)
		}
		return
	}
	usable := f.Usable()
	l.addresses[f.Key()] = usable
	switch {
	case usable && !was:
		i.Severity = LevelGood
		l.tell(i, MarkAddress, "addr", name+" +"+text)
	case f.Flags&monitor.AddrDADFailed != 0 && (was || !known):
		i.Severity = LevelBad
		l.tell(i, MarkAddress, "addr", name+" "+text+" is taken by another host (duplicate address)")
	}
}

// route tells of default routes, and of halves of everything, which VPNs use
// in their place.
func (l *log) route(i Item, op monitor.Op, f *monitor.Route, name func(int) string) {
	if f.Dst.Bits() > 1 || f.Table == 255 || f.Type == monitor.RouteLocal || f.Type == monitor.RouteBroadcast {
		return
	}
	text := routeText(f, name)
	if op == monitor.Delete {
		if l.defaults[text] {
			delete(l.defaults, text)
			i.Severity = LevelWaiting
			l.tell(i, MarkRoute, "route", text+" removed")
		}
		return
	}
	if !l.defaults[text] {
		l.defaults[text] = true
		i.Severity = LevelGood
		l.tell(i, MarkRoute, "route", text)
	}
}

// routeText returns the route in ip(8)'s words.
func routeText(f *monitor.Route, name func(int) string) string {
	short := *f
	short.Metric = 0
	var text strings.Builder
	text.WriteString(short.Text().Display())
	if f.Family == monitor.IPv6 && f.Default() && !f.Gateway.IsValid() {
		text.WriteString(" (ipv6)")
	}
	for _, leg := range f.Nexthops {
		if leg.Gateway.IsValid() {
			text.WriteString(" via " + leg.Gateway.String())
		}
		text.WriteString(" dev " + name(leg.Index))
	}
	if f.Index != 0 {
		text.WriteString(" dev " + name(f.Index))
	}
	if f.Metric != 0 {
		text.WriteString(" metric " + strconv.FormatUint(uint64(f.Metric), 10))
	}
	if f.Table != 254 {
		text.WriteString(" table " + strconv.FormatUint(uint64(f.Table), 10))
	}
	return text.String()
}

func (l *log) rule(i Item, op monitor.Op, f *monitor.Rule) {
	text := fmt.Sprintf("rule %d", f.Priority)
	if f.Family == monitor.IPv6 {
		text += " (ipv6)"
	}
	if f.Action == monitor.RuleToTable {
		text += fmt.Sprintf(" to table %d", f.Table)
	} else {
		text += " " + f.Action.String()
	}
	if op == monitor.Delete {
		text += " removed"
	}
	l.tell(i, MarkRoute, "rule", text)
}

// resolver tells of another list of servers.
func (l *log) resolver(i Item, op monitor.Op, f *monitor.Resolvers) {
	var servers []string
	for _, s := range f.Servers {
		servers = append(servers, s.Addr.String())
	}
	text := strings.Join(servers, ", ")
	switch {
	case op == monitor.Delete:
		text = "gone"
	case f.Err != "":
		text = "cannot be read: " + f.Err.Display()
	case text == "":
		text = "no servers"
	}
	old, known := l.resolvers[f.Source]
	l.resolvers[f.Source] = text
	if known && old != text {
		l.tell(i, MarkRoute, "dns", monitor.Untrusted(f.Source).Display()+": "+text)
	}
}

func (l *log) wifi(i Item, op monitor.Op, f *monitor.Wifi, name string) {
	if op == monitor.Delete {
		return
	}
	text := name + " " + f.Event.Display()
	if f.SSID != "" {
		text += " " + f.SSID.Display()
	}
	if f.Reason != 0 {
		text += fmt.Sprintf(", reason %d", f.Reason)
	}
	if f.ByAP {
		text += ", by the access point"
	}
	m := MarkDown
	i.Severity = LevelWaiting
	if f.Event == "associated" || f.Event == "roamed" {
		m, i.Severity = MarkUp, LevelGood
	}
	l.tell(i, m, "wifi", text)
}

// probe tells when a target stops answering, and when it answers again.
func (l *log) probe(i Item, r *monitor.ProbeResult, t *monitor.Target) {
	name := t.Name.Display()
	fail := l.failing[r.Target]
	switch {
	case r.Outcome.Lost():
		if fail == nil {
			fail = &failing{since: r.Sent}
			l.failing[r.Target] = fail
		}
		if fail.count++; fail.count == tellAfter {
			fail.told = true
			i.Severity = LevelDegraded
			text := name + " " + text.Words(r.Outcome)
			if r.Detail != "" {
				text += " (" + r.Detail.Display() + ")"
			}
			l.tell(i, MarkProbe, string(t.Method), text+" ×"+strconv.Itoa(tellAfter))
		}
	case r.Outcome == monitor.OutcomeNoData:
	case fail != nil:
		delete(l.failing, r.Target)
		if fail.told {
			i.Severity = LevelGood
			l.tell(i, MarkRecovery, string(t.Method), fmt.Sprintf("%s answers again (%s) after %s",
				name, text.Duration(r.RTT), text.Duration(i.Mono-fail.since)))
		}
	}
}

func (l *log) notice(i Item, op monitor.Op, f *monitor.Notice) {
	if op == monitor.Delete {
		return
	}
	i.Mark, i.Kind, i.Text = MarkNote, "note", f.Text.Display()
	l.add(i)
}
