package ui

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/ui/grid"
)

// A qualityPage says how far what the other pages say can be trusted, and what
// it costs: what is not recorded, what was missed, what is not permitted.
type qualityPage struct{ *scope }

// refresh implements page: what the program costs is asked for while it is shown.
func (p qualityPage) refresh(feed Feed) bool {
	changed := p.scope.refresh(feed)
	if before := p.cost; p.opts.Cost != nil {
		p.cost = p.opts.Cost()
		changed = changed || p.cost != before
	}
	return changed
}

// update implements page.
func (p qualityPage) update(msg tea.Msg) tea.Cmd { return p.overall(msg) }

// draw implements page.
func (p qualityPage) draw(a grid.Area, bar barView) {
	f, body := p.shell(a, bar)
	wide := body.Width() >= panesFrom-2
	width := body.Width()
	if wide {
		width = (width - 3) / 2
	}
	recording, probes, mirror, missed := f.recordingPane(bar, width), f.probesPane(), f.tablesPane(), f.missedPane()
	permitted, cost, asked := f.permissionPane(width), p.costPane(f), f.askedPane()
	if !wide {
		drawPanes(body, f.look, []pane{recording, permitted, f.gapsPane(body.Height()), missed, probes, cost, mirror})
		return
	}
	left := []pane{recording, probes, cost, mirror, missed}
	const leastGaps = 2
	right := []pane{permitted, {rows: make([]paneRow, leastGaps)}, asked}
	needed := max(paneRows(left), paneRows(right))
	body = f.drawCoverage(body, needed)
	right[1] = f.gapsPane(leastGaps + max(0, body.Height()-paneRows(right)))
	drawPanes(body.Sub(0, 0, width, body.Height()), f.look, left)
	drawPanes(body.Sub(width+3, 0, body.Width()-width-3, body.Height()), f.look, right)
}

// wideRow is a line of a key and a value with room for longer keys.
func (f *frame) wideRow(key, value string) paneRow {
	r := f.row(key, value, f.Text)
	r.at = 17
	return r
}

// pairRow is a line of two keys, each with a value.
func (f *frame) pairRow(key, value, key2, value2 string) paneRow {
	const second, secondValue = 14, 16
	r := f.wideRow(key, pad(value, second))
	r.parts = append(r.parts, span{pad(key2, secondValue), f.Muted}, span{value2, f.Text})
	return r
}

// recordingPane says whether what is seen is kept, and where.
func (f *frame) recordingPane(bar barView, width int) pane {
	p := pane{title: "RECORDING", least: 1}
	r := bar.recording
	switch {
	case r.Err != "":
		p.rows = f.warning("not recording: "+r.Err, width)
	case r.File != "":
		p.rows = append(p.rows, f.wideRow("file", grid.Cut(r.File, 60)))
	case r.Length == 0:
		p.rows = append(p.rows, paneRow{key: "nothing is recorded", keyStyle: f.Muted})
	}
	if r.Length > 0 {
		p.rows = append(p.rows, f.pairRow("length", text.Elapsed(r.Length), "on disk", text.Size(r.Size)))
		perDay := float64(r.Size) / r.Length.Hours() * 24
		if r.Length >= 10*time.Minute {
			p.rows = append(p.rows, f.wideRow("a day like this", text.Size(int64(perDay))))
		}
	}
	if r.Reading {
		p.rows = append(p.rows, f.wideRow("read so far", percent(r.Progress, 0)))
	}
	return p
}

// probesPane says what the probes of the last minute cost.
func (f *frame) probesPane() pane {
	p := pane{title: "PROBES", remark: "in the last minute", least: 1}
	if f.snap == nil || f.snap.Usage == nil {
		p.remark = ""
		p.rows = []paneRow{{key: "nothing is sent", keyStyle: f.Muted}}
		return p
	}
	u := f.snap.Usage
	p.rows = []paneRow{
		f.pairRow("targets", text.Number(len(f.targets)), "a day like this", text.Size(perDay(u))),
		f.budgetRow("packets", text.Number(u.Packets), text.Number(u.MaxPackets), float64(u.Packets)/float64(u.MaxPackets)),
		f.budgetRow("bytes", text.Size(int64(u.Bytes)), text.Size(int64(u.MaxBytes)), float64(u.Bytes)/float64(u.MaxBytes)),
	}
	return p
}

// budgetRow says how much of what may be spent is.
func (f *frame) budgetRow(key, spent, most string, part float64) paneRow {
	const barAt = 47
	r := f.wideRow(key, spent+" of at most "+most)
	r.bar, r.barAt, r.barStyle = &part, barAt, f.Accent
	if part > 0.9 {
		r.barStyle = f.Warn
	}
	return r
}

// costPane says what the program costs this machine.
func (p qualityPage) costPane(f *frame) pane {
	out := pane{title: "THIS PROGRAM", least: 1}
	c := p.cost
	if c.Over == 0 {
		out.rows = []paneRow{{key: "what it costs is not known here", keyStyle: f.Muted}}
		return out
	}
	out.remark = "in the last " + text.Elapsed(c.Over)
	out.rows = []paneRow{
		f.pairRow("memory", strconv.FormatInt(c.Memory/1e6, 10)+" MB", "processor", percent(c.Processor, 1)),
		f.wideRow("wakes up", text.Number(int(c.Wakeups+0.5))+" × a second"),
	}
	return out
}

// perDay is what a day of probes as in the last minute costs, in bytes.
func perDay(u *fact.ProbeUsage) int64 { return int64(u.Bytes) * 24 * 60 }

// probeCost says what probing costs at the pace of the last minute, or "" when
// nothing is sent, or since less than a minute.
func (f *frame) probeCost() string {
	if f.snap == nil || f.snap.Usage == nil || f.snap.Usage.Bytes == 0 || f.tl == nil || f.at-f.tl.Bounds().From < time.Minute {
		return ""
	}
	return text.Size(perDay(f.snap.Usage)) + " a day"
}

// tablesPane says how much of the kernel is mirrored.
func (f *frame) tablesPane() pane {
	p := pane{title: "MIRROR", least: 1}
	s := f.snap
	if s == nil {
		p.rows = []paneRow{{key: f.unknown(), keyStyle: f.Muted}}
		return p
	}
	p.remark = "of the kernel's tables"
	complete := f.pairRow("complete", "yes", "neighbours", text.Number(len(s.Neighbours)))
	if !s.Synced {
		complete.parts[0] = span{pad("not yet", grid.Width(complete.parts[0].text)), f.Warn}
	}
	p.rows = []paneRow{
		complete,
		f.pairRow("links", text.Number(len(s.Links)), "addresses", text.Number(len(s.Addresses))),
		f.pairRow("routes", text.Number(s.Routes), "rules", text.Number(s.Rules)),
	}
	if s.Quality.RouterMode {
		p.rows = append(p.rows, paneRow{mark: '!', markStyle: f.Warn, key: "large routing table: only the main routes are mirrored", keyStyle: f.Text})
	}
	return p
}

// missedPane counts what was missed, and found out to be.
func (f *frame) missedPane() pane {
	p := pane{title: "MISSED", least: 1}
	if f.snap == nil {
		return p
	}
	q := f.snap.Quality
	for _, c := range []struct {
		word string
		n    int
	}{
		{"overruns", q.Overruns},
		{"resyncs", q.Resyncs},
		{"audits", q.Audits},
		{"repairs", q.Repairs},
		{"unreadable", q.Undecodable},
		{"suspends", q.Suspends},
		{"stopped", q.Stops},
		{"clock steps", q.ClockSteps},
		{"without a cause", q.Unexplained},
	} {
		if c.n > 0 {
			p.rows = append(p.rows, f.wideRow(c.word, text.Number(c.n)))
		}
	}
	if len(p.rows) == 0 {
		p.rows = []paneRow{{mark: '✓', markStyle: f.Good, key: "nothing", keyStyle: f.Text}}
	}
	return p
}

// permissionPane lists the features that are degraded, and what to do.
func (f *frame) permissionPane(width int) pane {
	p := f.noticePane(width)
	p.title = "NOT PERMITTED, OR NOT THERE"
	if len(p.rows) == 0 {
		p.rows = []paneRow{{mark: '✓', markStyle: f.Good, key: "every feature works", keyStyle: f.Text}}
	}
	return p
}

// gapsPane lists the stretches of which nothing can be said, newest first.
func (f *frame) gapsPane(most int) pane {
	p := pane{title: "GAPS", least: 1}
	if f.tl == nil {
		return p
	}
	gaps, all := f.gaps()
	if len(gaps) == 0 {
		p.rows = []paneRow{{mark: '✓', markStyle: f.Good, key: "none: all was observed", keyStyle: f.Text}}
		return p
	}
	p.remark = text.Count(len(gaps), "gap") + ", " + text.Elapsed(all)
	for i := len(gaps) - 1; i >= 0 && len(p.rows) < most; i-- {
		g := gaps[i]
		r := f.row(f.clock(f.tl.Clock(g.From), f.listLayout()), text.Words(g.Label.Display()), f.Text)
		r.at = 16
		r.right = f.muted(text.Duration(g.To - g.From))
		p.rows = append(p.rows, r)
	}
	return p
}

// gaps returns the stretches of which nothing can be said, and how long they are in
// all.
func (f *frame) gaps() (gaps []timeline.Segment, all time.Duration) {
	for _, s := range f.tl.Segments(path.ScopeMachine, f.tl.Bounds(), 0) {
		if s.Level == timeline.LevelGap {
			gaps = append(gaps, s)
			all += s.To - s.From
		}
	}
	return gaps, all
}
