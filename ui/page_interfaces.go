package ui

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"

	"charm.land/bubbles/v2/key"
)

// An interfacesPage shows each interface: what it has, by which way it would
// send, how it did, and why it is not the one in use.
type interfacesPage struct{ *scope }

// draw implements page.
func (p interfacesPage) draw(a grid.Area, bar barView) {
	bar.own = []key.Binding{p.keys.Hidden}
	f, body := p.shell(a, bar)
	list, others := f.candidates()
	remark := text.Count(len(list)+others, "interface")
	if others > 0 {
		remark += ", " + num(int64(others)) + " hidden (i)"
	}
	f.head(body.Row(0), "INTERFACES", remark+" · "+rounded(f.step*time.Duration(f.cols)), f.Focus)
	if len(list) == 0 {
		said := "none that could carry a path"
		if f.path() == nil {
			said = f.unknown()
		}
		body.Text(0, 1, said, f.Dim)
		return
	}
	const gutter = interfaceGutter
	g := *f
	g.axis = f.over(body.Width() - gutter)
	body.Sub(gutter, 1, g.cols, body.Height()-1).Mark(timePart{g.axis})
	drawAxis(body.Row(1).Sub(gutter, 0, g.cols, 1), &g)
	y := 2
	for _, b := range g.interfaceBlocks(list, body.Height()-y) {
		g.drawInterface(body.Sub(0, y, body.Width(), b.height()), b)
		y += b.height()
		list = list[1:]
	}
	if n := len(list); n > 0 {
		body.Text(0, body.Height()-1, num(int64(n))+" more", f.Muted)
		return
	}
	f.drawRelated(body.Sub(0, y, body.Width(), body.Height()-y), "WHAT HAPPENED TO THEM", "link", "radio", "addr", "route", "wifi")
}

// candidates returns the interfaces that could carry a path, those in use
// first, and how many others there are. With all of them shown there are none.
func (f *frame) candidates() (list []*path.InterfacePath, others int) {
	p := f.path()
	if p == nil {
		return nil, 0
	}
	for _, ifi := range p.Interfaces {
		if !ifi.Candidate && !ifi.InUse && !f.hidden {
			others++
			continue
		}
		list = append(list, ifi)
	}
	rank := func(i *path.InterfacePath) int {
		switch {
		case i.InUse:
			return 0
		case i.Status == path.Satisfied:
			return 1
		case i.Candidate:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(list, func(a, b *path.InterfacePath) int { return cmp.Compare(rank(a), rank(b)) })
	return list, others
}

// drawInterface draws one interface: its name and why it is used or not, its
// link, what it has in each family, and how it did.
func (f *frame) drawInterface(a grid.Area, b *interfaceBlock) {
	const gutter = interfaceGutter
	ifi := b.InterfacePath
	mark, why, st := f.standing(ifi)
	head := a.Row(0)
	head.Set(0, 0, mark, st)
	name := f.Strong.With(themes.Bold)
	if !ifi.InUse && ifi.Status != path.Satisfied {
		name = f.Text
	}
	head.Cut(2, 0, gutter-3, ifi.Name.Display(), name)
	x := head.Text(gutter, 0, typeName(ifi.Type)+"  ", f.Muted)
	x = head.Text(x, 0, cutWords(why, head.Width()-x), st)
	for _, about := range f.linkTexts(ifi.Index) {
		if grid.Width(about)+x+3 < head.Width() {
			head.Right(head.Width(), 0, about, f.Muted)
			break
		}
	}
	lane := f.laneOf(ifi.Index)
	if b.brief {
		if lane != nil {
			drawLane(a.Row(1).Sub(gutter, 0, f.cols, 1), f, *lane)
			drawCursor(a.Row(1), f, gutter, true)
		}
		return
	}
	end := 0
	for i, fam := range []*path.FamilyPath{&ifi.IPv4, &ifi.IPv6} {
		row := a.Row(1 + i)
		family := fact.Families[i]
		row.Text(2, 0, family.Title(), f.Muted)
		said, st := f.familyTexts(ifi, family, fam)
		end = row.Text(gutter, 0, longest(said, row.Width()-gutter), st)
	}
	if lane == nil {
		return
	}
	if b.traffic > 0 {
		f.drawTraffic(a.Sub(0, 3, a.Width(), b.traffic), a.Sub(end, 2, a.Width()-end, 1), *lane, gutter, b.rates)
	}
	if b.latency > 0 {
		f.drawAnswers(a.Sub(0, 3+b.traffic, a.Width(), b.latency), b.answers)
	}
	n := b.traffic + b.latency
	drawLane(a.Row(3+n).Sub(gutter, 0, f.cols, 1), f, *lane)
	drawCursor(a.Sub(0, 3, a.Width(), n+1), f, gutter, true)
}

// drawAnswers draws how fast the gateways of an interface answered.
func (f *frame) drawAnswers(a grid.Area, plots []plot) {
	v := latencyView{look: f.look, axis: f.axis, plots: plots, known: timeline.Span{From: f.tl.Bounds().From, To: f.present()}}
	top := heightsOf(plots, a.Height(), f.logarithmic)
	chart := a.Sub(interfaceGutter, 0, f.cols, a.Height())
	drawScale(a, f.look, interfaceGutter, top)
	drawPlots(chart, v, top)
	x := a.Text(2, a.Height()-1, "gw", f.Muted)
	for i, p := range plots {
		x = a.Text(x+2, a.Height()-1, strings.TrimPrefix(p.target.Family.Title(), "IP"), f.Series[i].Line)
	}
}

// standing says whether an interface is in use, and why not if it isn't.
func (f *frame) standing(ifi *path.InterfacePath) (rune, string, themes.Style) {
	switch {
	case ifi.InUse:
		return '●', "in use", f.Good
	case ifi.Status == path.Satisfied:
		return '◐', "ready, not used: " + f.preferred(ifi), f.Info
	case ifi.Status == path.RequiresConnection:
		return '◐', "waiting: " + text.Words(ifi.Reason), f.Warn
	case !ifi.Candidate:
		return '○', "no candidate: " + text.Words(ifi.Reason), f.Dim
	}
	return '×', "no: " + text.Words(ifi.Reason), f.Bad
}

// preferred says what is before an interface that would do.
func (f *frame) preferred(ifi *path.InterfacePath) string {
	p := f.path()
	for i, fam := range []*path.FamilyPath{&ifi.IPv4, &ifi.IPv6} {
		used := p.Family(fact.Families[i])
		if used.Interface == "" || fam.Status != path.Satisfied || used.Index == ifi.Index {
			continue
		}
		if used.Metric < fam.Metric {
			return used.Interface.Display() + " has metric " + number(used.Metric) + ", this " + number(fam.Metric)
		}
		return used.Interface.Display() + " is before it"
	}
	return "another is before it"
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// linkTexts describe the link of an interface, in fewer and fewer words.
func (f *frame) linkTexts(index int) []string {
	l := f.snap.Links[index]
	if l == nil {
		return nil
	}
	var said []string
	if l.CarrierChanges > 0 {
		said = append(said, "carrier changed "+number(l.CarrierChanges)+" ×")
	}
	said = append(said, "mtu "+number(l.MTU))
	if a := l.Address.Display(); a != "" {
		said = append(said, a)
	}
	var out []string
	for n := len(said); n > 0; n-- {
		out = append(out, strings.Join(said[:n], "  "))
	}
	return out
}

// familyTexts say what an interface has in a family, in fewer and fewer words:
// addresses and the way, or what is missing.
func (f *frame) familyTexts(ifi *path.InterfacePath, family fact.Family, p *path.FamilyPath) ([]string, themes.Style) {
	all := f.addresses(ifi.Index, family)
	if len(all) > 1 && strings.HasPrefix(all[len(all)-1], "fe80:") {
		all = all[:len(all)-1] // every link has one of those
	}
	said := strings.Join(all, "  ")
	switch {
	case p.Status == path.Satisfied:
		way := said
		if p.Gateway.IsValid() {
			way += "  via " + p.Gateway.WithZone("").String()
		}
		full := way
		if p.Metric > 0 {
			full += "  metric " + number(p.Metric)
		}
		return []string{full, way, said}, f.Text
	case said == "":
		return []string{text.Words(p.Reason)}, f.Dim
	}
	return []string{said + "  " + text.Words(p.Reason), text.Words(p.Reason)}, f.Muted
}

// addresses returns the addresses of an interface in a family, those that reach
// far first.
func (f *frame) addresses(index int, family fact.Family) []string {
	var all []netip.Prefix
	for _, a := range f.snap.Addresses {
		if a.Index == index && a.Local.Is4() == (family == fact.IPv4) {
			all = append(all, netip.PrefixFrom(a.Local.WithZone(""), int(a.PrefixLen)))
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int {
		local := func(p netip.Prefix) int {
			if p.Addr().IsLinkLocalUnicast() {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(local(a), local(b)), a.Addr().Compare(b.Addr()))
	})
	var out []string
	for _, p := range all {
		out = append(out, p.String())
	}
	return out
}
