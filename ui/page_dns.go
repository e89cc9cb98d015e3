package ui

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A dnsPage shows the resolvers beside each other: over one time axis and on one
// scale, so that the one that is slow or silent is seen against the others.
type dnsPage struct{ *scope }

// update implements page: up and down choose a resolver.
func (p dnsPage) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || p.tl == nil || !key.Matches(k, p.keys.Up, p.keys.Down) {
		return p.scope.update(msg)
	}
	rows := p.frame().dnsView().rows
	if len(rows) == 0 {
		return nil
	}
	i := slices.IndexFunc(rows, func(r resolverRow) bool { return r.ID == p.target })
	if key.Matches(k, p.keys.Up) {
		i = max(i-1, 0)
	} else {
		i = min(i+1, len(rows)-1)
	}
	p.focus, p.target = focusTargets, rows[i].ID
	return nil
}

// A resolverRow is a resolver, and what is known of it.
type resolverRow struct {
	targetRow
	// link is the interface that it is asked over, source who names it.
	link, source string
	stats        timeline.Stats
	plot         plot
	incident     *fold.Incident
}

// A dnsView is what the page shows.
type dnsView struct {
	look
	axis
	rows []resolverRow
	// unasked are the resolvers that are configured and not asked.
	unasked []string
	// search are the search domains, and query is the name that is asked for.
	search, query string
	logarithmic   bool
	// answered is whether any of them answered within the window.
	answered bool
	// target is the ID of the selected one, or "".
	target string
	// why says why there is nothing to show, or is "".
	why string
}

// dnsGutter is where the charts begin.
const dnsGutter = 10

// dnsView returns what the page shows, in so many columns of the time axis.
func (f *frame) dnsView() dnsView {
	v := dnsView{look: f.look, axis: f.axis, logarithmic: f.logarithmic, target: f.target}
	if f.tl == nil {
		v.why = f.waiting()
		return v
	}
	span := timeline.Span{From: f.span.From, To: min(f.at+1, f.span.To)}
	for _, r := range f.targets {
		if r.Role != fact.RoleResolver {
			continue
		}
		row := resolverRow{targetRow: r, stats: f.tl.Stats(r.ID, span)}
		row.link, row.source = f.resolverLink(r.Target), f.resolverSource(r.Addr)
		for _, i := range going(f.incidentsAt()) {
			if i.Root.Leg == path.LegDNS && strings.Contains(string(i.Text), r.Addr.String()) {
				row.incident = i
			}
		}
		v.query = r.Query.Display()
		v.rows = append(v.rows, row)
	}
	v.configured(f)
	if len(v.rows) == 0 {
		v.why = f.noResolver()
	}
	return v
}

// resolverLink names the interface that a resolver is asked over.
func (f *frame) resolverLink(t *fact.Target) string {
	switch {
	case f.snap == nil:
		return ""
	case t.Addr.IsLoopback():
		return "this machine"
	case t.Index != 0 && f.snap.Links[t.Index] != nil:
		return f.snap.Links[t.Index].Name.Display()
	case t.Index != 0:
		return "gone"
	}
	if p := f.path(); p != nil && t.Family != 0 {
		if way := p.Family(t.Family).Interface; way != "" {
			return way.Display()
		}
	}
	return "no way"
}

// outdated is the source of a resolver that is asked no longer.
const outdated = "before"

// resolverSource says who names a resolver.
func (f *frame) resolverSource(addr netip.Addr) string {
	if f.snap == nil {
		return ""
	}
	for _, name := range []string{"resolv.conf", "resolved"} {
		if r := f.snap.Resolvers[name]; r != nil && slices.ContainsFunc(r.Servers, serves(addr)) {
			return name
		}
	}
	return outdated
}

func serves(addr netip.Addr) func(fact.Server) bool {
	return func(s fact.Server) bool { return s.Addr.WithZone("").Unmap() == addr.WithZone("").Unmap() }
}

// configured puts into the view what is configured besides.
func (v *dnsView) configured(f *frame) {
	if f.snap == nil {
		return
	}
	var search []string
	for _, r := range []*fact.Resolvers{f.snap.Resolvers["resolv.conf"], f.snap.Resolvers["resolved"]} {
		if r == nil {
			continue
		}
		for _, s := range r.Servers {
			asked := slices.ContainsFunc(v.rows, func(r resolverRow) bool { return serves(r.Addr)(s) })
			if said := s.Addr.String(); !asked && !slices.Contains(v.unasked, said) {
				v.unasked = append(v.unasked, said)
			}
		}
		for _, s := range r.Search {
			if !slices.Contains(search, s.Display()) {
				search = append(search, s.Display())
			}
		}
		if r.Err != "" {
			v.unasked = append(v.unasked, r.Source+" ("+r.Err.Display()+")")
		}
	}
	v.search = strings.Join(search, " ")
}

// noResolver says why no resolver is shown.
func (f *frame) noResolver() string {
	p := f.path()
	switch {
	case f.unread() || f.snap == nil:
		return f.unknown()
	case p != nil && p.Status != path.Satisfied:
		return "no resolver is asked: there is no path to one"
	case p != nil && len(p.Resolvers) == 0:
		return "no resolver is configured: no name can be looked up"
	}
	return "no resolver is asked: probes are off"
}

// draw implements page.
func (p dnsPage) draw(a grid.Area, bar barView) {
	bar.own = []key.Binding{bind("↑↓", "resolver", "up", "down")}
	f, body := p.shell(a, bar)
	v := f.dnsView()
	v.drawHead(body.Row(0), f)
	foot := v.footnotes(body.Width())
	if v.why != "" {
		body.Text(0, 2, v.why, f.Text)
		for i, line := range foot {
			body.Text(0, 4+i, line, f.Muted)
		}
		return
	}
	g := *f
	left := body.Width()
	if a.Width() >= widePanesFrom {
		left, _, _ = timeAxis(a.Width())
	}
	g.axis = f.over(left - dnsGutter)
	body.Sub(dnsGutter, 1, g.cols, body.Height()-1-len(foot)).Mark(timePart{g.axis})
	drawAxis(body.Row(1).Sub(dnsGutter, 0, g.cols, 1), &g)
	v.drawBlocks(body.Sub(0, 2, body.Width(), body.Height()-2-len(foot)), &g)
	for i, line := range foot {
		body.Text(0, body.Height()-len(foot)+i, line, f.Muted)
	}
}

// drawHead says how many fail, and what is asked for.
func (v *dnsView) drawHead(a grid.Area, f *frame) {
	remark := "one scale · " + rounded(f.step*time.Duration(f.cols))
	if v.query != "" && a.Width() >= panesFrom-2 {
		remark = "asked for " + grid.Cut(v.query, 30) + " · " + remark
	}
	x := v.head(a, "DNS", remark, v.Focus)
	if len(v.rows) == 0 {
		return
	}
	failing := 0
	for _, r := range v.rows {
		if r.state == targetFails {
			failing++
		}
	}
	said, st := " "+text.Count(len(v.rows), "resolver")+" ", v.Muted
	switch {
	case failing == len(v.rows):
		said, st = said+"· none answers ", v.Bad
	case failing > 0:
		said, st = said+"· "+num(int64(failing))+" of them fails ", v.Bad
	}
	if f.snap != nil && failing == 0 && f.snap.Health.DNS == state.VerdictOK {
		said += "· all answer "
	}
	a.Text(x, 0, said, st)
}

// footnotes say what is configured and not asked, and the search domains.
func (v *dnsView) footnotes(width int) (out []string) {
	if len(v.unasked) > 0 {
		out = append(out, cutWords("not asked: "+strings.Join(v.unasked, ", "), width))
	}
	if v.search != "" {
		out = append(out, cutWords("search "+v.search, width))
	}
	return out
}

// The rows of the block of a resolver: its head, the chart, what became of each
// probe, and a blank one.
const (
	leastResolverRows = 5
	mostResolverRows  = 20
)

// drawBlocks draws a block for each resolver, those that fail first.
func (v *dnsView) drawBlocks(a grid.Area, f *frame) {
	// On a high screen one alone leaves room for the log below it.
	each := min(max(a.Height()/len(v.rows), leastResolverRows), max(mostResolverRows, a.Height()*3/5))
	shown := min(a.Height()/each, len(v.rows))
	skip := slices.IndexFunc(v.rows, func(r resolverRow) bool { return r.ID == v.target })
	skip = max(0, min(skip-shown+1, len(v.rows)-shown))
	var plots []plot
	for i := range v.rows {
		r := &v.rows[i]
		r.plot = plot{r.Target, f.latency(r.ID, f.span, 2*f.cols)}
		plots = append(plots, r.plot)
	}
	v.answered = answered(plots)
	top := heightsOf(plots, each-3, v.logarithmic)
	for i := range v.rows[skip : skip+shown] {
		r := &v.rows[skip+i]
		block := a.Sub(0, i*each, a.Width(), each-1)
		v.drawResolver(block, f, r, top)
	}
	if n := len(v.rows) - shown; n > 0 && shown > 0 {
		a.Row(shown*each-1).Right(a.Width(), 0, num(int64(n))+" more", v.Muted)
		return
	}
	below := a.Sub(0, shown*each, a.Width(), a.Height()-shown*each)
	if left := dnsGutter + f.cols; a.Width()-left-paneGap >= leastPaneCard {
		f.drawNeeding(below.Sub(left+paneGap, 0, a.Width()-left-paneGap, below.Height()))
		below = below.Sub(0, 0, left, below.Height())
	}
	f.drawRelated(below, "WHAT HAPPENED TO DNS", "dns")
}

// drawNeeding draws charts of the targets that are asked by a name.
func (f *frame) drawNeeding(a grid.Area) {
	needs := func(r targetRow) bool { return r.Role == fact.RolePortal || !r.Addr.IsValid() }
	if a.Height() <= leastCard || !slices.ContainsFunc(f.targets, needs) {
		return
	}
	f.head(a.Row(0), "ASKED BY NAME", "", f.Title)
	f.drawCards(a.Sub(0, 1, a.Width(), a.Height()-1), f.targetsView(), needs)
}

// drawResolver draws the block of one resolver.
func (v *dnsView) drawResolver(a grid.Area, f *frame, r *resolverRow, top heights) {
	left := dnsGutter + f.cols
	if beside := a.Width() - left - paneGap; beside >= leastPaneCard && a.Height() >= leastResolverPanes {
		drawPanes(a.Sub(left+paneGap, 0, beside, a.Height()), v.look, v.resolverPanes(r))
	}
	a = a.Sub(0, 0, left, a.Height())
	v.drawResolverHead(a.Row(0), f, r)
	h := a.Height() - 2
	chart := a.Sub(dnsGutter, 1, f.cols, h)
	if v.answered {
		drawScale(a.Sub(0, 1, a.Width(), h), v.look, dnsGutter, top)
	}
	series := v.Series[0]
	if r.state == targetFails {
		series.Line = v.Warn
	}
	drawBand(chart, r.plot.buckets, top, series.Band)
	drawLine(chart, r.plot, f.step/2, top, series.Line)
	drawOutlier(chart, latencyView{look: v.look, plots: []plot{r.plot}}, top.top)
	if !answered([]plot{r.plot}) {
		said, st := "no answer", v.Bad
		if r.stats.Lost == 0 {
			said, st = "not asked in this time", v.Muted
		}
		chart.Text((chart.Width()-len(said))/2, h/2, said, st)
	}
	f.drawOutcomes(a.Row(1+h), dnsGutter, r.plot.buckets)
	drawCursor(a.Sub(0, 1, a.Width(), h+1), f, dnsGutter, true)
}

// drawResolverHead says how a resolver does, by which way, and how fast.
func (v *dnsView) drawResolverHead(a grid.Area, f *frame, r *resolverRow) {
	a.Mark(targetPart(r.ID))
	dot, st := v.targetDot(r.targetRow)
	a.Set(0, 0, dot, st)
	x := a.Text(2, 0, r.Name.Display(), v.Strong.With(themes.Bold)) + 2
	said, st := f.cardState(r.targetRow)
	about := []string{r.link}
	switch r.source {
	case "":
	case outdated:
		about = append(about, r.link+", no longer configured")
	default:
		about = append(about, r.link+", named by "+r.source)
	}
	if r.last != nil && r.state == targetFails && r.last.Detail != "" && r.last.Detail.Display() != said {
		about = append(about, r.last.Detail.Display()+" · "+about[len(about)-1])
	}
	slices.Reverse(about)
	about = append(about, "")
	if r.incident != nil {
		said += " for " + text.Elapsed(r.incident.Duration)
	}
	x = a.Text(x, 0, said, st) + 2
	end := v.drawResolverFigures(a, r)
	a.Text(x, 0, longest(about, max(end-x-2, 0)), v.Muted)
	if r.ID == v.target {
		a.Restyle(v.Select)
	}
}

// drawResolverFigures draws what sums up the window and returns where it begins.
func (v *dnsView) drawResolverFigures(a grid.Area, r *resolverRow) int {
	s := r.stats
	out := spans{}
	for _, c := range []struct {
		name  string
		value time.Duration
	}{{"p50", s.P50}, {"p95", s.P95}} {
		value := "–"
		if c.value > 0 && s.Answered > 0 {
			value = millis(c.value)
		}
		out = append(out, span{c.name + " ", v.Muted}, span{value, v.Text}, span{" ms  ", v.Muted})
	}
	out = append(out, span{"lost ", v.Muted}, span{lossText(s), v.lossStyle(s)})
	at := a.Width() - out.width()
	out.draw(a, at)
	return at
}
