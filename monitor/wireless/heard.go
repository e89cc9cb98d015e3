//go:build linux

package wireless

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

const (
	// maxHeard bounds the access points of a list, which whoever is near can add to.
	maxHeard = 32
	// heardPace is how long no other list is told: some programs scan every few
	// seconds.
	heardPace = time.Minute
)

// heard is a list of access points: the one in use, then the strongest.
func heard(index int, all []cell) *fact.Cells {
	key := func(c *cell) int {
		switch {
		case c.associated:
			return -1000
		case c.signal == 0:
			return 1000
		}
		return -c.signal
	}
	slices.SortStableFunc(all, func(a, b cell) int { return cmp.Compare(key(&a), key(&b)) })
	out := &fact.Cells{Index: index}
	for _, c := range all[:min(len(all), maxHeard)] {
		out.List = append(out.List, fact.HeardCell{
			BSSID: c.bssid.text(), SSID: c.ssid, Associated: c.associated, Frequency: c.frequency, Signal: c.signal,
			Security: c.security, Load: c.load, Stations: c.stations, Busy: c.busy,
		})
	}
	return out
}

// listen tells which access points the radios have heard that scanned since.
func (c *session) listen() {
	for _, r := range c.radios {
		if !r.scanned || r.listed != 0 && c.now-r.listed < heardPace {
			continue
		}
		var all []cell
		if err := c.ask.dump(unix.NL80211_CMD_GET_SCAN, r.index, func(attrs []byte) {
			if x := decodeCell(attrs); x.bssid != (mac{}) {
				all = append(all, x)
			}
		}); err != nil || len(all) == 0 {
			continue // The interface may be gone, or it heard nobody.
		}
		r.scanned, r.listed = false, c.now
		c.emit(fact.ViaDump, fact.Put, heard(r.index, all))
	}
}
