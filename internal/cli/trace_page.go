package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"

	"flapscope/internal/config"
	escape "flapscope/internal/term"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/probes"
	"flapscope/probes/trace"
)

// printTrace prints a trace, as a table or as JSON.
func (a *App) printTrace(out io.Writer, t *tracing, asJSON bool, set config.Config) error {
	if asJSON {
		return writeJSON(out, describeTrace(t))
	}
	_, err := io.WriteString(out, a.tracePage(set).page(t))
	return err
}

// A tracePage writes a trace for people.
type tracePage struct {
	checkPage
}

func (a *App) tracePage(set config.Config) *tracePage {
	p := &tracePage{checkPage{paint: a.paint(), glyphs: a.glyphs(set), width: checkMost}}
	if w, _, err := term.GetSize(a.Out.Fd()); err == nil && w > 0 {
		p.width = min(w, checkMost)
	}
	return p
}

// traceLines traces the way to a target of the screen, over the interface that it
// is asked over, and returns the page in lines of a width. Where pings are not
// permitted a connection takes their place.
func (a *App) traceLines(ctx context.Context, set config.Config, target *fact.Target, width int) ([]string, error) {
	host := target.Host.Display()
	if target.Addr.IsValid() {
		host = target.Addr.String()
	}
	var o traceOptions
	if _, err := probes.PingMode(); err != nil {
		o.tcp = int(cmp.Or(target.Port, 443))
	}
	t := &tracing{host: fact.Untrusted(host), began: time.Now()}
	var err error
	if t.target, err = traceTarget(ctx, o, host, set.Interface); err != nil {
		return nil, err
	}
	t.target.Index = cmp.Or(target.Index, t.target.Index)
	x, err := trace.New(t.target)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", t.host.Display(), err)
	}
	defer x.Close()
	t.once(ctx, x)
	p := &tracePage{checkPage{width: width}}
	return strings.Split(strings.Trim(p.page(t), "\n"), "\n"), nil
}

// page returns the whole page.
func (p *tracePage) page(t *tracing) string {
	p.b.Reset()
	badge, colour, mark := t.badge()
	label := " " + p.fold(mark) + " " + badge + " "
	shown := label
	if p.on {
		shown = p.dye("1;7;"+colour, label)
	}
	indent := utf8.RuneCountInString(label) + 2
	for i, line := range text.Wrap(t.text(), max(20, p.width-indent)) {
		head := shown + "  "
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		p.b.WriteString(head + p.dye(sgrBold, line) + "\n")
	}
	for _, line := range text.Wrap(t.facts(), max(20, p.width-indent)) {
		p.b.WriteString(strings.Repeat(" ", indent) + p.dye(sgrDim, p.fold(line)) + "\n")
	}
	p.b.WriteByte('\n')
	p.hops(t)
	if t.watch {
		p.b.WriteString("\n" + p.dye(sgrDim, "Loss counts only where every later hop loses it too. Times in ms.") + "\n")
	}
	return p.b.String()
}

// badge is the state in a word.
func (t *tracing) badge() (word, colour, mark string) {
	_, no := t.path.Forbids()
	_, _, _, lossy := t.path.Between()
	switch {
	case no != nil:
		return "FORBIDDEN", sgrRed, "×"
	case !t.path.Reached:
		return "NOT REACHED", sgrRed, "×"
	case t.watch && lossy:
		return "LOSS", sgrYellow, "◐"
	}
	return "REACHED", sgrGreen, "●"
}

// text is what was found out, in one sentence.
func (t *tracing) text() string {
	p := &t.path
	if h, no := p.Forbids(); no != nil {
		return fmt.Sprintf("Hop %d forbids it: %s.", h.TTL, no.Error())
	}
	last := p.Len()
	if last == 0 {
		return "Nothing answers on the way."
	}
	if !p.Reached {
		return fmt.Sprintf("The way ends after hop %d, %s: nothing answers from hop %d on.", last, t.router(last-1), last+1)
	}
	from, to, lost, lossy := p.Between()
	if t.watch && lossy {
		where := "on the way to hop 1"
		if from >= 0 {
			where = fmt.Sprintf("between hop %d, %s, and", from+1, t.router(from))
		} else if to > 0 {
			where = "on the way to"
		}
		return fmt.Sprintf("%s lost %s hop %d, %s.", lossShare(lost, t.path.Rounds), strings.TrimSuffix(where, " hop 1"), to+1, t.router(to))
	}
	return fmt.Sprintf("%s is %s away.", t.host.Display(), text.Count(last, "hop"))
}

// router names the first router of a hop.
func (t *tracing) router(i int) string {
	if r := t.path.Hops[i].Routers; len(r) > 0 {
		return r[0].Addr.String()
	}
	return "which does not answer"
}

// facts are what else is to be known, in a few words.
func (t *tracing) facts() string {
	words := []string{t.target.Addr.String(), string(t.target.Method)}
	switch t.target.Method {
	case trace.TCP:
		words[1] += " port " + strconv.Itoa(int(t.target.Port))
	default:
		words[1] += ", one flow"
	}
	if t.watch {
		words = append(words, text.Count(t.path.Rounds, "round"))
	}
	switch {
	case t.path.MTU == 0:
	case t.path.By.IsValid():
		words = append(words, fmt.Sprintf("path MTU %d, says %s", t.path.MTU, t.path.By))
	default:
		words = append(words, fmt.Sprintf("path MTU %d", t.path.MTU))
	}
	return strings.Join(words, " · ")
}

// percentFrom is of how many packets a percentage says more than the count: of fewer,
// one more or less is more than it tells apart.
const percentFrom = 100

// lossShare says how much of a number of packets is lost.
func lossShare(share float64, of int) string {
	switch {
	case of < percentFrom:
		return fmt.Sprintf("%.0f of %d", share*float64(of), of)
	case share > 0 && share < 0.01:
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// The columns of the table, in order; what does not fit goes, the name first.
const (
	traceAddressWidth = 16
	traceTimeWidth    = 9
	traceLossWidth    = 11
)

// hops writes the table.
func (p *tracePage) hops(t *tracing) {
	address := traceAddressWidth
	for i := range t.path.Hops {
		for _, r := range t.path.Hops[i].Routers {
			address = max(address, len(r.Addr.String())+1)
		}
	}
	fixed := 5 + address + 3*traceTimeWidth
	chart := 0
	if t.watch {
		fixed += traceLossWidth
		chart = min(20, max(0, p.width-fixed-22))
	}
	name := max(0, p.width-fixed-chart-2)
	if name < 8 || t.names.off {
		name = 0
	}
	p.b.WriteString(p.dye(sgrDim, p.heads(t, address, name, chart)) + "\n")
	for i := range t.path.Len() {
		p.hop(t, i, address, name, chart)
	}
	if n := t.path.Len(); !t.path.Reached && n > 0 {
		p.b.WriteString(right(strconv.Itoa(n+1), 3) + "  " + p.dye(sgrRed, "silent from here on") + "\n")
	}
}

func (p *tracePage) heads(t *tracing, address, name, chart int) string {
	words := []string{"hop  " + pad("address", address)}
	if name > 0 {
		words = append(words, pad("name", name))
	}
	if t.watch {
		words = append(words, right("loss", traceLossWidth))
	}
	words = append(words, right("best", traceTimeWidth), right("median", traceTimeWidth), right("worst", traceTimeWidth))
	if chart > 0 {
		words = append(words, "  last "+text.Count(min(chart, t.path.Rounds), "round"))
	}
	return strings.Join(words, "")
}

// hop writes a line for each router of a hop.
func (p *tracePage) hop(t *tracing, i, address, name, chart int) {
	h := &t.path.Hops[i]
	head := right(strconv.Itoa(h.TTL), 3) + "  "
	if len(h.Routers) == 0 {
		p.b.WriteString(head + p.dye(sgrDim, p.unheard(t, i)) + "\n")
		return
	}
	for n, r := range h.Routers {
		if n > 0 {
			head = strings.Repeat(" ", 5)
		}
		line := head + pad(r.Addr.String(), address)
		if name > 0 {
			line += p.dye(sgrDim, pad(clipName(t.names.of(r.Addr), name-1), name))
		}
		if t.watch && n == 0 {
			line += p.loss(t, i)
		} else if t.watch {
			line += strings.Repeat(" ", traceLossWidth)
		}
		best, median, worst := trace.Times(r.RTTs)
		line += right(millis(best), traceTimeWidth) + p.dye(sgrBold, right(millis(median), traceTimeWidth)) + right(millis(worst), traceTimeWidth)
		if chart > 0 && n == 0 {
			line += "  " + p.chart(t, i, chart)
		}
		if r.Said != nil {
			line += "  " + p.dye(sgrRed, r.Said.Words())
		}
		p.b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// unheard says what it means that a hop does not answer.
func (p *tracePage) unheard(t *tracing, i int) string {
	for _, h := range t.path.Hops[i+1:] {
		if h.Received > 0 {
			return "no answer, passes all on"
		}
	}
	return "no answer"
}

// loss says how much is lost up to a hop.
func (p *tracePage) loss(t *tracing, i int) string {
	switch lost := t.path.Lost(i); {
	case t.path.Limits(i):
		return p.dye(sgrDim, right("own limit", traceLossWidth))
	case lost > 0:
		return p.dye(sgrRed, right(lossShare(lost, t.path.Rounds), traceLossWidth))
	}
	return right(lossShare(0, t.path.Rounds), traceLossWidth)
}

// chart draws the last round trips of a hop, × for a lost one.
func (p *tracePage) chart(t *tracing, i, width int) string {
	last := t.path.Hops[i].Last
	last = last[max(0, len(last)-width):]
	top := time.Duration(1)
	for _, h := range t.path.Hops {
		top = max(top, slices.Max(append([]time.Duration{0}, h.Last...)))
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, rtt := range last {
		switch {
		case rtt == 0 && t.path.Limits(i):
			b.WriteByte(' ')
		case rtt == 0:
			b.WriteString(p.dye(sgrRed, p.fold("×")))
		default:
			n := int(int64(len(bars)-1) * int64(rtt) / int64(top))
			b.WriteString(p.dye(sgrGreen, p.fold(string(bars[n]))))
		}
	}
	return b.String()
}

// clipName cuts a name to a width.
func clipName(name fact.Untrusted, width int) string {
	s := name.Display()
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:max(0, width-1)]) + "…"
}

// right aligns s.
func right(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// millis writes a time in milliseconds, without the unit.
func millis(d time.Duration) string {
	switch ms := d.Seconds() * 1000; {
	case d == 0:
		return ""
	case ms < 0.1:
		return fmt.Sprintf("%.2f", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f", ms)
	default:
		return fmt.Sprintf("%.0f", ms)
	}
}

// watchTrace asks once a second until ctx ends. On a terminal the table is drawn
// again and again in its place.
func (a *App) watchTrace(ctx context.Context, t *tracing, x *trace.Tracer, silent bool) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	live := !silent && isatty.IsTerminal(a.Out.Fd()) && a.Env("TERM") != "dumb"
	page, drawn, hops := a.tracePage(set), 0, trace.MaxHops
	for ctx.Err() == nil {
		began := time.Now()
		answers := x.Round(ctx, hops)
		if ctx.Err() != nil {
			break // The round was not waited for.
		}
		t.path.Round(answers)
		t.names.want(ctx, &t.path)
		t.packets = x.Packets()
		if t.path.Reached {
			// A little further, should the way grow.
			hops = min(trace.MaxHops, len(t.path.Hops)+1)
		}
		if t.path.Reached && t.path.MTU == 0 && t.path.Rounds == 1 {
			t.path.MTU, t.path.By = x.MTU(ctx, linkMTU(ctx, t.target))
		}
		if live {
			drawn = redraw(a.Out, page.page(t), drawn)
		}
		pause(ctx, watchEvery-time.Since(began))
	}
	if live {
		redraw(a.Out, "", drawn)
	}
	if !t.path.Reached {
		t.path.Trim()
	}
	return nil
}

// redraw writes a page in the place of the one before, which had some lines, and
// returns how many this one has.
func redraw(out io.Writer, page string, lines int) int {
	up := ""
	if lines > 0 {
		up = fmt.Sprintf("\x1b[%dA\r\x1b[J", lines)
	}
	_, _ = out.Write(append([]byte(up), escape.Escape([]byte(page), 0)...))
	return strings.Count(page, "\n")
}
