package fold

import (
	"slices"
	"strconv"
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A Cell is how an access point takes part in an incident: how often it ended the
// association, was not heard any more, or refused a try or did not answer it.
type Cell struct {
	SSID    fact.Untrusted `json:"ssid,omitempty"`
	BSSID   fact.Untrusted `json:"bssid,omitempty"`
	Channel int            `json:"channel,omitempty"`
	Band    string         `json:"band,omitempty"`
	Ended   int            `json:"ended,omitempty"`
	Lost    int            `json:"lost,omitempty"`
	Failed  int            `json:"failed,omitempty"`
}

// maxCells bounds the access points that an incident tells apart: whoever is near
// can invent one. The others are counted together under no name.
const maxCells = 16

// The reason codes with which an access point ends an association that was accepted
// and never of use (IEEE 802.11 9.4.1.7): the handshake of keys, and a login by
// 802.1X, that did not succeed.
const (
	reasonHandshake = 15
	reasonLogin     = 23
)

// counts reports whether a word of a radio is trouble by an access point: not what
// this machine did by itself, of which a roam is made too.
func counts(w *fact.Wifi) bool {
	return !w.Gain() && (w.ByAP || !w.Ended() || w.Event == fact.WifiBeaconLost)
}

// met counts what an access point did during a trouble.
func (t *trouble) met(w *fact.Wifi) {
	if w == nil || !counts(w) || t.heard == w {
		return
	}
	t.heard = w
	c := Cell{SSID: w.SSID, BSSID: w.BSSID}
	c.Channel, c.Band = fact.Channel(w.Frequency)
	switch {
	case w.Event == fact.WifiBeaconLost:
		c.Lost = 1
	case w.Ended() && w.Reason != reasonHandshake && w.Reason != reasonLogin:
		c.Ended = 1
	default:
		c.Failed = 1
	}
	t.Cells = addCell(t.Cells, c)
}

// addCell adds what an access point did to what it did before.
func addCell(all []Cell, c Cell) []Cell {
	i := slices.IndexFunc(all, func(o Cell) bool { return o.BSSID == c.BSSID && (o.SSID == c.SSID || c.SSID == "") })
	if i < 0 && len(all) >= maxCells {
		c.SSID, c.BSSID, c.Channel, c.Band = "", "", 0, ""
		i = slices.IndexFunc(all, func(o Cell) bool { return o.BSSID == "" && o.SSID == "" })
	}
	all = slices.Clone(all) // incidents that were told have the old ones
	if i < 0 {
		return append(all, c)
	}
	o := &all[i]
	o.Ended, o.Lost, o.Failed = o.Ended+c.Ended, o.Lost+c.Lost, o.Failed+c.Failed
	if c.Channel != 0 {
		o.Channel, o.Band = c.Channel, c.Band
	}
	return all
}

// addCells adds those of an occurrence to those of the ones before.
func addCells(all, more []Cell) []Cell {
	for _, c := range more {
		all = addCell(all, c)
	}
	return all
}

// byCells puts the number of access points into what a radio said, where there are
// several, and how many tries there were, where there is more than one.
func (i *Incident) byCells(said string) string {
	ended, failing, tries := 0, 0, 0
	for _, c := range i.Cells {
		if c.Ended > 0 {
			ended++
		}
		if c.Failed > 0 {
			failing, tries = failing+1, tries+c.Failed
		}
	}
	n := ended
	if i.Root.What == path.NotAssociated && tries > 0 {
		n = failing
	}
	if n > 1 {
		many := text.Count(n, "access point")
		said = strings.NewReplacer("by AP", "by "+many, "AP does not answer", many+" do not answer").Replace(said)
	}
	if i.Root.What == path.NotAssociated && tries > 1 {
		said += ", " + strconv.Itoa(tries) + " tries"
	}
	return said
}
