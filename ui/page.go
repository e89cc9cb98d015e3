package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A page fills the screen. The root tells it what happened and asks it for
// pictures; making a picture changes nothing, so that it may be made at any
// size and as often as one likes.
type page interface {
	// refresh takes what the feed has now and reports whether a new picture
	// would differ.
	refresh(feed Feed) bool
	// update handles a key, a tick or a new size of the screen and returns what
	// to do next.
	update(msg tea.Msg) tea.Cmd
	// pace returns how soon the feed is to be looked at again.
	pace() pace
	draw(a grid.Area, bar barView)
}

// A pace is how soon a page wants to look at the feed again.
type pace uint8

// The paces, from slow to fast.
const (
	paceCalm pace = iota
	// pacePlaying is for a picture that moves by itself.
	pacePlaying
	// paceWaiting is for a page that has nothing to show yet.
	paceWaiting
)

// A pageKind is a page that the screen has.
type pageKind struct {
	// title is its name in the row of the pages.
	title string
	make  func(s *scope) page
}

// Pages that something else names: incidentsTitle says how many go on.
const (
	pathTitle      = "Path"
	incidentsTitle = "Incidents"
	targetsTitle   = "Targets"
	eventsTitle    = "Events"
)

// pageKinds lists the pages in the order of their keys: 1 is the first.
func pageKinds() []pageKind {
	return []pageKind{
		{pathTitle, func(s *scope) page { return pathPage{s} }},
		{incidentsTitle, func(s *scope) page { return incidentsPage{s} }},
		{"Interfaces", func(s *scope) page { return interfacesPage{s} }},
		{targetsTitle, func(s *scope) page { return targetsPage{s} }},
		{"Wi-Fi", func(s *scope) page { return wifiPage{s} }},
		{"DNS", func(s *scope) page { return dnsPage{s} }},
		{eventsTitle, func(s *scope) page { return eventsPage{s} }},
		{"Quality", func(s *scope) page { return qualityPage{s} }},
	}
}

// A turnMsg shows another page.
type turnMsg struct{ title string }

// turnTo returns the command that shows a page.
func turnTo(title string) tea.Cmd { return func() tea.Msg { return turnMsg{title} } }

// tabRows is how many rows a screen of height h gives to the names of the pages
// and the blank below them.
func tabRows(h int) int {
	if h >= roomyFrom {
		return 2
	}
	return 0
}

// shell draws what all pages have around them: the headline, the names of the
// pages and the keys. It returns what the page is made of, and the room in
// between.
func (p *scope) shell(a grid.Area, bar barView) (*frame, grid.Area) {
	f := p.frame()
	f.recording = bar.recording
	drawHeader(a.Row(0), f.headerView())
	h := a.Height()
	if tabRows(h) > 0 {
		drawTabs(a.Row(1), f.tabsView(bar.pages, bar.page))
	}
	drawBar(a.Row(h-1), bar)
	top := 1 + tabRows(h)
	return f, a.Sub(1, top, a.Width()-2, h-1-top)
}
