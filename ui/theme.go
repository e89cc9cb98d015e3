package ui

import (
	"slices"

	"flapscope/themes"
)

// A themeChoice is the theme of the screen, and why it is that.
type themeChoice struct {
	list []themes.Theme
	at   int
	// chosen is whether the user wants this one; else it follows the terminal.
	chosen bool
	// dark is whether the terminal's own background is dark, once it is known.
	dark, known bool
}

// start takes the theme of the options.
func (c *themeChoice) start(o *Options) {
	c.list = o.Themes
	if c.list == nil {
		c.list = themes.BuiltIn()
	}
	if i := c.index(o.Theme); i >= 0 {
		c.at, c.chosen = i, true
	}
}

func (c *themeChoice) index(name string) int {
	return slices.IndexFunc(c.list, func(t themes.Theme) bool { return t.Name == name })
}

// terminalIs takes what the terminal says of its background.
func (c *themeChoice) terminalIs(dark bool) {
	c.dark, c.known = dark, true
	if !c.chosen {
		c.at = slices.IndexFunc(c.list, func(t themes.Theme) bool { return t.Dark == dark })
	}
}

// next chooses the theme after this one and returns its name.
func (c *themeChoice) next() string {
	c.at, c.chosen = (c.at+1)%len(c.list), true
	return c.name()
}

// choose takes the theme of a name.
func (c *themeChoice) choose(name string) {
	if i := c.index(name); i >= 0 {
		c.at, c.chosen = i, true
	}
}

// names returns the names of all themes.
func (c *themeChoice) names() (out []string) {
	for _, t := range c.list {
		out = append(out, t.Name)
	}
	return out
}

func (c *themeChoice) name() string { return c.list[c.at].Name }

// styles returns the styles of the theme. The background of one that was chosen
// is painted unless the terminal has said that its own is of that kind: it may
// be a picture, or seen through.
func (c *themeChoice) styles(depth themes.Depth) themes.Styles {
	t := c.list[c.at]
	return t.Styles(depth, c.chosen && (!c.known || c.dark != t.Dark))
}
