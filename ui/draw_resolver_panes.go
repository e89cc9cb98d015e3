package ui

import (
	"time"

	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// leastResolverPanes is the least height of a block that has panes beside its chart,
// and paneGap what is left blank between them.
const (
	leastResolverPanes = 8
	paneGap            = 2
)

// resolverPanes sum up the window beside the chart of a resolver.
func (v *dnsView) resolverPanes(r *resolverRow) []pane { return []pane{v.tookPane(r), v.lossPane(r)} }

// tookPane says how many answers took how long.
func (v *dnsView) tookPane(r *resolverRow) pane {
	p := pane{title: "ROUND TRIPS", remark: text.Count(int(r.stats.Answered), "answer"), least: 1}
	type class struct {
		over, to time.Duration
		n        uint32
	}
	var classes []class
	over := time.Duration(0)
	for to := range steps() {
		classes = append(classes, class{over: over, to: to})
		over = to
	}
	all, first, last := uint32(0), len(classes), -1
	for _, b := range r.plot.buckets {
		if b.Answered == 0 {
			continue
		}
		i := 0
		for i < len(classes)-1 && b.Median > classes[i].to {
			i++
		}
		classes[i].n += b.Answered
		all, first, last = all+b.Answered, min(first, i), max(last, i)
	}
	if all == 0 {
		p.remark = ""
		p.rows = []paneRow{{key: "none", keyStyle: v.Muted}}
		return p
	}
	for _, c := range classes[first : last+1] {
		part := float64(c.n) / float64(all)
		const countEnd, barAt = 20, 22
		row := paneRow{key: "to " + text.Duration(c.to), keyStyle: v.Muted, bar: &part, barAt: barAt, barStyle: v.Series[0].Line}
		said := num(int64(c.n))
		row.at = countEnd - grid.Width(said)
		row.parts = spans{{said, v.Text}}
		p.rows = append(p.rows, row)
	}
	return p
}

// lossPane says how answers failed to come, and what came besides.
func (v *dnsView) lossPane(r *resolverRow) pane {
	s := r.stats
	p := pane{title: "LOST", remark: lossText(s), least: 1}
	if s.Lost == 0 {
		p.rows = []paneRow{{mark: '✓', markStyle: v.Good, key: "nothing", keyStyle: v.Text}}
	} else {
		p.rows = append(p.rows, v.figureRow("came in", text.Count(int(s.Bursts), "run")))
	}
	if s.Late > 0 {
		p.rows = append(p.rows, v.figureRow("late", text.Number(int(s.Late))))
	}
	if s.Duplicates > 0 {
		p.rows = append(p.rows, v.figureRow("twice", text.Number(int(s.Duplicates))))
	}
	if s.Jitter > 0 {
		p.rows = append(p.rows, v.figureRow("jitter", text.Duration(s.Jitter)))
	}
	return p
}

func (v *dnsView) figureRow(key, value string) paneRow {
	return paneRow{key: key, keyStyle: v.Muted, parts: spans{{value, v.Text}}}
}
