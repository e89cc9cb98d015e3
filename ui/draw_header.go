package ui

import (
	"cmp"
	"net/netip"
	"slices"

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

// A headerView is what the bar at the top shows.
type headerView struct {
	look
	badges []badge
	// headlines say what is wrong, in fewer and fewer words; since is for how
	// long that, or all that is well, has been so. They never give way.
	headlines []string
	since     string
	// asides are said where there is room, in this order: what still works, or by
	// which way all is well.
	asides []span
	// reading, word and clock are how far a recording is read, whether this is the
	// present, and the time; live is whether it is.
	reading, word, clock span
	live                 bool
	// date is the time with its date.
	date string
}

// headerView returns what the bar at the top shows.
func (f *frame) headerView() headerView {
	v := headerView{look: f.look, badges: f.badges(), live: f.live}
	v.news(f)
	v.reading = span{f.readingText(), f.Warn.On(f.Bar.Bg)}
	v.clock = span{f.clock(f.atTime, "15:04:05"), f.Bar}
	if f.replay {
		v.clock.style = f.Replay.With(themes.Bold).On(f.Bar.Bg)
	}
	v.date = f.clock(f.atTime, "Mon 2 Jan  15:04:05")
	v.word = f.presence()
	v.word.style = v.word.style.With(themes.Bold).On(f.Bar.Bg)
	return v
}

// news puts what must be read first into the view: the open incident, else why
// all is not well, else the way by which it is.
func (v *headerView) news(f *frame) {
	if f.tl != nil && !f.unread() {
		open := going(f.incidentsAt())
		if f.snap != nil && f.snap.Health.State == path.HealthPortal {
			// The badge says so; what the portal swallows besides comes after it.
			slices.SortStableFunc(open, func(a, b *fold.Incident) int {
				return cmp.Compare(portals(b), portals(a))
			})
		}
		if len(open) > 0 {
			v.incident(open)
			return
		}
	}
	reason, own := f.reasonText()
	if !own || reason == "" {
		v.since = f.sinceText()
	}
	via, gateway := f.route()
	way := via
	if gateway != "" {
		way += " → " + gateway
	}
	switch {
	case reason == "" && via != "":
		v.headlines = []string{way, via}
	case reason != "":
		v.headlines = []string{reason}
		v.asides = append(v.asides, span{way, v.Bar})
	}
}

// portals is 1 for an incident that a portal is, else 0.
func portals(i *fold.Incident) int {
	if i.Root.Leg == path.LegPortal {
		return 1
	}
	return 0
}

// incident puts the worst of the open incidents into the view.
func (v *headerView) incident(open []*fold.Incident) {
	v.headlines = headlines(open[0])
	v.since = text.Elapsed(open[0].Duration)
	if n := len(open) - 1; n > 0 {
		v.asides = append(v.asides, span{"+" + num(int64(n)) + " more", v.BarMuted})
	}
	if _, works := said(open[0]); works != "" {
		v.asides = append(v.asides, span{works, v.BarMuted})
	}
}

// incidentsAt returns the incidents that had begun at the cursor.
func (f *frame) incidentsAt() []*fold.Incident {
	i := len(f.incidents)
	for i > 0 && f.incidents[i-1].From.Mono > f.at {
		i--
	}
	return f.incidents[:i]
}

// drawHeader draws the bar at the top: how the path is and why, since when, and
// at the right whether this is the present. State, headline and duration never
// give way; the rest does in the order of how little it says: first the date,
// then the program's name, then the asides, then the word for the present, then
// the time.
func drawHeader(a grid.Area, v headerView) {
	a.Fill(' ', v.Bar)
	left, room := v.left(a.Width() - 2)
	right := v.right(&room)
	for _, w := range v.asides {
		if n := grid.Width(w.text) + 2; w.text != "" && n <= room {
			left = append(left, span{"  ", v.Bar}, w)
			room -= n
		}
	}
	if name := (span{"flapscope", v.BarName}); len(name.text)+2 <= room {
		left = append(spans{name, {"  ", v.Bar}}, left...)
		room -= len(name.text) + 2
	}
	if more := len(v.date) - len(v.clock.text); len(right) > 0 && right[len(right)-1] == v.clock && more <= room {
		right[len(right)-1].text = v.date
	}
	left.draw(a, 1)
	right.draw(a, a.Width()-1-right.width())
}

// left returns the badges, the headline and the duration in so many columns,
// and how many are left.
func (v *headerView) left(width int) (spans, int) {
	var out spans
	for i, b := range v.badges {
		if i > 0 {
			out = append(out, span{" ", v.Bar})
		}
		out = append(out, span{" " + b.text + " ", b.style})
	}
	since := spans{}
	if v.since != "" {
		since = spans{{"  " + v.since, v.BarMuted}}
	}
	if len(v.headlines) > 0 {
		said := longest(v.headlines, width-out.width()-since.width()-2)
		out = append(out, span{"  " + said, v.BarStrong})
	}
	out = append(out, since...)
	return out, width - out.width()
}

// right returns what stands at the right end of the bar in the room that is
// left, which it takes its part of.
func (v *headerView) right(room *int) (out spans) {
	take := func(w span) bool {
		n := grid.Width(w.text) + 2
		if w.text == "" || n > *room {
			return false
		}
		*room -= n
		return true
	}
	reading := take(v.reading)
	// Live the time says more than the word; else the word says what the time is.
	clock := v.live && take(v.clock)
	word := (clock || !v.live) && take(v.word)
	clock = clock || take(v.clock)
	for _, w := range []struct {
		on bool
		span
	}{{reading, v.reading}, {word, v.word}, {clock, v.clock}} {
		if w.on && len(out) > 0 {
			out = append(out, span{"  ", v.Bar})
		}
		if w.on {
			out = append(out, w.span)
		}
	}
	return out
}

// presence says whether this is the present, and where it is if not.
func (f *frame) presence() span {
	switch {
	case f.replay && f.playing:
		return span{"▶ REPLAY " + text.Trimmed(f.speed) + "×", f.Replay}
	case f.replay:
		return span{"■ REPLAY " + text.Trimmed(f.speed) + "×", f.Replay}
	case !f.live && f.at == f.now:
		return span{"■ PAUSED", f.Warn}
	case !f.live:
		return span{"◀ " + text.Elapsed(f.now-f.at) + " ago", f.Warn}
	}
	if f.lite {
		return span{"▶ LITE", f.Good}
	}
	return span{"▶ LIVE", f.Good}
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
	switch hop := gatewayOf(p); {
	case hop.IsValid():
		gateway = hop.String()
	case p.Tunnel != nil && p.Tunnel.Underlay != "":
		gateway = p.Tunnel.Underlay.Display()
	}
	return via, gateway
}

// gatewayOf returns the gateway of the interface in use: two families may go out
// by two interfaces, and a gateway stands beside the name of its own.
func gatewayOf(p *path.Path) netip.Addr {
	for _, f := range []*path.FamilyPath{&p.IPv4, &p.IPv6} {
		if f.Gateway.IsValid() && (f.Interface == p.Interface || f.Interface == "") {
			return f.Gateway
		}
	}
	return netip.Addr{}
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
