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
	// title is its name in the title of the window, where there are several.
	title string
	make  func(s *scope) page
}

// pageKinds lists the pages in the order of their keys: 1 is the first.
func pageKinds() []pageKind {
	return []pageKind{
		{"path", func(s *scope) page { return pathPage{s} }},
	}
}
