package ui

import (
	"flapscope/internal/text"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A badge is a word on a coloured block.
type badge struct {
	text  string
	style themes.Style
}

// drawHeader draws the bar at the top: how the path is and why, by which way,
// since when; at the right whether this is the present. State, reason and
// duration never give way: first the date does, then the program's name, then
// the word for the present.
func drawHeader(a grid.Area, f *frame) {
	a.Fill(' ', f.Bar)
	news, way := f.news(), f.way()
	name := spans{{"flapscope", f.BarName}, {"  ", f.Bar}}
	all := name.width() + news.width() + way.width()
	clock := f.clockText(a.Width()-news.width()-3, a.Width()-all-3)
	end := a.Width() - 1 - clock.width()
	x := end
	for _, w := range clock {
		x = a.Text(x, 0, w.text, w.style)
	}
	x, end = 1, end-2
	if all <= end-x {
		news = append(name, news...)
	}
	for _, w := range news {
		x = a.Text(x, 0, cutWords(w.text, end-x), w.style)
	}
	for _, w := range way {
		if grid.Width(w.text) > end-x {
			break
		}
		x = a.Text(x, 0, w.text, w.style)
	}
}

// news returns what must be read first: the state, the reason where all is not
// well, and for how long that has been so.
func (f *frame) news() spans {
	var out spans
	for i, b := range f.badges() {
		if i > 0 {
			out = append(out, span{" ", f.Bar})
		}
		out = append(out, span{" " + b.text + " ", b.style})
	}
	reason, own := f.reasonText()
	if reason == "" {
		return out
	}
	out = append(out, span{"  " + reason, f.BarStrong})
	if s := f.sinceText(); s != "" && !own {
		out = append(out, span{"  " + s, f.BarMuted})
	}
	return out
}

// way returns the interface in use, its gateway, and when all is well for how
// long it has been.
func (f *frame) way() spans {
	var out spans
	via, gateway := f.route()
	if via != "" {
		out = append(out, span{"  " + via, f.BarStrong})
	}
	if gateway != "" {
		out = append(out, span{" → " + gateway, f.Bar})
	}
	if reason, _ := f.reasonText(); reason == "" {
		if s := f.sinceText(); s != "" {
			out = append(out, span{"   " + s, f.BarMuted})
		}
	}
	return out
}

// clockText returns what is at the right of the header: how far a recording is
// read, whether this is the present, and the time. Room is what the news leave,
// spare what all else does: the date is worth no more.
func (f *frame) clockText(room, spare int) spans {
	word, st, clock := "▶ LIVE", f.Good, f.Bar
	switch {
	case f.replay && f.playing:
		word, st = "▶ REPLAY "+text.Trimmed(f.speed)+"×", f.Replay
	case f.replay:
		word, st = "■ REPLAY "+text.Trimmed(f.speed)+"×", f.Replay
	case !f.live && f.at == f.now:
		word, st = "■ PAUSED", f.Warn
	case !f.live:
		word, st = "◀ "+text.Elapsed(f.now-f.at)+" ago", f.Warn
	}
	if f.replay {
		clock = f.Replay.With(themes.Bold).On(f.Bar.Bg)
	}
	var out spans
	if progress := f.readingText(); progress != "" {
		out = append(out, span{progress + "  ", f.Warn.On(f.Bar.Bg)})
	}
	out = append(out, span{word + "  ", st.With(themes.Bold).On(f.Bar.Bg)}, span{f.clock(f.atTime, "15:04:05"), clock})
	switch {
	case out.width()+20 <= spare:
		out[len(out)-1].text = f.clock(f.atTime, "Mon 2 Jan  15:04:05")
	case f.live && out.width() > room:
		// That it is the present is what a screen is taken for.
		out = out[len(out)-1:]
	}
	return out
}

// badges returns the settled status, or what is wrong although the path is
// there.
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
	out := []badge{f.statusBadge(s)}
	if s.Flapping {
		out = append(out, badge{"! FLAPPING", f.BadgeWarn})
	}
	return out
}

// statusBadge returns the settled status. Health is of a path that is there: a
// bad one takes the place of the status, which it implies.
func (f *frame) statusBadge(s *fold.Snapshot) badge {
	switch s.Settled {
	case path.RequiresConnection:
		return badge{"◐ REQUIRES CONNECTION", f.BadgeWarn}
	case path.Unsatisfied:
		return badge{"× UNSATISFIED", f.BadgeBad}
	case path.Satisfied:
	default:
		return badge{"○ UNKNOWN", f.BadgeNone}
	}
	switch s.Health.State {
	case path.HealthDegraded:
		return badge{"! DEGRADED", f.BadgeWarn}
	case path.HealthPortal:
		return badge{"! PORTAL", f.BadgeWarn}
	case path.HealthNoInternet:
		return badge{"× NO INTERNET", f.BadgeBad}
	}
	return badge{"● SATISFIED", f.BadgeGood}
}

// route returns the interface in use and its gateway, in words; a path that is
// lost has none, whatever it had.
func (f *frame) route() (via, gateway string) {
	p := f.path()
	if p == nil || p.Interface == "" || p.Status != path.Satisfied {
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
func (f *frame) path() *path.Path {
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
	return text.Elapsed(f.at - f.snap.Since)
}

// reasonText says in a few words why all is not well, or "", and whether the
// words have a duration of their own.
func (f *frame) reasonText() (reason string, own bool) {
	s := f.snap
	switch {
	case f.unread():
		return f.rawText(), true
	case f.unrecorded():
		return "", false
	case s == nil || s.Raw == nil:
		return "reading the kernel's tables", true
	case s.Settled == path.Satisfied && s.Raw.Status != path.Satisfied:
		return "raw: " + pathText(s.Raw), true
	case s.Settled != path.Satisfied && s.Raw.Status == path.Satisfied:
		return "raw: satisfied", true
	case s.Raw.Status != path.Satisfied:
		reason = text.Words(s.Raw.Reason)
		if s.Raw.Interface != "" {
			reason += " on " + s.Raw.Interface.Display()
		}
		return reason, false
	}
	return s.Health.Text.Display(), true
}

// pathText writes status and reason.
func pathText(p *path.Path) string {
	if p.Reason == path.ReasonNone {
		return text.Words(p.Status)
	}
	return text.Words(p.Status) + " (" + text.Words(p.Reason) + ")"
}
