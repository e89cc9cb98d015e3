package ui

import (
	"cmp"
	"strings"

	"flapscope/history/stats"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A cellColumn is a figure of the list of access points: its name, where it ends,
// and what it is of one.
type cellColumn struct {
	name  string
	width int
	of    func(c *wifiCell, v *wifiView) (string, themes.Style)
}

// count writes a number of events, which nothing is too.
func count(n int, v *wifiView, st themes.Style) (string, themes.Style) {
	if n == 0 {
		return "0", v.Dim
	}
	return num(int64(n)), st
}

// cellColumns are the figures from left to right; where there is little room the
// last ones go.
func cellColumns() []cellColumn {
	return []cellColumn{
		{"time", 9, func(c *wifiCell, v *wifiView) (string, themes.Style) {
			if c.Associated == 0 {
				return "–", v.Dim
			}
			return roughly(c.Associated), v.Text
		}},
		{"kicks", 6, func(c *wifiCell, v *wifiView) (string, themes.Style) { return count(c.Ended, v, v.Bad) }},
		{"lost", 5, func(c *wifiCell, v *wifiView) (string, themes.Style) { return count(c.Lost, v, v.Bad) }},
		{"roams", 6, func(c *wifiCell, v *wifiView) (string, themes.Style) { return count(c.Roams, v, v.Info) }},
		{"signal", 9, func(c *wifiCell, v *wifiView) (string, themes.Style) {
			if c.Signals == 0 {
				return "–", v.Dim
			}
			return dBm(c.Signal / c.Signals), v.Text
		}},
		{"loss", 9, func(c *wifiCell, v *wifiView) (string, themes.Style) {
			if c.lost+c.answered == 0 {
				return "–", v.Dim
			}
			return text.Share(int(c.lost), int(c.lost+c.answered)), v.Text
		}},
		{"failed", 7, func(c *wifiCell, v *wifiView) (string, themes.Style) { return count(c.Failed, v, v.Warn) }},
		{"least", 9, func(c *wifiCell, v *wifiView) (string, themes.Style) {
			if c.Signals == 0 {
				return "–", v.Dim
			}
			return dBm(c.Weakest), v.Muted
		}},
		{"retries", 8, func(c *wifiCell, v *wifiView) (string, themes.Style) { return portion(c.Retries, c.Sent, v) }},
		{"beacons", 8, func(c *wifiCell, v *wifiView) (string, themes.Style) { return portion(c.Beacons, c.Due, v) }},
	}
}

// portion writes a share in per cent.
func portion(part, all int, v *wifiView) (string, themes.Style) {
	if all == 0 {
		return "–", v.Dim
	}
	return fixed(min(100*float64(part)/float64(all), 100), 0) + " %", v.Text
}

// nameColumns is the room for channel and address left of the figures.
const nameColumns = 27

// drawCells draws how each access point did, and whether it is one of them or all.
func drawCells(a grid.Area, v wifiView) {
	v.head(a, "BY ACCESS POINT", text.Elapsed(max(v.at-v.from, 0)), v.Title)
	if len(v.cells) == 0 {
		a.Text(0, 1, cmp.Or(v.unread, "none was used in this span"), v.Dim)
		return
	}
	columns, used := cellColumns(), nameColumns
	shown := columns[:0:0]
	for _, c := range columns {
		if used+c.width <= a.Width() {
			shown, used = append(shown, c), used+c.width
		}
	}
	ssid := min(a.Width()-used-2, 24) // what is left is for names
	heads := a.Row(1)
	heads.Text(2, 0, "ch", v.Dim)
	heads.Text(6, 0, "bssid", v.Dim)
	if ssid >= 6 {
		heads.Text(nameColumns-1, 0, "network", v.Dim)
	} else {
		ssid = 0
	}
	x := nameColumns + max(ssid, 0)
	for _, c := range shown {
		x += c.width
		heads.Right(x, 0, c.name, v.Dim)
	}
	room := a.Height() - 2
	verdict := v.oneOrAll()
	if verdict != "" && room > 1 {
		room--
	}
	n := min(len(v.cells), room)
	for i := range v.cells[:n] {
		v.drawCell(a.Row(2+i), &v.cells[i], shown, ssid)
	}
	if verdict != "" && room < a.Height()-2 {
		lines, free := wrap(verdict, a.Width()), a.Height()-2-n
		if len(lines) > free {
			lines[free-1] = cutWords(strings.Join(lines[free-1:], " "), a.Width())
			lines = lines[:free]
		}
		for i, line := range lines {
			a.Text(0, 2+n+i, line, v.Accent)
		}
	}
}

func (v *wifiView) drawCell(a grid.Area, c *wifiCell, columns []cellColumn, ssid int) {
	st := v.Text
	if c.Associated == 0 {
		st = v.Dim
	}
	if c.here {
		a.Set(0, 0, '●', v.Good)
	}
	if n, _ := fact.Channel(c.Frequency); n > 0 {
		a.Text(2, 0, num(int64(n)), st)
	}
	a.Cut(6, 0, nameColumns-8, cmp.Or(c.BSSID.Display(), "others"), st)
	if ssid > 0 {
		a.Cut(nameColumns-1, 0, ssid, cmp.Or(c.SSID.Display(), hiddenName), v.Muted)
	}
	x := nameColumns + ssid
	for _, k := range columns {
		said, style := k.of(c, v)
		x += k.width
		a.Right(x, 0, said, style)
	}
}

// oneOrAll says whether it is one access point that ends associations, one
// channel, or all: "" of none or one alone.
func (v *wifiView) oneOrAll() string {
	kicks, kickers, used := 0, 0, 0
	channels := map[int]bool{}
	var worst *stats.WifiCell
	for _, c := range v.cells {
		if c.Associated > 0 {
			used++
		}
		if n := c.Ended + c.Lost; n > 0 {
			kicks, kickers = kicks+n, kickers+1
			channels[c.Frequency] = true
			worst = c.WifiCell
		}
	}
	switch {
	case kicks < 2 || used < 2:
		return ""
	case kickers == 1:
		return "only " + worst.BSSID.Display() + " ended or lost it, " + num(int64(kicks)) + " ×: that one, or the air around it"
	case len(channels) == 1:
		return num(int64(kickers)) + " access points of one channel ended or lost it: the channel, or what they have in common"
	}
	return num(int64(kickers)) + " access points on " + num(int64(len(channels))) + " channels ended or lost it: neither one radio nor one channel"
}
