package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/report"
	"flapscope/monitor/fact"
)

// command handles the keys of the program, which do the same on every page, and
// reports whether it was one.
func (m *model) command(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := &m.keys
	switch {
	case key.Matches(msg, k.Quit):
		return tea.Quit, true
	case key.Matches(msg, k.Help):
		m.open(openMsg{popup: &helpPopup{k}})
		return nil, true
	case key.Matches(msg, k.Palette):
		m.open(openMsg{popup: newPalettePopup(k, m.titles, m.theme.names())})
		return nil, true
	case key.Matches(msg, k.Theme):
		name := m.theme.next()
		m.restyle()
		return m.setFlash("theme " + name), true
	case m.pair != nil && key.Matches(msg, k.Tab):
		m.side = m.pair.turn(m.side)
		return nil, true
	case m.pair != nil && key.Matches(msg, k.Link):
		m.pair.link()
		return nil, true
	case key.Matches(msg, k.Page):
		m.turn(slices.Index(k.Page.Keys(), msg.String()))
		return nil, true
	}
	return m.work(msg)
}

// work handles the keys of what is done outside of the screen.
func (m *model) work(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := &m.keys
	switch {
	case key.Matches(msg, k.Save):
		return m.save(), true
	case key.Matches(msg, k.Report):
		return m.report(), true
	case key.Matches(msg, k.Check):
		return m.check(), true
	case key.Matches(msg, k.Probe):
		m.opts.Probe()
		return m.setFlash("asking all targets"), true
	case key.Matches(msg, k.Trace):
		return m.trace(), true
	case key.Matches(msg, k.Copy):
		return m.copy(), true
	}
	return nil, false
}

// save runs the caller's callback apart from the screen.
func (m *model) save() tea.Cmd {
	save, span := m.opts.Save, m.scope.stretch.span()
	m.working("saving …")
	return m.guarded(func() tea.Msg {
		path, err := save(span)
		if err != nil {
			return flashMsg{"not saved: " + err.Error()}
		}
		return flashMsg{"saved " + path}
	})
}

// report runs the caller's callback apart from the screen, and shows where the
// report is.
func (m *model) report() tea.Cmd {
	write, span := m.opts.Report, m.scope.stretch.span()
	m.working("writing the report …")
	return m.guarded(func() tea.Msg {
		lines, err := write(span)
		if err != nil {
			return flashMsg{"no report: " + fact.Untrusted(err.Error()).Display()}
		}
		return openMsg{popup: &textPopup{title: "Report", lines: lines, keys: &m.keys}}
	})
}

// check runs the caller's callback apart from the screen, and shows what it says.
func (m *model) check() tea.Cmd {
	check, width := m.opts.Check, min(textWidth, m.w-6)
	m.working("checking …")
	return m.guarded(func() tea.Msg {
		lines, err := check(width)
		if err != nil {
			return flashMsg{"not checked: " + err.Error()}
		}
		return openMsg{popup: &textPopup{title: "Check", lines: lines, keys: &m.keys}}
	})
}

// trace runs the caller's callback apart from the screen, and shows what it says of
// the way to the selected target, or to the one that needs it most.
func (m *model) trace() tea.Cmd {
	t := m.scope.traced()
	if t == nil {
		return m.setFlash("no target to trace")
	}
	trace, width, name := m.opts.Trace, min(textWidth, m.w-6), targetName(t, textWidth)
	m.working("tracing " + name + " …")
	return m.guarded(func() tea.Msg {
		lines, err := trace(t, width)
		if err != nil {
			return flashMsg{"not traced: " + fact.Untrusted(err.Error()).Display()}
		}
		return openMsg{popup: &textPopup{title: "Trace of " + name, lines: lines, keys: &m.keys}}
	})
}

// copy gives the selected incident, or the newest at the cursor, to the clipboard
// of the terminal, as Markdown. What others wrote into it is escaped, for whoever
// renders it, and the terminal gets it encoded.
func (m *model) copy() tea.Cmd {
	i := m.scope.nearestIncident()
	if i == nil {
		return m.setFlash("no incident to copy")
	}
	if m.canvas != nil {
		m.canvas.copy(report.IncidentMarkdown(i, m.scope.tl.Evidence(i), m.scope.opts.Location))
	}
	what, _ := said(i)
	return m.setFlash("copied with its addresses: " + what)
}
