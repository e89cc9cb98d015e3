package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"flapscope/internal/term"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// checkProgress shows what is known while a diagnosis runs, on one line of a
// terminal that is written again and again.
type checkProgress struct {
	// out is nil where nothing is shown.
	out   io.Writer
	paint paint
	shown bool
	// report is room for judgements.
	report verdict.Report
}

// progress returns what shows progress: nothing but on a terminal.
func (a *App) progress(silent bool) *checkProgress {
	p := &checkProgress{paint: a.paint()}
	if !silent && isatty.IsTerminal(a.Out.Fd()) && a.Env("TERM") != "dumb" {
		p.out = a.Out
	}
	return p
}

// The control sequences of ECMA-48 that write a line again.
const eraseLine = "\r\x1b[K"

// show writes the line.
func (p *checkProgress) show(e *verdict.Evidence, took time.Duration) {
	if p.out == nil {
		return
	}
	verdict.Judge(e, &p.report)
	var line strings.Builder
	fmt.Fprintf(&line, "checking %.1f s ", took.Seconds())
	for _, name := range []path.LegName{path.LegLink, path.LegGateway, path.LegDNS, path.LegInternet} {
		line.WriteString("  " + string(name))
		for i := range p.report.Legs {
			if l := &p.report.Legs[i]; l.Name == name {
				line.WriteString(" " + p.paint.legMark(l.State))
			}
		}
	}
	p.shown = true
	_, _ = p.out.Write(append([]byte(eraseLine), term.Escape([]byte(line.String()), 0)...))
}

// clear takes the line away.
func (p *checkProgress) clear() {
	if p.shown {
		_, _ = io.WriteString(p.out, eraseLine)
	}
}
