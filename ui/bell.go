package ui

import (
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// ring rings the bell when the internet is lost, once, where that is wanted.
func (m *model) ring() {
	s := m.scope.snap
	if !m.opts.Bell || m.opts.Replay || s == nil {
		return
	}
	before := m.lost
	if m.lost = lost(s); m.lost && !before && m.canvas != nil {
		m.canvas.bell()
	}
}

// lost reports whether the settled path is lost, or leads nowhere.
func lost(s *fold.Snapshot) bool {
	return s.Settled == path.Unsatisfied || s.Settled == path.Satisfied && s.Health.State == path.HealthNoInternet
}
