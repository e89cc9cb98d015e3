package ui

import (
	"cmp"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/themes"
)

// speeds are the steps of the speed keys in replay.
func speeds() []float64 { return []float64{0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000} }

// A scope is where the screen looks: the past and the present as the feed last
// reported them, the cursor, and what the user chose. All pages share it, so
// that turning one moves nothing. Live and replay differ only in where the
// cursor is.
type scope struct {
	opts   *Options
	keys   *keyMap
	styles *themes.Styles

	// What the feed last said.
	now     time.Duration
	nowTime time.Time
	snap    *fold.Snapshot
	tl      Timeline
	// moment is the state at the cursor, asked for when that or the past
	// changes.
	moment   timeline.Moment
	momentOf Timeline

	view     viewport
	started  bool
	playing  bool
	speed    float64
	lastTick time.Time

	choice
	// laneOrder keeps the lanes where they are.
	laneOrder laneOrder
	// folded is what was folded last of the log, and drawn what was drawn of the
	// charts.
	folded foldedLog
	drawn  drawnLatency
	// w and h are the size of the screen, and cols how many columns its time
	// axis has: the step of the cursor keys.
	w, h, cols int
	// cost is what the program costs this machine, as it was last seen.
	cost Cost
	// opening is the popup that a key asks for.
	opening openMsg
	// marked is the moment that was marked last, 0 if none was.
	marked time.Duration
}

func newScope(o *Options, k *keyMap, st *themes.Styles) *scope {
	p := &scope{opts: o, keys: k, styles: st, speed: o.Speed, playing: o.Playing && o.Replay, cols: 60}
	if p.speed <= 0 {
		p.speed = 1
	}
	p.view = viewport{width: o.Width, auto: o.Width == 0, live: true}
	if p.view.auto && !o.Replay {
		p.view.grow(0)
	}
	return p
}

// refresh implements page: it takes what the feed has now and reports whether a new picture would
// differ.
func (p *scope) refresh(feed Feed) bool {
	nowTime, now := feed.Now()
	snap, tl := feed.Snapshot(), feed.Timeline()
	if tl != nil && tl.Bounds() == (timeline.Span{}) {
		snap, tl = nil, nil // it knows nothing yet
	}
	changed := snap != p.snap || tl != p.tl
	if tl != nil && tl != p.tl {
		p.reselect(tl)
	}
	if p.view.live || p.opts.Replay {
		step := min(p.view.step(p.cols), time.Second)
		changed = changed || now/step != p.now/step
	} else {
		changed = changed || now/time.Second != p.now/time.Second
	}
	p.now, p.nowTime, p.snap, p.tl = now, nowTime, snap, tl
	if tl != nil {
		p.start(tl.Bounds())
		p.view.grow(now - tl.Bounds().From)
	}
	p.locate()
	return changed
}

// start puts the playhead where replay begins, once the recording is there.
func (p *scope) start(bounds timeline.Span) {
	if p.started {
		return
	}
	p.started = true
	if p.opts.Replay {
		from := p.opts.From
		if from == 0 {
			from = bounds.To
		}
		p.view.fit(bounds, from)
	}
}

// bounds returns how far the cursor may go.
func (p *scope) bounds() timeline.Span {
	if p.tl == nil {
		return timeline.Span{From: p.now, To: p.now}
	}
	b := p.tl.Bounds()
	if !p.opts.Replay {
		b.To = p.now
	}
	return b
}

// update implements page.
func (p *scope) update(msg tea.Msg) tea.Cmd {
	defer p.locate()
	defer p.stretchTo()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.w, p.h = msg.Width, msg.Height
		_, _, p.cols = timeAxis(p.w)
	case tickMsg:
		p.play(msg.at)
	case pointMsg:
		return p.pointed(msg)
	case tea.KeyPressMsg:
		if p.moveKey(msg) || p.eventKey(msg) {
			return nil
		}
		if said := p.screenKey(msg); said != "" {
			return flash(said)
		}
		return p.commandKey(msg)
	}
	return nil
}

// play moves the playhead by the time since the last tick. A tick that comes
// after seconds (a suspended machine) does not make the playhead jump.
func (p *scope) play(at time.Time) {
	passed := min(at.Sub(p.lastTick), time.Second)
	p.lastTick = at
	if !p.playing || passed <= 0 {
		return
	}
	b := p.bounds()
	to := p.view.cursor + time.Duration(float64(passed)*p.speed)
	if to >= b.To {
		to, p.playing = b.To, false
	}
	p.selected = selection{}
	p.view.set(to, b)
}

// moveKey handles the keys that move cursor and window.
func (p *scope) moveKey(msg tea.KeyPressMsg) bool {
	k, step := p.keys, p.view.step(p.cols)
	switch {
	case key.Matches(msg, k.Left):
		p.move(-step)
	case key.Matches(msg, k.Right):
		p.move(step)
	case key.Matches(msg, k.PageLeft):
		p.page(-p.view.width)
	case key.Matches(msg, k.PageRight):
		p.page(p.view.width)
	case key.Matches(msg, k.Home):
		p.jump(p.bounds().From)
	case key.Matches(msg, k.Live):
		p.toEnd()
	case key.Matches(msg, k.ZoomIn):
		p.view.zoom(-1)
	case key.Matches(msg, k.ZoomOut):
		p.view.zoom(1)
	case key.Matches(msg, k.Pause):
		p.pause()
	default:
		return false
	}
	return true
}

// jump puts the cursor to an instant.
func (p *scope) jump(to time.Duration) {
	p.view.freeze(p.now)
	p.selected = selection{}
	p.view.set(to, p.bounds())
	p.locate()
}

// move moves the cursor; past the end it is live again.
func (p *scope) move(by time.Duration) {
	if to := p.view.at(p.now) + by; to < p.bounds().To || p.opts.Replay {
		p.jump(to)
		return
	}
	p.toEnd()
}

// page moves cursor and window by a screen.
func (p *scope) page(by time.Duration) {
	if to := p.view.at(p.now) + by; to >= p.bounds().To && !p.opts.Replay {
		p.toEnd()
		return
	}
	p.view.freeze(p.now)
	p.selected = selection{}
	p.view.page(by, p.bounds())
}

// toEnd goes to the present, or to the end of a recording.
func (p *scope) toEnd() {
	if p.opts.Replay {
		p.jump(p.bounds().To)
		return
	}
	p.view.live = true
	p.selected = selection{}
}

// pause freezes and thaws the live screen, or plays and stops a recording.
func (p *scope) pause() {
	switch {
	case !p.opts.Replay && p.view.live:
		p.view.freeze(p.now)
	case !p.opts.Replay:
		p.toEnd()
	case p.playing:
		p.playing = false
	default:
		if b := p.bounds(); p.view.cursor >= b.To {
			p.jump(b.From)
		}
		p.playing = true
	}
}

// eventKey handles the keys that go from event to event.
func (p *scope) eventKey(msg tea.KeyPressMsg) bool {
	k := p.keys
	switch {
	case key.Matches(msg, k.Up):
		p.upDown(true)
	case key.Matches(msg, k.Down):
		p.upDown(false)
	case key.Matches(msg, k.Next):
		p.nearest(true)
	case key.Matches(msg, k.Prev):
		p.nearest(false)
	case key.Matches(msg, k.NextTrouble):
		p.stepIncident(true)
	case key.Matches(msg, k.PrevTrouble):
		p.stepIncident(false)
	default:
		return false
	}
	return true
}

// screenKey handles the keys that change how things are shown, and says what they
// did: not every page shows it.
func (p *scope) screenKey(msg tea.KeyPressMsg) string {
	k := p.keys
	said := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	switch {
	case key.Matches(msg, k.Tab):
		p.tab()
		return said(p.focus == focusTargets, "↑↓ choose a target", "↑↓ go through the list")
	case key.Matches(msg, k.Hidden):
		p.hidden = !p.hidden
		return said(p.hidden, "all interfaces", "only interfaces that could carry a path")
	case key.Matches(msg, k.Log):
		p.logarithmic = !p.logarithmic
		return said(p.logarithmic, "round trips on a logarithmic scale", "round trips on a linear scale")
	case key.Matches(msg, k.Notes):
		p.notes = !p.notes
		return said(p.notes, "lists of incidents with the notes", "lists of incidents without the notes")
	case key.Matches(msg, k.Slower):
		p.faster(-1)
		return text.Trimmed(p.speed) + " times as fast"
	case key.Matches(msg, k.Faster):
		p.faster(1)
		return text.Trimmed(p.speed) + " times as fast"
	}
	return ""
}

// overall is update for the pages that show all that is known: there a zoom is not
// seen, and said.
func (p *scope) overall(msg tea.Msg) tea.Cmd {
	cmd := p.update(msg)
	if k, ok := msg.(tea.KeyPressMsg); ok && key.Matches(k, p.keys.ZoomIn, p.keys.ZoomOut) {
		return flash(text.Elapsed(p.view.width) + " in view on the other pages")
	}
	return cmd
}

// tab gives the focus to the next panel. The table of targets selects its
// first row, and what is selected leads the chart.
func (p *scope) tab() {
	p.focus = (p.focus + 1) % focusCount
	p.target = ""
	if p.focus == focusTargets && p.tl != nil {
		p.selectTarget(false)
	}
}

// faster changes the speed of replay.
func (p *scope) faster(dir int) {
	all := speeds()
	i := slices.IndexFunc(all, func(s float64) bool { return s >= p.speed })
	if i < 0 {
		i = len(all) - 1
	}
	p.speed = all[min(max(i+dir, 0), len(all)-1)]
}

// commandKey handles the keys that open a popup.
func (p *scope) commandKey(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, p.keys.Enter):
		return p.inspect()
	case key.Matches(msg, p.keys.Goto) && p.tl != nil:
		return p.open(&gotoPopup{page: p})
	case key.Matches(msg, p.keys.List):
		return turnTo(eventsTitle)
	case key.Matches(msg, p.keys.Filter):
		p.opening = openMsg{newFilterPopup(p), eventsTitle}
	case key.Matches(msg, p.keys.Details):
		return p.open(&panesPopup{page: p})
	case key.Matches(msg, p.keys.Mark):
		return p.open(&notePopup{at: p.now, since: &p.marked, mark: p.opts.Mark, stretch: p.opts.MarkRange})
	}
	return nil
}

// open asks the root for a popup. It has that at once, not by a message: what is typed
// next is for the popup.
func (p *scope) open(wanted popup) tea.Cmd {
	p.opening = openMsg{popup: wanted}
	return nil
}

// inspect opens what is selected, or the newest at the cursor: an incident, or
// where events are listed or none was an event.
func (p *scope) inspect() tea.Cmd {
	if p.tl == nil {
		return nil
	}
	if !p.raw && !p.selected.on && p.selected.incident == nil {
		p.stepIncident(false)
	}
	if p.selected.incident != nil {
		return p.open(&ladderPopup{page: p})
	}
	if !p.selected.on {
		p.stepLine(false)
	}
	switch {
	case !p.selected.on:
		return nil
	case isFold(p.selected.item):
		p.toggleFold()
		return nil
	}
	return p.open(&detailPopup{page: p})
}

// pace implements page.
func (p *scope) pace() pace {
	switch {
	case p.waiting():
		return paceWaiting
	case p.playing:
		return pacePlaying
	}
	return paceCalm
}

// frame returns what a picture is made of.
func (p *scope) frame() *frame {
	f := &frame{
		look: look{p.styles, p.opts.Location}, choice: p.choice,
		cursor: cursor{
			tl: p.tl, snap: p.snap, now: p.now, nowTime: p.nowTime, at: p.view.at(p.now), atTime: p.nowTime,
			live: p.view.live && !p.opts.Replay, replay: p.opts.Replay, lite: p.opts.Lite,
		},
		playing: p.playing, speed: p.speed, folded: &p.folded, drawn: &p.drawn,
	}
	f.axis = axis{p.view.window(p.now, p.cols), p.view.step(p.cols), p.cols}
	if p.tl == nil {
		return f
	}
	f.exact = p.tl.Exact(timeline.Span{From: f.at, To: f.at + 1})
	if !f.live {
		f.snap, f.atTime = p.moment.Snapshot, p.tl.Clock(f.at)
	}
	f.lanes = p.laneOrder.sorted(p.lanes(), p.hidden)
	f.incidents = f.allIncidents()
	targets := f.planned(p.tl.Targets(f.span))
	f.targets = f.targetRows(targets)
	unpinged := f.snap != nil && f.snap.Notices["ping"] != nil
	f.charted = charted(targets, p.target, unpinged)
	return f
}

// planned adds to the targets of the window those that are about to be asked: the
// rows are there before the first results, which come one by one.
func (f *frame) planned(targets []*fact.Target) []*fact.Target {
	if !f.live || f.snap == nil {
		return targets
	}
	var more []*fact.Target
	for _, s := range f.snap.Targets {
		if s.Last == nil && !slices.ContainsFunc(targets, func(t *fact.Target) bool { return t.ID == s.ID }) {
			more = append(more, s.Target)
		}
	}
	slices.SortFunc(more, func(a, b *fact.Target) int { return cmp.Compare(a.ID, b.ID) })
	targets = append(targets, more...)
	timeline.SortTargets(targets)
	return targets
}

// lanes returns the interfaces of the window. What was last observed before it
// goes on in it.
func (p *scope) lanes() []timeline.Lane {
	span := p.view.window(p.now, p.cols)
	span.From = min(span.From, p.tl.Bounds().To-1)
	return p.tl.Lanes(span)
}

// locate asks for the state at the cursor when that or the past has changed.
func (p *scope) locate() {
	if p.tl == nil {
		return
	}
	p.laneOrder.add(p.lanes())
	if p.view.live && !p.opts.Replay {
		return
	}
	if at := p.view.at(p.now); p.momentOf != p.tl || p.moment.Mono != at {
		p.moment, p.momentOf = p.tl.At(at), p.tl
		p.moment.Mono = at
	}
}
