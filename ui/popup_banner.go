package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/internal/text"
	"flapscope/monitor/fold"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A bannerPopup sums up the incidents of a recording that was opened, or of the
// hours in which nobody touched the screen. It closes with the first key, which
// does what it always does.
type bannerPopup struct {
	page *scope
	// from is since when the incidents count; 0 is the beginning.
	from time.Duration
}

// update implements popup.
func (b *bannerPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "enter":
		return true, turnTo(incidentsTitle)
	case "esc":
		return true, nil
	}
	return true, func() tea.Msg { return msg }
}

// draw implements popup.
func (b *bannerPopup) draw(a grid.Area, k look) {
	f := b.page.frame()
	if f.tl == nil {
		return
	}
	sum := summed(f.incidents, max(b.from, f.tl.Bounds().From), f.now)
	const width = 110
	rows := sum.rows(k, min(width, a.Width()-2)-4)
	in := box(a, k, width, len(rows)+4, sum.title(), "enter list · any other key closes")
	in.Text(0, 1, sum.head(), k.Strong.With(themes.Bold))
	for y, r := range rows {
		drawPaneRow(in.Row(y+2), k, r)
	}
	onPopup(in, k)
}

// A summary is what a stretch of time had of incidents.
type summary struct {
	lasted time.Duration
	// all are the incidents without the notes, and the others those of them that
	// lasted longest, came most often and have a rhythm, or nil.
	all                    []*fold.Incident
	longest, most, pattern *fold.Incident
	outages                int
	down                   time.Duration
}

// summed sums up incidents that began or went on between two instants.
func summed(list []*fold.Incident, from, to time.Duration) (s summary) {
	s.lasted = to - from
	for _, i := range list {
		if i.Note() || !i.Open() && i.To.Mono < from {
			continue
		}
		s.all = append(s.all, i)
		if i.Severity == fold.SeverityOutage {
			s.outages++
			s.down += i.Down
		}
		if s.longest == nil || i.Longest > s.longest.Longest {
			s.longest = i
		}
		if i.Count > 1 && (s.most == nil || i.Count > s.most.Count) {
			s.most = i
		}
		if i.Pattern != nil && (s.pattern == nil || i.Pattern.Hits > s.pattern.Pattern.Hits) {
			s.pattern = i
		}
	}
	return s
}

func (s *summary) title() string {
	return text.Count(len(s.all), "incident") + " in " + text.Elapsed(s.lasted)
}

// head says how much of it was an outage, and what the longest was.
func (s *summary) head() string {
	if s.outages == 0 {
		return "no outage"
	}
	return text.Count(s.outages, "outage") + ", " + text.Duration(s.down) + " in all"
}

// rows are those that one looks at first, of so many columns: where there is no
// room for a whole sentence it is said in fewer words.
func (s *summary) rows(k look, width int) (out []paneRow) {
	layout := "15:04:05"
	if s.lasted >= 24*time.Hour {
		layout = "Mon 15:04"
	}
	var seen []*fold.Incident
	for _, r := range []struct {
		key string
		*fold.Incident
	}{{"longest", s.longest}, {"most", s.most}, {"pattern", s.pattern}} {
		if r.Incident == nil || slices.Contains(seen, r.Incident) {
			continue
		}
		seen = append(seen, r.Incident)
		at, lasted := k.clock(r.From.Time, layout)+"  ", ""
		if r.Incident == s.longest && r.Count <= 1 {
			lasted = text.Duration(r.Longest) + ": "
		}
		what := lasted + longest(headlines(r.Incident), width-keyColumn-grid.Width(at+lasted))
		mark, style := k.severityMark(r.Incident)
		out = append(out, paneRow{mark: mark, markStyle: style, key: r.key, keyStyle: k.Muted, parts: spans{
			{at, k.Muted}, {what, k.Text},
		}})
	}
	return out
}

// greetAfter is how long nobody has touched the screen when it says what happened
// meanwhile.
const greetAfter = 4 * time.Hour

// greet returns the banner, if it is time for it and there is anything to say: once
// a recording is read, and with the first key after a night.
func (m *model) greet(touched bool) *bannerPopup {
	_, now := m.feed.Now()
	last := m.touched
	if touched {
		m.touched = now
	}
	switch {
	case !m.opts.Greet || len(m.popups) > 0 || m.scope.tl == nil || m.greeted:
		return nil
	case m.opts.Replay && m.opts.Recording != nil && m.opts.Recording().Reading:
		return nil
	case m.opts.Replay:
		last, m.greeted = 0, true
	case !touched || last == 0 || now-last < greetAfter:
		return nil
	}
	sum := summed(m.scope.frame().incidents, last, now)
	if len(sum.all) == 0 {
		return nil
	}
	return &bannerPopup{m.scope, last}
}
