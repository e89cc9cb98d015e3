package report

import (
	"fmt"
	"strings"

	"flapscope/internal/text"
)

// The signals that a chart reaches from and to, in dBm: less is none, and more is
// beside the access point.
const (
	leastSignal = -95
	mostSignal  = -30
)

// signal draws how strong an access point was.
func (r *Report) signal(p *pageWriter, i *Interface) {
	columns := r.signals[i.index]
	if columns == nil {
		return
	}
	const height = 30.0
	var b strings.Builder
	pen := "M"
	for k, c := range columns {
		if c.n == 0 {
			pen = "M"
			continue
		}
		dbm := min(max(float64(c.sum)/float64(c.n), leastSignal), mostSignal)
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, (float64(k)+0.5)*wide/drawnColumns, height*(mostSignal-dbm)/(mostSignal-leastSignal))
		pen = "L"
	}
	openRow(p, "sig", i.Name.Display(), "signal")
	svg(p, height, "Signal of "+i.Name.Display()+" over time, in dBm")
	p.put(`<path class="line b" d="{}"/>`, markup(b.String()))
	r.gaps(p, height)
	p.put(`</svg><div class="ys" aria-hidden="true"><span style="top:0%">{}</span><span style="top:100%">{}</span></div></div></div>
`, mostSignal, leastSignal)
}

// accessPointHead are the columns of the table of access points.
var accessPointHead = []string{"access point", "network", "channel", "associated", "times", "ended", "by the AP", "signal dBm"}

// cells are the row of an access point.
func (a *AccessPoint) cells() []string {
	signal, number := "–", "–"
	if a.N > 0 {
		signal = fmt.Sprintf("%.0f (n = %d)", a.Signal, a.N)
	}
	if c := channel(a.Frequency); c > 0 {
		number = fmt.Sprintf("%d (%d MHz)", c, a.Frequency)
	}
	return []string{a.BSSID.Display(), a.SSID.Display(), number, text.Duration(a.Associated), fmt.Sprint(a.Times), fmt.Sprint(a.Ended), fmt.Sprint(a.ByAP), signal}
}

// mostAccessPoints is how many access points a table has.
const mostAccessPoints = 30

func (r *Report) htmlAccessPoints(p *pageWriter) {
	if len(r.AccessPoints) == 0 {
		return
	}
	p.put(`<h3>Access points</h3><div class="scroll"><table><caption>{}</caption><thead><tr>`, "How long each was used, how often that ended but for a roam, and the mean of its signal.")
	for _, h := range accessPointHead {
		p.put(`<th scope="col">{}</th>`, h)
	}
	p.put("</tr></thead><tbody>")
	for i := range r.AccessPoints[:min(len(r.AccessPoints), mostAccessPoints)] {
		for k, c := range r.AccessPoints[i].cells() {
			if k == 0 {
				p.put(`<tr><th scope="row">{}</th>`, c)
				continue
			}
			p.put(`<td>{}</td>`, c)
		}
		p.put("</tr>")
	}
	p.put("</tbody></table></div>\n")
}

func (r *Report) markdownAccessPoints(m *markdown) {
	if len(r.AccessPoints) == 0 {
		return
	}
	m.line("| %s |", strings.Join(accessPointHead, " | "))
	m.line("|%s", strings.Repeat("---|", len(accessPointHead)))
	for i := range r.AccessPoints[:min(len(r.AccessPoints), mostAccessPoints)] {
		cells := r.AccessPoints[i].cells()
		for k := range cells {
			cells[k] = inert(cells[k])
		}
		m.line("| %s |", strings.Join(cells, " | "))
	}
	m.line("")
}
