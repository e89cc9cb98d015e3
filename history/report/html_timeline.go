package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
)

const (
	// wide is the width of every drawing in its own units: it is stretched to
	// the room there is.
	wide = 1000.0
	// drawnColumns are the columns of what is counted, and fineColumns those of
	// what is drawn as it is where there are too many stretches.
	drawnColumns = 220
	fineColumns  = 1000
)

// legendKeys are the classes of the key, and their words.
var legendKeys = [][2]string{
	{"ok", "online"}, {"warn", "a part broken or slow (low)"}, {"bad", "nothing worked (tall)"}, {"gap", "gap: nothing known"}, {"idle", "up, not used"},
}

func (r *Report) htmlTimeline(p *pageWriter) {
	if r.span.To <= r.span.From {
		return
	}
	ticks := r.ticks(14)
	p.put(`<section aria-labelledby="ht"><h2 id="ht">Timeline</h2><div class="tl"><div class="row vl" aria-hidden="true"><div class="lab"></div><div class="plot">`)
	for _, t := range ticks {
		p.put(`<i style="left:{}%"></i>`, 100*t.at)
	}
	p.put(`</div></div><div class="row axis"><div class="lab"></div><div class="plot"><div class="ticks" aria-hidden="true">`)
	for _, t := range ticks {
		major := markup("")
		if t.major {
			major = " maj"
		}
		p.put(`<span class="tick{}" style="left:{}%">{}</span>`, major, 100*t.at, t.text)
	}
	p.put("</div></div></div>\n")
	r.ribbon(p)
	for _, c := range classes {
		r.lane(p, c)
	}
	for i := range r.Machine.Interfaces {
		r.strip(p, &r.Machine.Interfaces[i])
	}
	for i := range r.Machine.Interfaces {
		r.signal(p, &r.Machine.Interfaces[i])
	}
	r.latency(p)
	for i, row := range r.rows() {
		r.failures(p, &row, i == 0)
	}
	p.put(`</div><p class="key">`)
	for _, k := range legendKeys {
		p.put(`<span><span class="q {}"></span>{}</span>`, markup(k[0]), k[1])
	}
	p.put("</p></section>\n")
}

// svg opens a drawing of a height.
func svg(p *pageWriter, height float64, label string) {
	p.put(`<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" height="{}">`, label, wide, height, height)
}

// open begins a row with a name.
func openRow(p *pageWriter, class markup, name, kind string) {
	p.put(`<div class="row {}"><div class="lab">{}`, class, name)
	if kind != "" {
		p.put(` <em>{}</em>`, kind)
	}
	p.put(`</div><div class="plot">`)
}

// x returns where an instant is drawn.
func (r *Report) x(at time.Duration) float64 {
	return math.Round(1e5*min(max(float64(at-r.span.From)/float64(r.span.To-r.span.From), 0), 1)) / 1e5 * wide
}

// rects draws stretches; where they are very many, the columns that they touch.
func (r *Report) rects(p *pageWriter, spans []timeline.Span, class markup, y, height float64, what string) {
	if len(spans) > fineColumns/2 {
		var joined []timeline.Span
		width := (r.span.To - r.span.From) / fineColumns
		for _, s := range spans {
			from := r.span.From + (s.From-r.span.From)/max(width, 1)*width
			joined = append(joined, timeline.Span{From: from, To: max(s.To, from+width)})
		}
		spans = timeline.Union(joined)
	}
	for _, s := range spans {
		p.put(`<rect class="{}" x="{}" y="{}" width="{}" height="{}">`, class, r.x(s.From), y, r.x(s.To)-r.x(s.From), height)
		if what != "" && len(spans) <= fineColumns/2 {
			p.put(`<title>{}: {}–{}, {}</title>`, what, r.view.Clock(s.From).Format("15:04:05.0"), r.view.Clock(s.To).Format("15:04:05.0"), text.Duration(s.To-s.From))
		}
		p.put("</rect>")
	}
}

// ribbon draws what there was on the whole: color and height say the same.
func (r *Report) ribbon(p *pageWriter) {
	openRow(p, "rib", "path", "")
	svg(p, 26, "Path and health over time. Green, middle: online. Amber, low: a part broken or slow. Red, tall: nothing worked. Hatched: gap.")
	r.rects(p, r.fine(), "ok", 4, 18, "")
	for _, s := range minus(r.hurt, r.dead) {
		p.put(`<rect class="bgr" x="{}" y="4" width="{}" height="18"/>`, r.x(s.From), r.x(s.To)-r.x(s.From))
	}
	r.rects(p, minus(r.hurt, r.dead), "warn", 11, 11, "a part broken or slow")
	r.rects(p, r.dead, "bad", 0, 26, "nothing worked")
	r.gaps(p, 26)
	p.put("</svg></div></div>\n")
}

func (r *Report) gaps(p *pageWriter, height float64) {
	for _, s := range r.blind {
		p.put(`<rect class="gapbg" x="{}" y="0" width="{}" height="{}"/><rect fill="url(#hatch)" x="{}" y="0" width="{}" height="{}"/>`,
			r.x(s.From), r.x(s.To)-r.x(s.From), height, r.x(s.From), r.x(s.To)-r.x(s.From), height)
	}
}

// minus returns what is in a and not in b; both are in order.
func minus(a, b []timeline.Span) (out []timeline.Span) {
	for _, s := range a {
		for _, o := range b {
			if o.To <= s.From {
				continue
			}
			if o.From >= s.To {
				break
			}
			if o.From > s.From {
				out = append(out, timeline.Span{From: s.From, To: o.From})
			}
			s.From = o.To
		}
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// lane draws the incidents of a class, with their numbers.
func (r *Report) lane(p *pageWriter, c Class) {
	list, _ := r.of(c)
	if len(list) == 0 {
		return
	}
	name := map[Class]string{ClassDead: "nothing worked", ClassPart: "a part broken", ClassSlow: "slow or lossy"}[c]
	p.put(`<div class="row"><div class="lab">{}</div><div class="plot"><div class="lane">`, name)
	slices.SortStableFunc(list, func(a, b Incident) int { return cmp.Compare(a.span.From, b.span.From) })
	for k, i := range list {
		if k == mostLines {
			break
		}
		left, width := r.x(i.span.From)/wide*100, (r.x(i.span.To)-r.x(i.span.From))/wide*100
		number := markup("")
		if width > 1.2 || len(list) <= 12 {
			number = markup(fmt.Sprintf("<b>%d</b>", i.Number))
		}
		if r.told(&i) {
			p.put(`<a class="span {}" href="#i{}" title="{}" style="left:{}%;width:{}%">{}</a>`, classNames[c], i.Number, i.Text, left, width, number)
		} else {
			p.put(`<span class="span {}" title="{}" style="left:{}%;width:{}%">{}</span>`, classNames[c], i.Text, left, width, number)
		}
	}
	p.put("</div></div></div>\n")
}

// strip draws how an interface did: full is in use, half is ready, a line at the
// foot is down, nothing is absent.
func (r *Report) strip(p *pageWriter, i *Interface) {
	openRow(p, "ifc", i.Name.Display(), i.Type.Display())
	svg(p, 12, "How "+i.Name.Display()+" did over time")
	by := map[timeline.Level][]timeline.Span{}
	for _, s := range within(r.view.Segments(i.scope, r.span, 0), r.span) {
		by[s.Level] = append(by[s.Level], s.Span)
	}
	r.rects(p, timeline.Union(by[timeline.LevelGood]), "ok", 1, 10, "")
	r.rects(p, timeline.Union(by[timeline.LevelStandby]), "idle", 5, 6, "ready, not used")
	r.rects(p, timeline.Union(by[timeline.LevelIdle]), "idle", 10, 1.5, "not used")
	r.rects(p, timeline.Union(append(by[timeline.LevelDegraded], by[timeline.LevelWaiting]...)), "warn", 6, 5, "not well")
	r.rects(p, timeline.Union(by[timeline.LevelBad]), "bad", 8, 4, "down")
	r.gaps(p, 12)
	p.put("</svg></div></div>\n")
}

// latencyHeight is the height of the chart of round trips, whose scale is
// logarithmic: what matters lies between one and a thousand.
const latencyHeight = 84.0

func (r *Report) latency(p *pageWriter) {
	gateway, internet := r.drawn()
	if gateway == nil && internet == nil {
		return
	}
	var main, other []timeline.Bucket
	name := ""
	if internet != nil {
		main, name = r.view.Latency(internet.id, r.span, drawnColumns), internet.Name.Display()
		if len(name) > mostName {
			name = "internet"
		}
		if gateway != nil {
			other = r.view.Latency(gateway.id, r.span, drawnColumns)
		}
	} else {
		main, name = r.view.Latency(gateway.id, r.span, drawnColumns), "gateway"
	}
	low, high := bounds(append(slices.Clone(main), other...))
	y := func(d time.Duration) float64 {
		return latencyHeight * (1 - (math.Log10(float64(max(d, low)))-math.Log10(float64(low)))/(math.Log10(float64(high))-math.Log10(float64(low))))
	}
	p.put(`<div class="row lat"><div class="lab"><span class="k"></span>{}`, name)
	if other != nil {
		p.put(`<br><span class="k b"></span>gateway`)
	}
	p.put(`<br><em>log scale</em></div><div class="plot">`)
	svg(p, latencyHeight, "Round trips of "+name+" over time, from the least to the most, with their median")
	p.put(`<path class="band g" d="{}"/>`, markup(band(main, y)))
	if other != nil {
		p.put(`<path class="line b" d="{}"/>`, markup(medians(other, y)))
	}
	p.put(`<path class="line g" d="{}"/>`, markup(medians(main, y)))
	r.gaps(p, latencyHeight)
	p.put(`</svg><div class="ys" aria-hidden="true">`)
	for d := low; d <= high; d *= 10 {
		p.put(`<span style="top:{}%">{}</span>`, y(d)/latencyHeight*100, scaleWord(d))
	}
	p.put("</div></div></div>\n")
}

// mostName is how long the name of a target is that stands beside a chart.
const mostName = 15

// scaleWord writes a power of ten; the unit once, where it changes.
func scaleWord(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case d == time.Millisecond:
		return "1 ms"
	case d > time.Millisecond:
		return fmt.Sprint(int(d / time.Millisecond))
	}
	return strings.TrimRight(fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)), "0")
}

// bounds are the powers of ten that round trips lie between.
func bounds(list []timeline.Bucket) (low, high time.Duration) {
	low, high = time.Minute, 10*time.Millisecond
	for _, b := range list {
		if b.Answered > 0 {
			low, high = min(low, max(b.Min, 10*time.Microsecond)), max(high, b.Max)
		}
	}
	down, up := 10*time.Microsecond, 10*time.Millisecond
	for down*10 <= low {
		down *= 10
	}
	for up < high && up < 100*time.Second {
		up *= 10
	}
	return min(down, up/10), up
}

// band draws what lies between the least and the most round trip; where nothing
// was answered there is nothing.
func band(list []timeline.Bucket, y func(time.Duration) float64) string {
	var b strings.Builder
	step := wide / float64(len(list))
	for i, k := range list {
		if k.Answered > 0 {
			top, foot := y(k.Max), y(k.Min)
			fmt.Fprintf(&b, "M%.1f %.1fh%.2fV%.1fh-%.2fz", float64(i)*step, top, step, max(foot, top+0.8), step)
		}
	}
	return b.String()
}

// medians draws a line through the medians, broken where nothing was answered.
func medians(list []timeline.Bucket, y func(time.Duration) float64) string {
	var b strings.Builder
	step := wide / float64(len(list))
	pen := "M"
	for i, k := range list {
		if k.Answered == 0 {
			pen = "M"
			if k.Lost == 0 && i > 0 && list[i-1].Answered > 0 {
				// A target that is seldom asked is no gap.
				pen = "L"
			}
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, (float64(i)+0.5)*step, y(k.Median))
		pen = "L"
	}
	return b.String()
}

// failures draws the share of the checks of a row that failed.
func (r *Report) failures(p *pageWriter, w *row, first bool) {
	name := w.name
	if first {
		name = "failed: " + name
	}
	openRow(p, "fail", name, "")
	list := w.columns(r.view, r.span, drawnColumns)
	failed, n := 0, 0
	for _, b := range list {
		failed, n = failed+int(b.Lost), n+int(b.Lost+b.Answered)
	}
	svg(p, 13, fmt.Sprintf("%s: %d of %d checks failed", w.name, failed, n))
	step := wide / drawnColumns
	var base, bad strings.Builder
	for i, b := range list {
		n := b.Answered + b.Lost
		if n == 0 {
			continue
		}
		fmt.Fprintf(&base, "M%.1f 12h%.2fv1h-%.2fz", float64(i)*step, step, step)
		if b.Lost > 0 {
			height := 2 + 10*float64(b.Lost)/float64(n)
			fmt.Fprintf(&bad, "M%.1f %.1fh%.2fv%.1fh-%.2fz", float64(i)*step, 13-height, step, height, step)
		}
	}
	p.put(`<path class="dot" d="{}"/><path class="bad" d="{}"/>`, markup(base.String()), markup(bad.String()))
	r.gaps(p, 13)
	p.put("</svg></div></div>\n")
}

// microColumns are the columns of the picture of one incident.
const microColumns = 160

// micro draws what the checks found around an incident.
func (r *Report) micro(p *pageWriter, i *Incident) {
	pad := max((i.span.To-i.span.From)/8, 4*time.Second)
	span := timeline.Span{From: max(i.span.From-pad, r.span.From), To: min(i.span.To+pad, r.span.To)}
	if span.To <= span.From {
		return
	}
	part := *r
	part.span = span
	p.put(`<div class="micro"><div class="row mh"><div class="lab">{}</div><div class="plot"></div><div class="cnt">{}</div></div>`, clock(r.view.Clock(span.From)), clock(r.view.Clock(span.To)))
	left, right := part.x(i.span.From), part.x(i.span.To)
	part.microPath(p, left, right)
	for _, w := range r.rows() {
		list := w.columns(r.view, span, microColumns)
		var ok, slow, bad strings.Builder
		n, failed := 0, 0
		for k, b := range list {
			at := (float64(k) + 0.5) * wide / microColumns
			n, failed = n+int(b.Answered+b.Lost), failed+int(b.Lost)
			switch {
			case b.Lost > 0:
				fmt.Fprintf(&bad, "M%.1f %.1fV15", at, 11-10*float64(b.Lost)/float64(b.Lost+b.Answered))
			case b.Answered > 0 && b.Median > 200*time.Millisecond:
				fmt.Fprintf(&slow, "M%.1f 7V15", at)
			case b.Answered > 0:
				fmt.Fprintf(&ok, "M%.1f 12V15", at)
			}
		}
		if n == 0 {
			continue
		}
		zero := markup("")
		if failed == 0 {
			zero = " z"
		}
		p.put(`<div class="row"><div class="lab">{}</div><div class="plot">`, w.name)
		svg(p, 16, fmt.Sprintf("%s: %d of %d failed", w.name, failed, n))
		p.put(`<rect class="inc" x="{}" y="0" width="{}" height="16"/><path class="pok" d="{}"/><path class="pslow" d="{}"/><path class="pbad" d="{}"/></svg></div><div class="cnt{}">{}/{}</div></div>`,
			left, right-left, markup(ok.String()), markup(slow.String()), markup(bad.String()), zero, failed, n)
	}
	p.put("</div>")
}

// microPath draws when there was no path.
func (r *Report) microPath(p *pageWriter, left, right float64) {
	var down []timeline.Span
	for _, s := range within(r.view.Segments("machine", r.span, 0), r.span) {
		if timeline.ConditionOf(s.Level) == timeline.ConditionDown {
			down = append(down, s.Span)
		}
	}
	p.put(`<div class="row"><div class="lab">path</div><div class="plot">`)
	svg(p, 16, fmt.Sprintf("without a path %d times", len(down)))
	p.put(`<rect class="inc" x="{}" y="0" width="{}" height="16"/><rect class="okline" x="0" y="7" width="{}" height="2.5"/>`, left, right-left, wide)
	r.rects(p, down, "bad", 1, 14, "no path")
	r.gaps(p, 16)
	p.put(`</svg></div><div class="cnt{}">`, map[bool]markup{true: " z"}[len(down) == 0])
	if len(down) > 0 {
		p.put(`{} ×`, len(down))
	}
	p.put("</div></div>")
}
