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
	}
	return m.page().update(pointMsg{what, x, wheel})
}

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
		at := what.span.From + time.Duration(msg.x)*what.step + what.step/2
		if msg.wheel != 0 {
			p.view.zoomAt(msg.wheel, at)
			if c := p.view.cursor; !p.view.live && (c > p.view.right || c < p.view.right-p.view.width) {
				p.jump(at) // the cursor was left behind
			}
			return nil
		}
		p.jump(at)
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
