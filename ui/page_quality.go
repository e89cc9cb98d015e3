package ui

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/ui/grid"
)

// A qualityPage says how far what the other pages say can be trusted, and what
// it costs: what is not recorded, what was missed, what is not permitted.
type qualityPage struct{ *scope }

// draw implements page.
func (p qualityPage) draw(a grid.Area, bar barView) {
	f, body := p.shell(a, bar)
	left := []pane{f.recordingPane(bar), f.costPane(), f.tablesPane(), f.missedPane()}
	right := []pane{f.permissionPane((body.Width() - 3) / 2), f.gapsPane(body.Height())}
	if body.Width() < panesFrom-2 {
		drawPanes(body, f.look, []pane{left[0], f.permissionPane(body.Width()), right[1], left[3], left[1], left[2]})
		return
	}
	half := (body.Width() - 3) / 2
	drawPanes(body.Sub(0, 0, half, body.Height()), f.look, left)
	drawPanes(body.Sub(half+3, 0, body.Width()-half-3, body.Height()), f.look, right)
}

// wideRow is a line of a key and a value with room for longer keys.
func (f *frame) wideRow(key, value string) paneRow {
	r := f.row(key, value, f.Text)
	r.at = 20
	return r
}

// recordingPane says whether what is seen is kept, and where.
func (f *frame) recordingPane(bar barView) pane {
	p := pane{title: "RECORDING", least: 1}
	r := bar.recording
	switch {
	case r.Err != "":
		p.rows = append(p.rows, paneRow{mark: '!', markStyle: f.Warn, key: "not recording: " + r.Err, keyStyle: f.Text})
	case r.File != "":
		p.rows = append(p.rows, f.wideRow("file", grid.Cut(r.File, 60)))
	case r.Length == 0:
		p.rows = append(p.rows, paneRow{key: "nothing is recorded", keyStyle: f.Muted})
	}
	if r.Length > 0 {
		p.rows = append(p.rows, f.wideRow("length", text.Elapsed(r.Length)), f.wideRow("on disk", text.Size(r.Size)))
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

// costPane says what the probes of the last minute cost.
func (f *frame) costPane() pane {
	p := pane{title: "PROBES", remark: "in the last minute", least: 1}
	if f.snap == nil || f.snap.Usage == nil {
		p.remark = ""
		p.rows = []paneRow{{key: "nothing is sent", keyStyle: f.Muted}}
		return p
	}
	u := f.snap.Usage
	p.rows = []paneRow{
		f.wideRow("targets", text.Number(len(f.targets))),
		f.wideRow("packets", text.Number(u.Packets)+" of at most "+text.Number(u.MaxPackets)),
		f.wideRow("bytes", text.Size(int64(u.Bytes))+" of at most "+text.Size(int64(u.MaxBytes))),
		f.wideRow("a day like this", text.Size(perDay(u))),
	}
	return p
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
	complete := f.wideRow("complete", "yes")
	if !s.Synced {
		complete = f.wideRow("complete", "not yet")
		complete.parts[0].style = f.Warn
	}
	p.rows = []paneRow{
		complete,
		f.wideRow("links", text.Number(len(s.Links))), f.wideRow("addresses", text.Number(len(s.Addresses))),
		f.wideRow("routes", text.Number(s.Routes)), f.wideRow("rules", text.Number(s.Rules)),
		f.wideRow("neighbours", text.Number(len(s.Neighbours))),
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
	b := f.tl.Bounds()
	var gaps []timeline.Segment
	var all time.Duration
	for _, s := range f.tl.Segments(path.ScopeMachine, b, 0) {
		if s.Level == timeline.LevelGap {
			gaps = append(gaps, s)
			all += s.To - s.From
		}
	}
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
