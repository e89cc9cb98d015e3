package ui

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// panes returns what stands beside the timeline, the most important first.
func (f *frame) panes(width int) []pane {
	out := []pane{f.nowPane(), f.healthPane()}
	if p := f.noticePane(width); len(p.rows) > 0 {
		out = append(out, p)
	}
	if p := f.wayPane(); len(p.rows) > 0 {
		out = append(out, p)
	}
	out = append(out, f.interfacePane(width), f.sessionPane())
	if p := f.dataPane(); len(p.rows) > 0 {
		out = append(out, p)
	}
	return out
}

// row returns a line of a key and a value.
func (f *frame) row(key, value string, st themes.Style) paneRow {
	return paneRow{key: key, keyStyle: f.Muted, parts: spans{{value, st}}}
}

// nowPane describes the path at the cursor.
func (f *frame) nowPane() pane {
	p := pane{title: "NOW", least: 4}
	if !f.live {
		p.title = "AT " + f.clock(f.atTime, "15:04:05")
	}
	path := f.path()
	if path == nil {
		p.rows = []paneRow{f.row("path", f.unknown(), f.Muted)}
		return p
	}
	status := f.row("path", pathText(path), f.statusStyle(path.Status))
	if path.MTU > 0 {
		status.right = f.muted("mtu " + strconv.FormatUint(uint64(path.MTU), 10))
	}
	p.rows = append(p.rows, status)
	via := f.row("via", "–", f.Muted)
	if path.Interface != "" {
		via.parts = spans{{path.Interface.Display(), f.Strong}, {"  " + typeName(path.Type), f.Text}}
	}
	if path.Metric > 0 {
		via.right = f.muted("metric " + strconv.FormatUint(uint64(path.Metric), 10))
	}
	p.rows = append(p.rows, via, f.gatewayRow(path), f.resolverRow(path))
	if ssid := f.ssid(path.Index); ssid != "" {
		p.rows = append(p.rows, f.row("network", ssid, f.Text))
	}
	p.rows = append(p.rows, f.familyRow("ipv4", &path.IPv4), f.familyRow("ipv6", &path.IPv6))
	if t := path.Tunnel; t != nil {
		text := t.Interface.Display() + "  " + string(t.Mode)
		if t.Underlay != "" {
			text += " over " + t.Underlay.Display()
		}
		p.rows = append(p.rows, f.row("tunnel", text, f.Info))
	}
	p.rows = append(p.rows, f.spareRow(), f.costRow(path))
	return p
}

// spareRow names the interface that could carry the path and does not: in green where
// the one in use has trouble. The row is always there, since the panes below it would
// jump at each flap.
func (f *frame) spareRow() paneRow {
	p, st := f.path(), f.Good
	if p.Status == path.Satisfied && (f.snap.Health.State == path.HealthOnline || f.snap.Health.State == path.HealthUnknown) {
		st = f.Muted
	}
	for _, i := range p.Interfaces {
		if i.Candidate && !i.InUse && i.Status == path.Satisfied {
			return f.row("instead", i.Name.Display()+" is ready", st)
		}
	}
	return f.row("instead", "none", f.Dim)
}

// muted returns words for the right end of a row, or nothing.
func (k look) muted(said string) spans {
	if said == "" {
		return nil
	}
	return spans{{said, k.Muted}}
}

// gatewayRow shows the next hop and how fast it answers.
func (f *frame) gatewayRow(p *path.Path) paneRow {
	gateway := gatewayOf(p)
	if !gateway.IsValid() {
		return f.row("gateway", "–", f.Muted)
	}
	r := f.row("gateway", gateway.String(), f.Text)
	r.right = f.muted(f.lastAnswer(fact.RoleGateway, gateway))
	return r
}

// resolverRow shows the first name server and how fast it answers.
func (f *frame) resolverRow(p *path.Path) paneRow {
	if len(p.Resolvers) == 0 {
		return f.row("dns", "none configured", f.Bad)
	}
	text := p.Resolvers[0].String()
	if n := len(p.Resolvers) - 1; n > 0 {
		text += " +" + num(int64(n))
	}
	r := f.row("dns", text, f.Text)
	r.right = f.muted(f.lastAnswer(fact.RoleResolver, p.Resolvers[0]))
	return r
}

// lastAnswer returns the last round trip of a target by its role and address,
// what went wrong, how long ago it was asked when it is no longer, or "".
func (f *frame) lastAnswer(role fact.Role, addr netip.Addr) string {
	for _, t := range f.targets {
		if t.Role != role || t.Addr.WithZone("") != addr.WithZone("") || t.last == nil {
			continue
		}
		switch {
		case t.state == targetIdle:
			return brief(t.age) + " ago"
		case t.last.Outcome == fact.OutcomeOK:
			return millis(t.last.RTT) + " ms"
		}
		return lastText(t, 0)
	}
	return ""
}

// ssid returns the name of the network of an interface, if it has one.
func (f *frame) ssid(index int) string {
	if w := f.snap.Wifi[index]; w != nil {
		return w.SSID.Display()
	}
	return ""
}

// familyRow shows the source address of a family, or why there is none.
func (f *frame) familyRow(key string, p *path.FamilyPath) paneRow {
	if p.Status != path.Satisfied {
		st := f.Dim
		if p.Reason == path.ReasonDADFailed || p.Reason == path.ReasonRouteBlocked {
			st = f.Warn
		}
		why := text.Words(p.Reason)
		if why == "" {
			why = text.Words(p.Status)
		}
		return f.row(key, why, st)
	}
	return f.row(key, f.withPrefix(p.Source), f.Text)
}

// withPrefix writes an address of the machine with its prefix length.
func (f *frame) withPrefix(addr netip.Addr) string {
	if !addr.IsValid() {
		return "–"
	}
	for _, a := range f.snap.Addresses {
		if a.Local == addr {
			return netip.PrefixFrom(addr.WithZone(""), int(a.PrefixLen)).String()
		}
	}
	return addr.String()
}

// costRow says whether what is sent costs money, or is to be little.
func (f *frame) costRow(p *path.Path) paneRow {
	switch {
	case p.Status != path.Satisfied:
		return f.row("cost", "–", f.Muted)
	case p.Expensive && p.Constrained:
		return f.row("cost", "metered, constrained", f.Warn)
	case p.Expensive:
		return f.row("cost", "metered", f.Warn)
	case p.Constrained:
		return f.row("cost", "constrained", f.Warn)
	}
	return f.row("cost", "not metered", f.Dim)
}

// healthPane tells apart what the probes say.
func (f *frame) healthPane() pane {
	p := pane{title: "HEALTH", least: 2}
	if f.snap == nil {
		p.rows = []paneRow{f.row("state", f.unknown(), f.Muted)}
		return p
	}
	h := f.snap.Health
	p.remark = text.Words(h.State)
	internet := f.verdictRow("internet", h.Internet)
	if h.Internet != "" && h.Internet != state.VerdictUnknown {
		internet.right = spans{{"v4 ", f.Muted}, f.verdictMark(h.IPv4), {"  v6 ", f.Muted}, f.verdictMark(h.IPv6)}
	}
	p.rows = []paneRow{f.verdictRow("gateway", h.Gateway), f.verdictRow("dns", h.DNS), internet, f.portalRow(h.Portal)}
	for i, role := range []fact.Role{fact.RoleGateway, fact.RoleResolver, fact.RoleInternet} {
		f.doubt(&p.rows[i], role)
	}
	// The sentence of an open incident says more, in the form of the other durations.
	if h.Text != "" && len(going(f.incidentsAt())) == 0 {
		p.rows = append(p.rows, paneRow{key: h.Text.Display(), keyStyle: f.Text, optional: true})
	}
	return p
}

// doubt takes back an "ok" while nobody of a role answers: a verdict waits for a
// few losses, and the table of targets shows the first.
func (f *frame) doubt(r *paneRow, role fact.Role) {
	if r.mark != '✓' {
		return
	}
	said := ""
	for _, t := range f.targets {
		switch {
		case t.Role != role || t.state == targetIdle:
		case t.state != targetFails:
			return
		case said == "":
			said = lastText(t, 0)
		}
	}
	if said != "" {
		r.mark, r.markStyle, r.parts = '!', f.Warn, spans{{said, f.Warn}}
	}
}

func (f *frame) verdictRow(key string, v state.Verdict) paneRow {
	mark := f.verdictMark(v)
	r := paneRow{mark: []rune(mark.text)[0], markStyle: mark.style, key: key, keyStyle: f.Muted, at: keyColumn + 1}
	said := text.Words(v)
	switch v {
	case "", state.VerdictUnknown:
		said = "no answer yet"
		if p := f.path(); p == nil || p.Status != path.Satisfied {
			said = "no path to ask over"
		}
	case state.VerdictFiltered:
		said = "ICMP filtered"
	}
	style := mark.style
	if v == state.VerdictOK {
		style = f.Text
	}
	r.parts = spans{{said, style}}
	return r
}

// portalRow says whether a captive portal stands in the way.
func (f *frame) portalRow(v state.Verdict) paneRow {
	r := f.verdictRow("portal", v)
	switch v {
	case state.VerdictOK:
		r.parts[0].text = "none"
	case state.VerdictDown:
		r.parts[0].text = "sign in first"
	case "", state.VerdictUnknown:
		r.parts[0].text = "not checked"
		if slices.ContainsFunc(f.targets, func(t targetRow) bool { return t.Role == fact.RolePortal && t.state == targetFails }) {
			r.parts[0].text = "no answer"
		}
	}
	return r
}

// noticePane lists the features that are degraded, and what to do.
func (f *frame) noticePane(width int) pane {
	p := pane{title: "NOTICE", least: 1}
	for _, n := range f.notices() {
		p.rows = append(p.rows, f.warning(n, width)...)
	}
	return p
}

// warning returns the lines of a text with a mark before it.
func (k look) warning(text string, width int) (rows []paneRow) {
	for i, line := range wrap(text, width-2) {
		r := paneRow{key: "  " + line, keyStyle: k.Text}
		if i == 0 {
			r = paneRow{mark: '!', markStyle: k.Warn, key: line, keyStyle: k.Text}
		}
		rows = append(rows, r)
	}
	return rows
}

// pad fills s with blanks to w columns.
func pad(s string, w int) string { return s + strings.Repeat(" ", max(0, w-grid.Width(s))) }

// sessionPane sums up everything that is known up to the cursor.
func (f *frame) sessionPane() pane {
	p := pane{title: "SESSION", least: 3}
	if f.tl == nil {
		return p
	}
	v := f.availability()
	if v.Observed <= 0 {
		return p
	}
	p.remark = text.Elapsed(v.Observed)
	gauge := func(key string, part float64, st themes.Style) {
		if part == 0 {
			st = f.Dim
		}
		const numberEnd, barAt = 20, 22
		value := percent(part, 2)
		gap := numberEnd - max(len(key)+1, keyColumn) - len(value)
		r := paneRow{key: key, keyStyle: f.Muted, bar: &part, barAt: barAt, barStyle: st}
		r.parts = spans{{strings.Repeat(" ", max(0, gap)) + value, st}}
		p.rows = append(p.rows, r)
	}
	all := float64(v.Observed)
	gauge("satisfied", float64(v.Good)/all, f.Good)
	gauge("degraded", float64(v.Degraded)/all, f.Warn)
	gauge("unsatisfied", float64(v.Bad)/all, f.Bad)
	p.rows = append(p.rows, f.row("path lost", fmt.Sprintf("%8s ×", text.Number(v.Outages)), f.Text))
	if v.Outages > 0 {
		longest := f.row("longest", fmt.Sprintf("%10s", text.Duration(v.Longest)), f.Text)
		longest.optional = true
		p.rows = append(p.rows, longest)
	}
	p.rows = append(p.rows, f.row("failovers", fmt.Sprintf("%10s", text.Number(v.Failovers)), f.Text))
	return p
}

// availability sums up everything until the cursor. The timeline knows it as far
// as the last observation; how the path was then is how it is now.
func (f *frame) availability() stats.Availability {
	bounds := f.tl.Bounds()
	span := timeline.Span{From: bounds.From, To: f.at + 1}
	v := stats.AvailabilityOf(f.tl.Segments(path.ScopeMachine, span, 0), f.tl.Settled(path.ScopeMachine, span), span, f.tl.Settings())
	more := f.at - bounds.To
	s := f.atCursor()
	if !f.live || more <= 0 || s == nil {
		return v
	}
	switch s.Level {
	case timeline.LevelGood, timeline.LevelStandby:
		v.Good += more
	case timeline.LevelDegraded:
		v.Degraded += more
	case timeline.LevelBad, timeline.LevelWaiting:
		v.Bad += more
	default:
		return v
	}
	v.Observed += more
	if v.Outages > 0 && f.snap != nil && f.snap.Settled != path.Satisfied {
		v.Longest = max(v.Longest, f.at-f.snap.Since)
	}
	return v
}

// dataPane reports flaws in the data; it is empty when there are none.
func (f *frame) dataPane() pane {
	p := pane{title: "DATA", least: 1}
	if f.snap == nil {
		return p
	}
	q := f.snap.Quality
	for _, c := range []struct {
		n    int
		word string
	}{
		{q.Overruns, "overrun"},
		{q.Resyncs, "resync"},
		{q.Repairs, "repair"},
		{q.Undecodable, "unreadable message"},
		{q.Suspends, "suspend"},
		{q.ClockSteps, "clock step"},
	} {
		if c.n > 0 {
			p.rows = append(p.rows, paneRow{key: text.Count(c.n, c.word), keyStyle: f.Text})
		}
	}
	if q.RouterMode {
		p.rows = append(p.rows, paneRow{key: "large routing table: only the main routes are mirrored", keyStyle: f.Text})
	}
	return p
}
