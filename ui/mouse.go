package ui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/monitor/fold"
)

// What parts of a picture stand for: the views mark them as they draw.
type (
	// A pagePart is the name of a page in the row of the pages.
	pagePart int
	// A keyPart is a key in the bar at the bottom.
	keyPart string
	// A timePart is columns of the time axis.
	timePart struct{ axis }
	// An incidentPart, an itemPart and a targetPart are rows of a list.
	incidentPart struct{ *fold.Incident }
	itemPart     struct{ timeline.Item }
	targetPart   string
	// A commandPart is a row of the list of commands.
	commandPart int
)

// A pointMsg is what the mouse did on a part of the page's picture.
type pointMsg struct {
	what any
	// x is the column within the part.
	x int
	// wheel is -1 for a turn upwards and 1 for one downwards, 0 for a click.
	wheel int
	// pulled is whether the button was held down since column from.
	pulled bool
	from   int
}

// A drag is where the button went down on the time axis, as long as it is held.
type drag struct {
	part timePart
	on   bool
	// x is the column within the part, left where the part begins on the screen.
	x, left int
}

// pull handles a movement with the button held down, and its end.
func (m *model) pull(msg tea.MouseMsg) tea.Cmd {
	if _, end := msg.(tea.MouseReleaseMsg); end || len(m.popups) > 0 {
		m.drag.on = false
	}
	x := min(max(msg.Mouse().X-m.drag.left, 0), m.drag.part.cols-1)
	if !m.drag.on || x == m.drag.x && !m.scope.stretch.on {
		return nil
	}
	m.dirty = true
	return m.page().update(pointMsg{what: m.drag.part, x: x, pulled: true, from: m.drag.x})
}

// point handles a click or a turn of the wheel. A popup takes all of them: the
// wheel moves in it, a click closes it, but one on a command, which it runs.
func (m *model) point(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	wheel := 0
	switch {
	case at.Button == tea.MouseWheelUp:
		wheel = -1
	case at.Button == tea.MouseWheelDown:
		wheel = 1
	case at.Button != tea.MouseLeft:
		return nil
	}
	what, x, _ := m.grid.Hit(at.X, at.Y)
	if n := len(m.popups); n > 0 {
		row, ok := what.(commandPart)
		if top, list := m.popups[n-1].(*palettePopup); list && ok && wheel == 0 {
			top.at = int(row)
			return m.route(keyPress("enter"))
		}
		return m.route(keyPress([]string{"up", "esc", "down"}[wheel+1]))
	}
	if s := m.sideAt(at.Y); s != m.side {
		m.side = m.pair.turn(m.side)
	}
	switch what := what.(type) {
	case pagePart:
		if wheel == 0 {
			m.turn(int(what))
		}
		return nil
	case keyPart:
		if wheel == 0 {
			return m.route(keyPress(string(what)))
		}
		return nil
	case timePart:
		if wheel == 0 {
			m.drag = drag{part: what, on: true, x: x, left: at.X - x}
		}
	}
	return m.tell(pointMsg{what: what, x: x, wheel: wheel})
}

// sideAt returns the side that is drawn in a row of the screen. Head and keys are of
// the one that the keys are for.
func (m *model) sideAt(y int) *side {
	p, ok := m.page().(besidePage)
	if !ok || y < 1+tabRows(m.h) || y >= m.h-1 {
		return m.side
	}
	return p.at(m.grid.Area(), y)
}

// own reports whether a row of the screen is of the side that the keys are for.
func (m *model) own(y int) bool { return m.sideAt(y) == m.side }

// keyPress returns the message of a key by its name in a key map.
func keyPress(name string) tea.KeyPressMsg {
	named := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter,
		"esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(letter)[0], Mod: tea.ModCtrl}
	}
	if code, ok := named[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// keyOf returns the key that a click on a binding presses, or "" where it stands
// for several.
func keyOf(b key.Binding) string {
	if keys := b.Keys(); len(keys) > 0 && len(b.Help().Key) == len(keys[0]) {
		return keys[0]
	}
	return ""
}

// pointed handles what the mouse did on the picture of a page.
func (p *scope) pointed(msg pointMsg) tea.Cmd {
	if p.tl == nil {
		return nil
	}
	switch what := msg.what.(type) {
	case timePart:
		p.pointedTime(what, msg)
	case incidentPart:
		switch {
		case msg.wheel != 0:
			p.stepIncident(msg.wheel < 0)
		case p.selected.incident != nil && p.selected.is(what.Incident):
			return p.inspect()
		default:
			p.selectIncident(what.Incident)
		}
	case itemPart:
		switch {
		case msg.wheel != 0:
			p.stepEvent(msg.wheel < 0)
		case p.selected.on && p.selected.item.Seq == what.Seq:
			return p.inspect()
		default:
			p.selectItem(what.Item)
		}
	case targetPart:
		switch {
		case msg.wheel != 0:
			p.selectTarget(msg.wheel < 0)
		case p.target == string(what):
			return turnTo(targetsTitle)
		default:
			p.focus, p.target = focusTargets, string(what)
		}
	}
	return nil
}

// pointedTime handles what the mouse did on the time axis: the wheel zooms where
// the pointer is, a click goes there, and a held button chooses a range.
func (p *scope) pointedTime(part timePart, msg pointMsg) {
	at := part.span.From + time.Duration(msg.x)*part.step + part.step/2
	switch {
	case msg.wheel != 0:
		p.view.zoomAt(msg.wheel, at)
		if c := p.view.cursor; !p.view.live && (c > p.view.right || c < p.view.right-p.view.width) {
			p.jump(at) // the cursor was left behind
		}
	case msg.pulled:
		from, to := min(msg.from, msg.x), max(msg.from, msg.x)+1
		p.jump(at)
		b := p.bounds()
		p.stretch = stretch{
			on:   true,
			from: max(part.span.From+time.Duration(from)*part.step, b.From),
			to:   min(part.span.From+time.Duration(to)*part.step, b.To),
		}
	default:
		p.stretch = stretch{}
		p.jump(at)
	}
}
