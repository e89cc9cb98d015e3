package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"

	"flapscope/internal/config"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
	"flapscope/themes"
)

// Widths of the page of a diagnosis: below the first there is no column of what
// was asked, below the second the families stand one below the other.
const (
	checkWide   = 96
	checkNarrow = 70
	checkMost   = 100
)

// A checkPage writes one diagnosis for people.
type checkPage struct {
	paint
	glyphs themes.Glyphs
	width  int
	b      strings.Builder
}

// printChecks prints diagnoses: the answer first, then leg by leg what it rests
// on, and what to try.
func (a *App) printChecks(out io.Writer, set config.Config, all []*checked) error {
	p := &checkPage{paint: a.paint(), glyphs: a.glyphs(set), width: checkMost}
	if w, _, err := term.GetSize(a.Out.Fd()); err == nil && w > 0 {
		p.width = min(w, checkMost)
	}
	for i, x := range all {
		if i > 0 {
			p.b.WriteString("\n" + p.dye(sgrBold, x.iface.Display()) + "\n")
		}
		p.page(x)
	}
	code, colour := "0", sgrGreen
	for _, x := range all {
		if !x.report.Well() {
			code, colour = "1", sgrRed
		}
	}
	var n, bytes int
	var took time.Duration
	for _, x := range all {
		n, bytes, took = n+x.stats.Probes, bytes+x.stats.Bytes, max(took, x.stats.Took)
	}
	left := fmt.Sprintf("%s, %s, %s", text.Count(n, "probe"), text.Size(int64(bytes)), text.Duration(took))
	right := "exit code " + code
	gap := strings.Repeat(" ", max(2, p.width-len(left)-len(right)))
	p.b.WriteString("\n" + p.dye(sgrDim, left) + gap + p.dye(sgrDim, "exit code ") + p.dye(colour, code) + "\n")
	_, err := io.WriteString(out, p.b.String())
	return err
}

// checkLines diagnoses the machine that the monitor follows, and returns the page
// in lines of a width, for the screen.
func (a *App) checkLines(ctx context.Context, m *live.Monitor, set config.Config, width int) ([]string, error) {
	all, err := a.checkAll(ctx, m, set, checkOptions{json: true})
	if err != nil {
		return nil, err
	}
	p := &checkPage{width: width}
	p.page(all[0])
	return strings.Split(strings.Trim(p.b.String(), "\n"), "\n"), nil
}

// page writes one diagnosis.
func (p *checkPage) page(x *checked) {
	r := &x.report
	p.headline(x)
	p.b.WriteByte('\n')
	p.table(p.rows(x))
	for i := range r.Notes {
		p.labelled("note", r.Notes[i].Text(), i == 0)
	}
	if !r.Well() {
		p.ends(x)
		p.works(r, !ends(x))
	}
	if advice := r.Advice(); len(advice) > 0 {
		for i := range advice {
			if advice[i] == verdict.AnotherUplink {
				advice[i] += x.spareWords()
			}
		}
		p.b.WriteByte('\n')
		for i, s := range advice {
			head := "   "
			if i == 0 {
				head = p.dye(sgrBlue, "Try")
			}
			p.wrapped(head+p.dye(sgrDim, fmt.Sprintf("  %2d  ", i+1)), 9, s)
		}
	}
}

// spareWords say of an interface that has a path and is not used whether it would do.
func (x *checked) spareWords() string {
	if x.spare == "" {
		return ""
	}
	said := ": " + x.spare.Display() + " is up and unused"
	for i := range x.report.Legs {
		switch l := &x.report.Legs[i]; {
		case l.Name != verdict.LegStandby || l.Interface != x.spare:
		case l.State == verdict.LegOK:
			return said + ", and its gateway answers"
		case l.State == verdict.LegBad:
			said = ": " + x.spare.Display() + " is up, but its gateway is silent"
		}
	}
	return said
}

// headline writes the badge and the sentence.
func (p *checkPage) headline(x *checked) {
	r := &x.report
	badge, colour, mark := "ONLINE", sgrGreen, "●"
	switch r.State {
	case path.HealthOnline:
	case path.HealthDegraded, path.HealthPortal, path.HealthUnknown:
		badge, colour, mark = strings.ToUpper(text.Words(r.State)), sgrYellow, "◐"
	default:
		badge, colour, mark = strings.ToUpper(text.Words(r.State)), sgrRed, "×"
	}
	label := " " + p.fold(mark) + " " + badge + " "
	shown := p.dye("1;7;"+colour, label)
	if !p.on {
		shown = label
	}
	indent := utf8.RuneCountInString(label) + 2
	for i, line := range text.Wrap(r.Text(), max(20, p.width-indent)) {
		head := shown + "  "
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		p.b.WriteString(head + p.dye(sgrBold, line) + "\n")
	}
	reach := r.Reach()
	if !x.since.IsZero() {
		reach += fmt.Sprintf(" Since %s, %s.", x.since.Format("15:04:05"), text.Duration(time.Since(x.since).Round(time.Second)))
	}
	if s := strings.TrimSpace(reach); s != "" {
		for _, line := range text.Wrap(s, max(20, p.width-indent)) {
			p.b.WriteString(strings.Repeat(" ", indent) + p.dye(sgrDim, line) + "\n")
		}
	}
}

// wrapped writes text behind a head of a width, in as many lines as it needs.
func (p *checkPage) wrapped(head string, width int, s string) {
	for i, line := range text.Wrap(s, max(20, p.width-width)) {
		if i > 0 {
			head = strings.Repeat(" ", width)
		}
		p.b.WriteString(head + line + "\n")
	}
}

// labelled writes a line with a label, after an empty line if it is the first.
func (p *checkPage) labelled(label, s string, first bool) {
	if first {
		p.b.WriteByte('\n')
	} else {
		label = ""
	}
	p.wrapped("  "+p.dye(sgrDim, pad(label, 15)), 17, s)
}

// ends says up to where packets get, where that was looked at.
func (p *checkPage) ends(x *checked) {
	first := true
	for i, f := range fact.Families {
		hops := x.stats.Hops[i]
		if len(hops) == 0 || x.report.Alive(f) {
			continue
		}
		words := []string{f.Title()}
		for n, h := range hops {
			router := p.fold("·")
			if h.Addr.IsValid() {
				router = h.Addr.String() + " " + text.Duration(h.RTT)
			}
			words = append(words, fmt.Sprintf("  %d  %s", n+1, router))
		}
		line := strings.Join(words, " ") + fmt.Sprintf("   %d  silent", len(hops)+1)
		label := ""
		if first {
			p.b.WriteByte('\n')
			label = "where it ends"
		}
		if head := "  " + p.dye(sgrDim, pad(label, 15)); utf8.RuneCountInString(line) > p.width-17 {
			p.wrapped(head, 17, line)
		} else {
			p.b.WriteString(head + line + "\n")
		}
		first = false
	}
}

// ends reports whether it is known up to where packets get.
func ends(x *checked) bool {
	for i, f := range fact.Families {
		if len(x.stats.Hops[i]) > 0 && !x.report.Alive(f) {
			return true
		}
	}
	return false
}

// works says what is well though something is wrong.
func (p *checkPage) works(r *verdict.Report, apart bool) {
	var works []string
	add := func(word string, ok bool) {
		if ok {
			works = append(works, word)
		}
	}
	ok := func(name path.LegName) bool {
		for i := range r.Legs {
			if l := &r.Legs[i]; l.Name == name && l.State == verdict.LegOK {
				return true
			}
		}
		return false
	}
	add("the gateway", ok(path.LegGateway))
	add("DNS", ok(path.LegDNS))
	for _, f := range fact.Families {
		// The family of a name server is only how it is asked.
		add(f.Title(), r.Alive(f) && (r.Root.Family != f || r.Root.Leg == path.LegDNS))
	}
	if len(works) == 0 {
		return
	}
	if apart {
		p.b.WriteByte('\n')
	}
	p.wrapped("  "+p.dye(sgrDim, pad("still works", 15)), 17, text.And(works))
}

// fold returns a character that the terminal has.
func (p *checkPage) fold(s string) string {
	return strings.Map(p.glyphs.Fold, s)
}

// legMark is the coloured mark of a leg.
func (p paint) legMark(s verdict.LegState) string {
	switch s {
	case verdict.LegOK:
		return p.dye(sgrGreen, "✓")
	case verdict.LegBad:
		return p.dye(sgrRed, "×")
	case verdict.LegDegraded:
		return p.dye(sgrYellow, "!")
	}
	return p.dye(sgrDim, "·")
}

// pad fills s up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// clip cuts s to a width, by whole clauses or words if it can.
func clip(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	r := []rune(s)[:max(0, width)]
	cut := strings.TrimRight(string(r), " ")
	if i := strings.LastIndexAny(cut, ",:"); i > len(cut)/2 {
		cut = cut[:i]
	} else if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, ",: ")
}

// latency is the time of a leg that is well, or "".
func latency(l *verdict.Leg) string {
	if l.RTT == 0 {
		return ""
	}
	return text.Duration(l.RTT)
}

// first is the first of the words that is not empty.
func first(words ...string) string { return cmp.Or(words...) }
