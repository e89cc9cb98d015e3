package ui

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// A command is something that the screen can be told to do: what a key does, to
// turn to a page, to take a theme.
type command struct {
	// does says what it does, group of what kind it is, key what does it too.
	does, group, key string
	msg              tea.Msg
}

// commands returns all that the screen can be told to do now: every key of the
// map that works, and by name what one key goes through.
func commands(k *keyMap, pages, names []string) (out []command) {
	for i, title := range pages {
		out = append(out, command{title, "PAGE", num(int64(i + 1)), turnMsg{title}})
	}
	for _, g := range k.full() {
		for _, b := range g.keys {
			if !b.Enabled() || len(b.Keys()) == 0 || slices.Equal(b.Keys(), k.Page.Keys()) || slices.Equal(b.Keys(), k.Palette.Keys()) {
				continue
			}
			out = append(out, command{b.Help().Desc, g.title, b.Help().Key, keyPress(b.Keys()[0])})
		}
	}
	for _, name := range names {
		out = append(out, command{name, "THEME", "", themeMsg{name}})
	}
	return out
}

// fuzzy says how well a text has the letters of a query in their order; 0 is not
// at all. Letters that begin a word count more, and so do neighbours.
func fuzzy(query, text string) int {
	score, next := 1, 0
	letters := []rune(strings.ToLower(text))
	before := -2
	for _, want := range strings.ToLower(query) {
		if unicode.IsSpace(want) {
			continue
		}
		best, gain := -1, 0
		for i := next; i < len(letters); i++ {
			got := 1
			switch {
			case letters[i] != want:
				continue
			case i == before+1:
				got = 4
			case i == 0 || letters[i-1] == ' ':
				got = 3
			}
			if got > gain {
				best, gain = i, got
			}
			if got == 4 {
				break // nothing is nearer
			}
		}
		if best < 0 {
			return 0
		}
		score += gain
		before, next = best, best+1
	}
	return score
}

// A palettePopup lists the commands that have what is typed, the best first.
type palettePopup struct {
	all, found []command
	text       input
	// at is the selected one of those found.
	at int
}

func newPalettePopup(k *keyMap, pages, names []string) *palettePopup {
	p := &palettePopup{all: commands(k, pages, names)}
	p.found = p.all
	return p
}

// update implements popup.
func (p *palettePopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		return true, nil
	case "enter":
		if p.at >= len(p.found) {
			return false, nil
		}
		does := p.found[p.at].msg
		return true, func() tea.Msg { return does }
	case "up", "ctrl+p":
		p.at = max(p.at-1, 0)
	case "down", "ctrl+n":
		p.at = max(min(p.at+1, len(p.found)-1), 0)
	default:
		p.text.update(msg)
		p.find()
	}
	return false, nil
}

// find lists what the text matches.
func (p *palettePopup) find() {
	p.at, p.found = 0, nil
	scores := map[string]int{}
	for _, c := range p.all {
		name := c.does + " " + strings.ToLower(c.group)
		if n := max(2*fuzzy(string(p.text), c.does), fuzzy(string(p.text), name)); n > 0 {
			p.found = append(p.found, c)
			scores[c.group+c.does] = n
		}
	}
	slices.SortStableFunc(p.found, func(a, b command) int {
		return cmp.Compare(scores[b.group+b.does], scores[a.group+a.does])
	})
}

// draw implements popup.
func (p *palettePopup) draw(a grid.Area, k look) {
	in := box(a, k, 58, min(len(p.all)+6, max(a.Height()*3/4, 14)), "commands", "↑↓ choose · enter runs it · esc does not")
	p.text.draw(in.Row(0), k, "some letters of it")
	list := in.Sub(0, 2, in.Width(), in.Height()-2)
	if len(p.found) == 0 {
		list.Text(0, 0, "no command has these letters", k.Muted.On(k.Popup.Bg))
		return
	}
	first := max(0, min(p.at-list.Height()/2, len(p.found)-list.Height()))
	for y, c := range p.found[first:min(first+list.Height(), len(p.found))] {
		row := list.Row(y)
		row.Mark(commandPart(first + y))
		row.Text(1, 0, c.does, k.Popup)
		row.Right(row.Width()-9, 0, strings.ToLower(c.group), k.Muted.On(k.Popup.Bg))
		row.Right(row.Width()-1, 0, c.key, k.Strong.With(themes.Bold).On(k.Popup.Bg))
		if first+y == p.at {
			row.Restyle(k.Select)
			row.Set(0, 0, '▸', k.Select(k.Accent))
		}
	}
}
