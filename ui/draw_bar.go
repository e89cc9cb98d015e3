package ui

import (
	"path"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// A barView is what the bar at the bottom shows.
type barView struct {
	look
	keys   *keyMap
	replay bool
	// flash is what just happened; it takes the place of the keys.
	flash     string
	recording Recording
	// pages are the titles of the pages, page which of them is shown.
	pages []string
	page  int
	// chosen is the range that was chosen, or "".
	chosen string
	// own are the keys of the page, which stand first.
	own []key.Binding
}

// drawBar draws the bar at the bottom: the keys, or what just happened.
func drawBar(a grid.Area, b barView) {
	a.Fill(' ', b.Bar)
	end := drawRecording(a, b)
	x := 1
	if b.flash != "" {
		a.Text(x, 0, cutWords(b.flash, end-x-1), b.BarStrong)
		return
	}
	if b.chosen != "" {
		x = a.Text(x, 0, b.chosen, b.Bar) + 3
		b.own = []key.Binding{bind("z", "zoom", "z"), bind("esc", "clear", "esc"), b.keys.Save, b.keys.Report}
	}
	for _, h := range fitKeys(b.keys, b.own, b.replay, end-x) {
		from := x
		x = a.Text(x, 0, h.Help().Key, b.BarStrong)
		x = a.Text(x+1, 0, h.Help().Desc, b.BarMuted)
		if k := keyOf(h); k != "" {
			a.Sub(from, 0, x-from, 1).Mark(keyPart(k))
		}
		x += 3
	}
}

// fitKeys returns the keys that fit width columns, in the order of the bar.
// Help and quit are always among them: with these a newcomer is never lost.
func fitKeys(k *keyMap, own []key.Binding, replay bool, width int) []key.Binding {
	cost := func(h key.Help) int { return grid.Width(h.Key) + 1 + grid.Width(h.Desc) + 3 }
	must := []key.Help{k.Help.Help(), k.Quit.Help()}
	for _, h := range must {
		width -= cost(h)
	}
	var out []key.Binding
	all := k.short(replay)
	if len(own) > 0 {
		all = slices.Concat(own, []key.Binding{k.Page}, all)
	}
	for _, b := range all {
		h := b.Help()
		taken := slices.ContainsFunc(out, func(o key.Binding) bool { return o.Help().Key == h.Key })
		switch {
		case taken:
		case slices.Contains(must, h):
			out = append(out, b)
		case b.Enabled() && width >= cost(h):
			width -= cost(h)
			out = append(out, b)
		}
	}
	return out
}

// drawRecording draws what is known of the session file and returns where it
// begins.
func drawRecording(a grid.Area, b barView) int {
	r := b.recording
	end := a.Width() - 1
	switch {
	case r.Err != "":
		// Where there is no room for it all, the end says why.
		why := r.Err[strings.LastIndex(r.Err, ": ")+1:]
		said := longest([]string{"! not recording: " + r.Err, "! not recording: " + strings.TrimSpace(why)}, a.Width()/2)
		return a.Right(end, 0, grid.Cut(said, a.Width()/2), b.Warn.On(b.Bar.Bg))
	case r.Length == 0 && r.File == "":
		return end
	}
	shown := text.Size(r.Size)
	if a.Width() >= panesFrom {
		shown = text.Elapsed(r.Length) + "  " + shown
	}
	if b.replay {
		return a.Right(end, 0, grid.Cut(path.Base(r.File), a.Width()/3)+"  "+shown, b.BarMuted)
	}
	// The file may become smaller: what was just written is packed when its
	// minute is over.
	x := a.Right(end, 0, " REC  "+shown+" on disk", b.BarMuted)
	a.Set(x-1, 0, '●', b.Bad.On(b.Bar.Bg))
	// As much as it may ever take: keys do not come and go with its length.
	most := grid.Width("● REC  99.9 kB on disk")
	if a.Width() >= panesFrom {
		most += grid.Width("59 min 59 s  ")
	}
	return min(x, end-most) - 2
}
