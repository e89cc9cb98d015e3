package report

import (
	_ "embed" // the style
	"io"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

//go:embed style.css
var style string

// WriteHTML writes the report as one file that needs nothing else: no script, no
// font, no picture from elsewhere, and a policy that would stop them.
func (r *Report) WriteHTML(w io.Writer) error {
	_, err := io.WriteString(w, r.html())
	return err
}

// page returns what any report has, whatever was recorded.
func page() string {
	empty := Report{Redaction: "public colleague none", Headline: "Nothing was observed"}
	var p pageWriter
	for _, k := range legendKeys {
		p.put("{} ", k[1])
	}
	for _, c := range classes {
		p.put("{} ", classTitles[c])
	}
	return empty.html() + p.String() + howCounted + howAdded + `this machine the web incidents seconds leg path satisfied internet reachable free of any trouble losses of the path per hour time to recover median
		p90 longest what happened still worked failed checks pattern root on gateway DNS IPv4 IPv6 web yours tables target mean burst machine system resolvers recorded limits note redaction
		observed gap in all synchronised driver in use for ready carrier changes interval worth knowing replay incidents sh text access points network channel associated times ended by the ap signal dbm mhz n how long each was used often that but for a roam and mean of its when it began strong gantt section active done crit title axisformat dateformat
		role img label viewbox preserveaspectratio fill url rect path class scope table caption thead tbody href more still meanwhile that`
}

// classNames are how the style calls the classes.
var classNames = map[Class]markup{ClassDead: "out", ClassPart: "part", ClassSlow: "slow", ClassNote: "note"}

func (r *Report) html() string {
	var p pageWriter
	p.put(`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer"><title>{} (flapscope report)</title>
<style>`, r.Headline)
	p.WriteString(style)
	p.put(`</style></head><body>
<svg width="0" height="0" aria-hidden="true" class="defs"><defs><pattern id="hatch" width="4" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(35)"><rect class="hl" width="1.3" height="6"/></pattern></defs></svg>
<main>
`)
	r.htmlHead(&p)
	if r.view != nil {
		r.htmlVerdict(&p)
		r.htmlTimeline(&p)
		r.htmlIncidents(&p)
		r.htmlFigures(&p)
		r.htmlMachine(&p)
	}
	p.put(`<footer>Written by flapscope from a recording; times are of {}. Nothing in this file is loaded from elsewhere.</footer>
</main></body></html>
`, zoneName(r.From))
	return p.String()
}

func (r *Report) htmlHead(p *pageWriter) {
	p.put(`<header><p class="brand"><b>flapscope</b> report `)
	if h := r.Machine.Host; h != "" {
		p.put(`<span>{}</span>`, h)
	}
	if !r.From.IsZero() {
		p.put(`<span>{}</span>`, r.period())
	}
	p.put(`<span>redacted: {}</span></p>
<h1>{}.</h1>
`, r.Redaction, r.Headline)
	if r.Summary != "" {
		p.put(`<p class="sub">{}</p>
`, r.Summary)
	}
	if len(r.Legs) == 0 {
		p.put("</header>\n")
		return
	}
	p.put(`<p class="cap">Where they began: incidents and time on each leg of the way</p><ol class="legs" aria-label="Incidents by the leg where they began, from this machine outwards"><li class="end">this machine</li>`)
	for _, l := range r.Legs {
		p.put(`<li class="{}"><span class="n">{}</span><b>{}</b><span class="s">{}</span></li>`, classNames[l.Worst], legWord(l.Leg), l.Incidents, text.Elapsed(l.Lost.Round(time.Second)))
	}
	p.put("<li class=\"end\">the web</li></ol></header>\n")
}

func legWord(l path.LegName) string {
	if l == path.LegDNS {
		return "DNS"
	}
	return text.Words(string(l))
}

// mostLines is how many incidents of a class are listed, mostSections how many are
// told in full, and mostNotes how many lines are between them and the timeline.
const (
	mostLines    = 200
	mostSections = 40
	mostNotes    = 15
)

func (r *Report) htmlVerdict(p *pageWriter) {
	p.put(`<section aria-labelledby="hv"><h2 id="hv" class="vh">Verdict</h2>`)
	for _, c := range classes {
		list, lost := r.of(c)
		if len(list) == 0 {
			continue
		}
		name := classNames[c]
		p.put(`<h3 class="gh {}"><span class="sw {}"></span>{} <em>{}, {}</em></h3><ol class="vlist">`, name, name, classTitles[c], text.Count(len(list), "incident"), added(list, lost))
		for k, i := range list {
			if k == mostLines {
				p.put(`<li class="v"><span></span><span class="t">{} more: the JSON report has them all</span></li>`, len(list)-k)
				break
			}
			head, rest := i.sentence()
			p.put(`<li class="v {}">{}<span class="t"><b>{}</b>{}</span><span class="w">{}</span><span class="l">{}</span></li>`,
				name, r.link(&i), head, rest, r.when(i.From), i.lost())
		}
		p.put("</ol>\n")
	}
	if notes := r.worthKnowing(); len(notes) > 0 {
		p.put(`<div class="notes"><b>No trouble, but worth knowing.</b><ul>`)
		for i, n := range notes {
			if i == mostNotes {
				p.put(`<li>{} more</li>`, len(notes)-i)
				break
			}
			p.put(`<li>{}</li>`, n)
		}
		p.put("</ul></div>\n")
	}
	p.put("</section>\n")
}

// link is the number of an incident, which leads to where it is told.
func (r *Report) link(i *Incident) markup {
	var p pageWriter
	name := classNames[i.Class]
	if r.told(i) {
		p.put(`<a class="id {}" href="#i{}">{}</a>`, name, i.Number, i.Number)
	} else {
		p.put(`<span class="id {}">{}</span>`, name, i.Number)
	}
	return markup(p.String())
}

// told reports whether an incident has a part of its own.
func (r *Report) told(i *Incident) bool {
	for k := range r.Incidents[:min(len(r.Incidents), mostSections)] {
		if r.Incidents[k].Number == i.Number {
			return true
		}
	}
	return false
}

func (r *Report) htmlIncidents(p *pageWriter) {
	if len(r.Incidents) == 0 {
		return
	}
	p.put(`<section aria-labelledby="hi"><h2 id="hi">Incidents, worst first</h2><p class="lead">In each picture a mark is the checks of one moment: <span class="tk okk"></span> answered, <span class="tk slk"></span> slower than 0.2 s, <span class="tk bdk"></span> failed, placed when they were <em>sent</em>. The tinted stretch is the incident.</p>`)
	for k := range r.Incidents {
		if k == mostSections {
			p.put(`<p class="lead">{} more are in the list above.</p>`, len(r.Incidents)-k)
			break
		}
		r.htmlIncident(p, &r.Incidents[k])
	}
	p.put("</section>\n")
}

func (r *Report) htmlIncident(p *pageWriter, i *Incident) {
	head, rest := i.sentence()
	name := classNames[i.Class]
	p.put(`<section class="inc {}" id="i{}"><h3><span class="id {}">{}</span><span><b>{}</b>{}</span></h3>
<p class="meta"><span>{}</span><span>{} lost</span><span>root <code>{}</code> on leg <code>{}</code></span></p>
<div class="two"><div><h4>What happened</h4><ol class="ladder">`, name, i.Number, name, i.Number, head, rest, r.lasting(i), i.lost(), string(i.Root.What), string(i.Root.Leg))
	for k := range i.Cause {
		rung(p, "dn", &i.Cause[k])
	}
	p.put(`<li class="mid {}"><span class="tx">{}</span></li>`, name, i.between())
	for k := range i.Recovery {
		rung(p, "up", &i.Recovery[k])
	}
	p.put("</ol>")
	if i.Pattern != "" {
		p.put(`<p class="pat"><b>Pattern.</b> {}.</p>`, i.Pattern)
	}
	p.put("</div><div>")
	if i.worked() != "" {
		p.put(`<div class="wf"><h4>Still worked</h4><ul class="chips">`)
		for _, w := range i.Works {
			p.put(`<li class="y">✓ {}</li>`, workWord(w))
		}
		if len(i.Works) == 0 {
			p.put(`<li class="n0">nothing</li>`)
		}
		p.put("</ul></div>")
	}
	if len(i.Evidence) > 0 {
		p.put(`<h4>When it began</h4><ul class="ev">`)
		for k, e := range i.Evidence {
			if k == mostEvidence {
				p.put(`<li>{} more</li>`, len(i.Evidence)-k)
				break
			}
			p.put(`<li>{}</li>`, e)
		}
		p.put("</ul>")
	}
	r.micro(p, i)
	p.put("</div></div></section>\n")
}

// mostEvidence is how many facts of the onset of an incident are told.
const mostEvidence = 8

func workWord(w string) string {
	switch w {
	case "ipv4":
		return "IPv4"
	case "ipv6":
		return "IPv6"
	case "dns":
		return "DNS"
	}
	return w
}

func rung(p *pageWriter, name markup, s *path.Step) {
	p.put(`<li class="{}"><time>{}</time><span class="off">{}</span><span class="ly">{}</span><span class="tx">{}</span></li>`,
		name, clockMillis(s.Time), after(s.After), string(s.Layer), stepText(s))
}

func (r *Report) htmlFigures(p *pageWriter) {
	p.put(`<section aria-labelledby="hs"><h2 id="hs">Statistics</h2>
<div class="nums">`)
	for _, f := range r.figures() {
		p.put(`<div><b>{}</b><span>{}</span><small>`, f[1], f[0])
		if f[2] != "" {
			p.put(`95 %: {}; `, f[2])
		}
		p.put(`{}</small></div>`, cases(f[3]))
	}
	p.put("</div>\n")
	if len(r.Checks) > 0 {
		p.put(`<h3>Checks</h3><div class="scroll"><table><caption>{} In italics the interval.</caption><thead><tr><th scope="col">target</th><th scope="col">n</th><th scope="col">failed</th><th scope="col">failed %</th><th scope="col">bursts</th><th scope="col">mean burst</th><th scope="col">p50 ms</th><th scope="col">p95 ms</th><th scope="col">p99 ms</th></tr></thead><tbody>`, howCounted)
		for i := range r.Checks {
			c := &r.Checks[i]
			p.put(`<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>`,
				c.title(), c.N, c.Failed, ranged(c.share()), c.Bursts, c.burst(), ranged(c.P50.ms()), ranged(c.P95.ms()), ranged(c.P99.ms()))
		}
		p.put("</tbody></table></div>\n")
	}
	r.htmlAccessPoints(p)
	p.put("</section>\n")
}

// cases writes a number of cases as one, and other words as they are.
func cases(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return "n = " + s
	}
	return s
}

// ranged sets the interval behind a figure in italics.
func ranged(s string) markup {
	value, interval, ok := strings.Cut(s, " (")
	var p pageWriter
	p.put("{}", value)
	if ok {
		p.put(` <i>{}</i>`, strings.TrimSuffix(interval, ")"))
	}
	return markup(p.String())
}

func (r *Report) htmlMachine(p *pageWriter) {
	p.put(`<section aria-labelledby="hm" class="facts"><h2 id="hm">The machine and the recording</h2><dl>`)
	for _, f := range r.facts() {
		p.put(`<dt>{}</dt><dd>{}</dd>`, f[0], f[1])
	}
	p.put("</dl>")
	if r.file != "" {
		name := fact.Untrusted(r.file)
		p.put("<h3>To open it</h3><pre>flapscope replay {}\nflapscope incidents {}</pre>", name, name)
	}
	p.put("</section>\n")
}
