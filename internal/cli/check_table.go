package cli

import (
	"fmt"
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// A checkRow is one line of the table: a leg of both families.
type checkRow struct {
	label, what string
	cells       [2]checkCell
	// group is whether an empty line is before it.
	group bool
}

// A checkCell is what was found out of a leg in one family.
type checkCell struct {
	state verdict.LegState
	text  string
	// root is whether the verdict is about it.
	root bool
}

// rows are the lines of a diagnosis in the order of the way.
func (p *checkPage) rows(x *checked) []checkRow {
	well := x.report.Well()
	rows := []checkRow{
		{label: "link", what: interfaceOf(x)}, {label: "address"}, {label: "route"}, {label: "gateway", group: !well},
	}
	names := [...]path.LegName{path.LegLink, path.LegAddress, path.LegRoute, path.LegGateway}
	for i := range fact.Families {
		for n, name := range names {
			l := legOf(&x.report, name, i)
			if name == path.LegGateway && l == nil {
				l = legOf(&x.report, path.LegTunnel, i)
			}
			rows[n].cells[i] = cell(x, l, i)
		}
	}
	rows[3].what = gateways(x)
	if well {
		rows = append(rows[:2], rows[3]) // The gateway says the route.
	}
	rows = append(rows, p.named(nameRows(x))...)
	return append(append(rows, farRows(x, well)...), p.named(standbyRows(x))...)
}

// named puts into the cells of rows whom they are about, where there is no column for
// it: there may be several.
func (p *checkPage) named(rows []checkRow) []checkRow {
	for i := range rows {
		for n := range rows[i].cells {
			if c := &rows[i].cells[n]; p.width < checkWide && c.text != "" {
				c.text = rows[i].what + " " + c.text
			}
		}
	}
	return rows
}

// standbyRows are the lines of the interfaces that stand by, of which the gateway is
// asked.
func standbyRows(x *checked) (rows []checkRow) {
	for i := range x.report.Legs {
		l := &x.report.Legs[i]
		if l.Name != verdict.LegStandby {
			continue
		}
		last := len(rows) - 1
		if last < 0 || rows[last].what != l.Interface.Display() {
			rows, last = append(rows, checkRow{what: l.Interface.Display()}), last+1
		}
		n := 0
		if l.Family == fact.IPv6 {
			n = 1
		}
		rows[last].cells[n] = cell(x, l, n)
	}
	if len(rows) > 0 {
		rows[0].label, rows[0].group = "standby", !x.report.Well()
	}
	for i := range rows {
		for n := range rows[i].cells {
			if rows[i].cells[n].state == "" {
				rows[i].cells[n].state = verdict.LegSkipped
			}
		}
	}
	return rows
}

// nameRows are the lines of the name servers.
func nameRows(x *checked) (rows []checkRow) {
	for i := range x.report.Legs {
		l := &x.report.Legs[i]
		if l.Name != path.LegDNS {
			continue
		}
		row := checkRow{what: l.Addr.String()}
		if l.Own {
			row.what += " " + l.Interface.Display()
		}
		if l.Domain != "" {
			row.what += ", " + l.Domain.Display()
		}
		if len(rows) == 0 {
			row.label = "dns"
		}
		n := 0
		if l.Family == fact.IPv6 {
			n = 1
		}
		row.cells[n] = cell(x, l, n)
		row.cells[1-n] = checkCell{state: verdict.LegSkipped}
		rows = append(rows, row)
	}
	return rows
}

// farRows are the lines of what is beyond.
func farRows(x *checked, well bool) []checkRow {
	rows := []checkRow{{label: "internet", what: text.Count(x.operators, "operator"), group: !well}, {label: "portal"}, {label: "tls"}, {label: "mtu"}}
	for n, name := range [...]path.LegName{path.LegInternet, path.LegPortal, verdict.LegTLS, verdict.LegMTU} {
		for i := range fact.Families {
			rows[n].cells[i] = cell(x, legOf(&x.report, name, i), i)
		}
	}
	return rows
}

// legOf returns a leg of a family, or nil.
func legOf(r *verdict.Report, name path.LegName, family int) *verdict.Leg {
	for i := range r.Legs {
		if l := &r.Legs[i]; l.Name == name && l.Family == fact.Families[family] {
			return l
		}
	}
	return nil
}

// cell says how a leg does.
func cell(x *checked, l *verdict.Leg, family int) checkCell {
	if l == nil {
		if beyond := legOf(&x.report, path.LegInternet, family); beyond != nil && beyond.State == verdict.LegSkipped {
			return checkCell{state: verdict.LegSkipped, text: beyond.Short()}
		}
		return checkCell{state: verdict.LegSkipped, text: "not asked"}
	}
	r := &x.report.Root
	c := checkCell{state: l.State, text: l.Short()}
	c.root = l.State != verdict.LegOK && l.State != verdict.LegSkipped && r.Leg == l.Name && (r.Family == 0 || r.Family == l.Family)
	switch l.State {
	case verdict.LegOK:
		c.text = wellText(x, l, family)
	case verdict.LegUnknown: // As its mark says.
		c.text = strings.TrimPrefix(c.text, "unknown: ")
	}
	return c
}

// wellText says of a leg that is well what is worth knowing.
func wellText(x *checked, l *verdict.Leg, family int) string {
	w := &x.scope.Ways[family]
	switch l.Name {
	case path.LegLink:
		return "up"
	case path.LegAddress:
		if w.Source.IsValid() {
			return w.Source.String()
		}
		return "configured"
	case path.LegRoute:
		if w.Gateway.IsValid() {
			return "via " + w.Gateway.String()
		}
		return "into " + w.Interface.Display()
	case path.LegPortal:
		return "none"
	case verdict.LegMTU:
		if l.Finding.MTU != 0 && l.Finding.From.IsValid() {
			return fmt.Sprintf("%d, says %s", l.Finding.MTU, l.Finding.From)
		}
		if l.Finding.MTU != 0 {
			return fmt.Sprint(l.Finding.MTU)
		}
	}
	return first(latency(l), "answers")
}

func interfaceOf(x *checked) string {
	a, b := x.scope.Ways[0].Interface, x.scope.Ways[1].Interface
	if a == b || b == "" {
		return a.Display()
	}
	if a == "" {
		return b.Display()
	}
	return a.Display() + ", " + b.Display()
}

func gateways(x *checked) string {
	var all []string
	for i := range x.scope.Ways {
		if g := x.scope.Ways[i].Gateway; g.IsValid() {
			all = append(all, g.String())
		}
	}
	return strings.Join(all, ", ")
}

// The columns of the table.
const (
	checkIndent  = 2
	checkLabel   = 10
	checkWhat    = 32
	checkCellMin = 24
)

// table writes the lines, with both families side by side where there is room.
func (p *checkPage) table(rows []checkRow) {
	if p.width < checkNarrow {
		p.stacked(rows)
		return
	}
	what := 0
	if p.width >= checkWide {
		for _, r := range rows {
			what = max(what, min(len(r.what), checkWhat)+2)
		}
	}
	room := max(checkCellMin, (p.width-checkIndent-checkLabel-what)/2)
	head := strings.Repeat(" ", checkIndent+checkLabel) + pad("", what) + pad("IPv4", room) + "IPv6"
	p.b.WriteString(p.dye(sgrDim, head) + "\n")
	for _, r := range rows {
		if r.group {
			p.b.WriteByte('\n')
		}
		line := "  " + pad(r.label, checkLabel)
		if what > 0 {
			line += p.dye(sgrDim, pad(clip(r.what, checkWhat), what))
		}
		line += p.cell(r.cells[0], room-1, true) + " " + p.cell(r.cells[1], room-1, false)
		p.b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cell writes one cell, filled up where another follows.
func (p *checkPage) cell(c checkCell, width int, fill bool) string {
	if c.text == "" && c.state == verdict.LegSkipped {
		if fill {
			return strings.Repeat(" ", width)
		}
		return ""
	}
	words := p.fold(clip(c.text, width-2))
	rest := max(0, width-2-len([]rune(words)))
	switch {
	case c.root:
		words = p.dye(sgrBold, words)
	case c.state == verdict.LegSkipped || c.state == verdict.LegUnknown:
		words = p.dye(sgrDim, words)
	}
	if !fill {
		rest = 0
	}
	return p.mark(c.state) + " " + words + strings.Repeat(" ", rest)
}

// mark is a mark that the terminal has.
func (p *checkPage) mark(s verdict.LegState) string {
	plain := paint{}.legMark(s)
	return strings.Replace(p.legMark(s), plain, p.fold(plain), 1)
}

// stacked writes the families one below the other.
func (p *checkPage) stacked(rows []checkRow) {
	for i, f := range fact.Families {
		p.b.WriteString(p.dye(sgrDim, "  "+f.Title()) + "\n")
		for _, r := range rows {
			if r.cells[i].text == "" {
				continue
			}
			label := r.label
			if label == "" {
				label = text.Words("dns")
			}
			p.b.WriteString("  " + pad(label, checkLabel) + p.cell(r.cells[i], p.width-checkIndent-checkLabel, false) + "\n")
		}
	}
}
