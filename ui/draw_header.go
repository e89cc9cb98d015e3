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
// when and why; at the right whether this is the present.
func drawHeader(a grid.Area, f *frame) {
	a.Fill(' ', f.Bar)
	end := drawClock(a, f)
	x := 1
	if a.Width() >= 72 {
		x = a.Text(x, 0, "flapscope", f.BarName) + 2
	}
	for i, b := range f.badges() {
		if i > 0 && x+grid.Width(b.text)+2 >= end {
			break
		}
		x = a.Cut(x, 0, end-x, " "+b.text+" ", b.style)
	}
	x += 2
	put := func(s string, st themes.Style, gap int) {
		if s != "" && x+grid.Width(s) < end {
			x = a.Text(x, 0, s, st) + gap
		}
	}
	via, gateway := f.route()
	put(via, f.BarStrong, 1)
	if gateway != "" && x+2+grid.Width(gateway) < end {
		x = a.Text(x, 0, "→ ", f.Bar)
		put(gateway, f.Bar, 3)
	} else if via != "" {
		x += 2
	}
	put(f.sinceText(), f.BarMuted, 3)
	if reason := f.reasonText(); reason != "" && end-x > 8 {
		a.Cut(x, 0, end-x-2, reason, f.Bar)
	}
}

// drawClock draws what is at the right of the header and returns where it
// begins.
func drawClock(a grid.Area, f *frame) int {
	layout := "15:04:05"
	if a.Width() >= 96 {
		layout = "Mon 2 Jan  15:04:05"
	}
	time := f.clock(f.atTime, layout)
	word, st, timeStyle := "▶ LIVE", f.Good, f.Bar
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
		timeStyle = f.Replay.With(themes.Bold).On(f.Bar.Bg)
	}
	st = st.With(themes.Bold).On(f.Bar.Bg)
	x := a.Right(a.Width()-1, 0, time, timeStyle)
	return a.Right(x-2, 0, word, st)
}

// badges returns the settled status, and beside it what is wrong although the
// path is there: users must see both at once.
func (f *frame) badges() []badge {
	s := f.snap
	if s == nil || s.Raw == nil {
		return []badge{{"○ STARTING", f.BadgeNone}}
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
