package ui

import (
	"cmp"
	"slices"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// heardWidth is the room that the list of access points in the air takes beside that
// of those in use.
const heardWidth = 54

// drawHeard draws which access points were heard of last: the one in use, then the
// strongest, with how busy their channels are where they say so.
func drawHeard(a grid.Area, v wifiView) {
	var list []fact.HeardCell
	remark := "no scan yet"
	if v.heard.Cells != nil {
		list = v.heard.List
		remark = text.Count(len(list), "access point") + " · scan " + text.Elapsed(max(v.at-v.heard.At, 0)) + " ago"
	}
	v.head(a, "IN THE AIR", remark, v.Title)
	if len(list) == 0 {
		a.Text(0, 1, cmp.Or(v.unread, "nobody was heard, or asked for"), v.Dim)
		return
	}
	heads := a.Row(1)
	heads.Text(2, 0, "network", v.Dim)
	heads.Right(20, 0, "ch", v.Dim)
	heads.Right(29, 0, "signal", v.Dim)
	heads.Text(31, 0, "login", v.Dim)
	heads.Right(a.Width(), 0, "channel in use", v.Dim)
	room := a.Height() - 2
	shown := list[:min(len(list), room)]
	if room > 0 && len(list) > room {
		shown = list[:room-1]
		a.Text(2, a.Height()-1, num(int64(len(list)-room+1))+" more, weaker", v.Muted)
	}
	for i := range shown {
		v.drawHeardCell(a.Row(2+i), &shown[i])
	}
}

func (v *wifiView) drawHeardCell(a grid.Area, c *fact.HeardCell) {
	st := v.Muted
	if v.here != nil && c.SSID == v.here.SSID && c.SSID != "" {
		st = v.Text // of the same network: it could be roamed to
	}
	if v.associated() && c.BSSID == v.here.BSSID {
		a.Set(0, 0, '●', v.Good)
	}
	a.Cut(2, 0, 14, cmp.Or(c.SSID.Display(), hiddenName), st)
	if n, _ := fact.Channel(c.Frequency); n > 0 {
		a.Right(20, 0, num(int64(n)), st)
	}
	a.Right(29, 0, dBm(c.Signal), st)
	login := st
	if slices.Contains([]fact.Untrusted{"open", "WEP"}, c.Security) {
		login = v.Warn
	}
	a.Cut(31, 0, 7, c.Security.Display(), login)
	if !c.Load {
		a.Right(a.Width(), 0, "not told", v.Dim)
		return
	}
	said := num(int64(c.Busy)) + " %"
	a.Right(a.Width(), 0, said, v.busyStyle(c.Busy))
	drawGauge(a.Sub(39, 0, a.Width()-39-6, 1), v.look, float64(c.Busy)/100, v.busyStyle(c.Busy))
}

// busyStyle is the colour of how much of the time a channel is in use.
func (k look) busyStyle(percent int) themes.Style {
	switch {
	case percent > 80:
		return k.Bad
	case percent > 50:
		return k.Warn
	}
	return k.Good
}
