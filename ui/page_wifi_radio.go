package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// update implements page: where there are several radios, tab goes from one to the
// next.
func (p wifiPage) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || p.tl == nil || !key.Matches(k, p.keys.Tab) {
		return p.scope.update(msg)
	}
	lanes, at := p.frame().radios()
	if len(lanes) < 2 {
		return p.scope.update(msg)
	}
	step := 1
	if k.String() == "shift+tab" {
		step = len(lanes) - 1
	}
	p.radio = lanes[(at+step)%len(lanes)].Scope
	return nil
}

// radios are the interfaces of Wi-Fi, and which of them the page shows: the chosen one,
// or the first.
func (f *frame) radios() (lanes []timeline.Lane, shown int) {
	for _, l := range f.lanes {
		if l.Type == fact.TypeWifi {
			lanes = append(lanes, l)
		}
	}
	return lanes, max(slices.IndexFunc(lanes, func(l timeline.Lane) bool { return l.Scope == f.radio }), 0)
}
