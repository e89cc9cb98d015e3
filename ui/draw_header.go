package ui

import (
	"flapscope/monitor"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A badge is a word on a coloured block.
type badge struct {
	text  string
	style themes.Style
}

// drawHeader draws the bar at the top: what the path is, by which way, since
// when and why; at the right whether this is the present. The date goes when
// the reason needs its room.
func drawHeader(a grid.Area, f *frame) {
	a.Fill(' ', f.Bar)
	words := f.headline(a.Width())
	need := 2
	for _, w := range words {
		need += grid.Width(w.text)
	}
	end := drawClock(a, f, a.Width() >= 96 && need+grid.Width(f.readingText())+40 <= a.Width())
	x := 1
	for i, w := range words {
		room := end - x - 2
		if i > 0 && room < min(grid.Width(w.text), 10) {
			break
		}
		x = a.Cut(x, 0, room, w.text, w.style)
	}
}

// headline returns the words of the header from left to right, for a screen of
// the given width, each with the blanks before it.
func (f *frame) headline(width int) []span {
	var out []span
	if width >= 72 {
		out = append(out, span{"flapscope", f.BarName}, span{"  ", f.Bar})
	}
	for _, b := range f.badges() {
		out = append(out, span{" " + b.text + " ", b.style})
	}
	via, gateway := f.route()
	if via != "" {
		out = append(out, span{"  " + via, f.BarStrong})
	}
	if gateway != "" {
		out = append(out, span{" → " + gateway, f.Bar})
	}
	if s := f.sinceText(); s != "" {
		out = append(out, span{"   " + s, f.BarMuted})
	}
	if r := f.reasonText(); r != "" {
		out = append(out, span{"   " + r, f.Bar})
	}
	return out
}

// drawClock draws what is at the right of the header, with the date or
// without, and returns where it begins.
func drawClock(a grid.Area, f *frame, date bool) int {
	layout := "15:04:05"
	if date {
		layout = "Mon 2 Jan  15:04:05"
	}
	word, st, clock := "▶ LIVE", f.Good, f.Bar
	switch {
	case f.replay && f.playing:
		word, st = "▶ REPLAY "+trimmed(f.speed)+"×", f.Replay
	case f.replay:
		word, st = "■ REPLAY "+trimmed(f.speed)+"×", f.Replay
	case !f.live && f.at == f.now:
		word, st = "■ PAUSED", f.Warn
	case !f.live:
		word, st = "◀ "+since(f.now-f.at)+" ago", f.Warn
	}
	if f.replay {
		clock = f.Replay.With(themes.Bold).On(f.Bar.Bg)
	}
	x := a.Right(a.Width()-1, 0, f.clock(f.atTime, layout), clock)
	x = a.Right(x-2, 0, word, st.With(themes.Bold).On(f.Bar.Bg))
	if text := f.readingText(); text != "" {
		x = a.Right(x-2, 0, text, f.Warn.On(f.Bar.Bg))
	}
	return x
}

// badges returns the settled status, and beside it what is wrong although the
// path is there: users must see both at once.
func (f *frame) badges() []badge {
	s := f.snap
	if s == nil || s.Raw == nil {
		word := "○ STARTING"
		if f.unread() {
			word = "○ READING"
		} else if f.unrecorded() {
			word = "○ NOT RECORDED"
		}
		return []badge{{word, f.BadgeNone}}
	}
	var b []badge
	switch s.Settled {
	case monitor.Satisfied:
		b = append(b, badge{"● SATISFIED", f.BadgeGood})
	case monitor.RequiresConnection:
		b = append(b, badge{"◐ REQUIRES CONNECTION", f.BadgeWarn})
	case monitor.Unsatisfied:
		b = append(b, badge{"× UNSATISFIED", f.BadgeBad})
	default:
		b = append(b, badge{"○ UNKNOWN", f.BadgeNone})
	}
	if s.Flapping {
		b = append(b, badge{"! FLAPPING", f.BadgeWarn})
	}
	if s.Settled == monitor.Satisfied {
		switch s.Health.State {
		case monitor.HealthDegraded:
			b = append(b, badge{"! DEGRADED", f.BadgeWarn})
		case monitor.HealthPortal:
			b = append(b, badge{"! PORTAL", f.BadgeWarn})
		case monitor.HealthNoInternet:
			b = append(b, badge{"× NO INTERNET", f.BadgeBad})
		}
	}
	return b
}

// route returns the interface in use and its gateway, in words.
func (f *frame) route() (via, gateway string) {
	p := f.path()
	if p == nil || p.Interface == "" {
		return "", ""
	}
	via = p.Interface.Display()
	switch {
	case p.IPv4.Gateway.IsValid():
		gateway = p.IPv4.Gateway.String()
	case p.IPv6.Gateway.IsValid():
		gateway = p.IPv6.Gateway.String()
	case p.Tunnel != nil && p.Tunnel.Underlay != "":
		gateway = p.Tunnel.Underlay.Display()
	}
	return via, gateway
}

// path returns the path at the cursor: the raw one, which is what is true
// now; nil before the first evaluation.
func (f *frame) path() *monitor.Path {
	if f.snap == nil {
		return nil
	}
	return f.snap.Raw
}

// sinceText returns for how long the settled status has held.
func (f *frame) sinceText() string {
	if f.snap == nil || f.snap.Raw == nil || f.snap.Settled == "" {
		return ""
	}
	return since(f.at - f.snap.Since)
}

// reasonText says in a few words why all is not well.
func (f *frame) reasonText() string {
	s := f.snap
	switch {
	case f.unread():
		return f.rawText()
	case f.unrecorded():
		return ""
	case s == nil || s.Raw == nil:
		return "reading the kernel's tables"
	case s.Settled == monitor.Satisfied && s.Raw.Status != monitor.Satisfied:
		return "raw: " + pathText(s.Raw)
	case s.Settled != monitor.Satisfied && s.Raw.Status == monitor.Satisfied:
		return "raw: satisfied"
	case s.Raw.Status != monitor.Satisfied:
		return words(s.Raw.Reason)
	}
	return s.Health.Text
}

// pathText writes status and reason.
func pathText(p *monitor.Path) string {
	if p.Reason == monitor.ReasonNone {
		return words(p.Status)
	}
	return words(p.Status) + " (" + words(p.Reason) + ")"
}
