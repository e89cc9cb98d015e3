package ui

import "charm.land/bubbles/v2/key"

// A keyMap is every key of the program. The key bar and the help are made of
// it, so that they never lie: a disabled key vanishes from both.
type keyMap struct {
	Left, Right, PageLeft, PageRight, Home, Live key.Binding
	Goto                                         key.Binding
	Range, ZoomTo, Clear                         key.Binding
	ZoomIn, ZoomOut                              key.Binding
	Next, Prev, NextTrouble, PrevTrouble         key.Binding
	Pause, Slower, Faster                        key.Binding
	Tab, Up, Down, Enter, Details, Hidden, List  key.Binding
	Filter, Notes                                key.Binding
	Page                                         key.Binding
	Mark, Save, Check, Probe, Trace, Copy        key.Binding
	Report, Link                                 key.Binding
	Log                                          key.Binding
	Palette, Theme, Help, Suspend, Quit          key.Binding
}

func bind(show, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(show, does))
}

// newKeyMap returns the keys for what the options and the pages offer.
func newKeyMap(o *Options, pages []pageKind) keyMap {
	k := keyMap{
		Left:        bind("←", "back", "left", "h"),
		Right:       bind("→", "forward", "right"),
		PageLeft:    bind("pgup", "a page back", "pgup", "shift+left"),
		PageRight:   bind("pgdn", "a page forward", "pgdown", "shift+right"),
		Home:        bind("home", "the beginning", "home"),
		Live:        bind("l", "live", "end", "l", "G"),
		Goto:        bind("g", "go to a time", "g"),
		ZoomIn:      bind("+", "zoom in", "+", "="),
		ZoomOut:     bind("-", "zoom out", "-", "_"),
		Range:       bind("v", "choose a range", "v"),
		ZoomTo:      bind("z", "zoom to the range", "z"),
		Clear:       bind("esc", "no range", "esc"),
		Next:        bind("n", "next event", "n"),
		Prev:        bind("b", "previous event", "b"),
		NextTrouble: bind("N", "next incident", "N"),
		PrevTrouble: bind("P", "previous incident", "P"),
		Pause:       bind("space", "pause", "space"),
		Slower:      bind("[", "slower", "["),
		Faster:      bind("]", "faster", "]"),
		Tab:         bind("tab", "panel", "tab", "shift+tab"),
		Up:          bind("↑", "newer in the list", "up", "k"),
		Down:        bind("↓", "older in the list", "down", "j"),
		Enter:       bind("enter", "why", "enter"),
		Details:     bind("d", "details", "d"),
		Hidden:      bind("i", "all interfaces", "i"),
		List:        bind("e", "events", "e"),
		Notes:       bind("o", "notes in the list", "o"),
		Filter:      bind("/", "filter events", "/"),
		Page:        bindPages(pages),
		Mark:        bind("m", "mark", "m"),
		Save:        bind("s", "save", "s"),
		Report:      bind("r", "report", "r"),
		Check:       bind("c", "check now", "c"),
		Probe:       bind("p", "probe all now", "p"),
		Trace:       bind("t", "trace the target", "t"),
		Copy:        bind("y", "copy the incident", "y"),
		Link:        bind("x", "link, unlink", "x"),
		Log:         bind("L", "log scale", "L"),
		Palette:     bind(":", "all commands", ":"),
		Theme:       bind("T", "next theme", "T"),
		Help:        bind("?", "help", "?"),
		Suspend:     bind("ctrl+z", "to the shell", "ctrl+z"),
		Quit:        bind("q", "quit", "q", "ctrl+c"),
	}
	if o.Replay {
		k.Live.SetHelp("end", "the end")
		k.Pause.SetHelp("space", "play")
	}
	if o.Beside != nil {
		k.Tab.SetHelp("tab", "the other one")
	}
	k.Link.SetEnabled(o.Beside != nil)
	k.Slower.SetEnabled(o.Replay)
	k.Faster.SetEnabled(o.Replay)
	k.Mark.SetEnabled(o.Mark != nil)
	k.Save.SetEnabled(o.Save != nil)
	k.Report.SetEnabled(o.Report != nil)
	k.Check.SetEnabled(o.Check != nil)
	k.Probe.SetEnabled(o.Probe != nil)
	k.Trace.SetEnabled(o.Trace != nil)
	return k
}

// bindPages returns the keys of the pages: their numbers.
func bindPages(pages []pageKind) key.Binding {
	var names []string
	for i := range pages {
		names = append(names, num(int64(i+1)))
	}
	last := names[len(names)-1]
	k := bind("1-"+last, "page", names...)
	k.SetEnabled(len(pages) > 1)
	return k
}

// short returns the keys of the key bar, the most useful first; pairs that
// belong together are shown as one.
func (k *keyMap) short(replay bool) []key.Binding {
	scrub := bind("←→", "scrub", "left", "right")
	zoom := bind("+-", "zoom", "+", "-")
	incident := bind("P N", "incident", "P", "N")
	if replay {
		speed := bind("[ ]", "speed", "[", "]")
		return []key.Binding{k.Pause, scrub, k.Page, incident, k.Enter, zoom, k.List, speed, k.Help, k.Quit, k.Palette, k.Details}
	}
	return []key.Binding{scrub, k.Page, incident, k.Enter, zoom, k.List, k.Pause, k.Help, k.Quit, k.Check, k.Trace, k.Palette, k.Live, k.Mark, k.Save, k.Details}
}

// A keyGroup is one column of the help.
type keyGroup struct {
	title string
	keys  []key.Binding
}

// full returns every key in the order of the help.
func (k *keyMap) full() []keyGroup {
	return []keyGroup{
		{"TIME", []key.Binding{
			k.Left, k.Right, k.PageLeft, k.PageRight, k.Home, k.Live, k.Goto,
			k.ZoomIn, k.ZoomOut, k.Range, k.ZoomTo, k.Clear, k.Pause, k.Slower, k.Faster,
		}},
		{"WHAT HAPPENED", []key.Binding{
			k.NextTrouble, k.PrevTrouble, k.Next, k.Prev, k.Up, k.Down, k.Enter, k.List, k.Notes, k.Filter, k.Mark, k.Tab,
		}},
		{"COMMANDS", []key.Binding{
			k.Save, k.Report, k.Check, k.Probe, k.Trace, k.Copy, k.Page, k.Link, k.Details, k.Hidden, k.Log, k.Palette, k.Theme, k.Help, k.Suspend, k.Quit,
		}},
	}
}
