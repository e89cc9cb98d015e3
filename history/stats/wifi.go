package stats

import (
	"cmp"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// A WifiSummary is what was observed of Wi-Fi: what is associated, how the last
// associations ended, and how each access point did. Give it every observation.
type WifiSummary struct {
	// Interfaces are those that were ever associated or tried to, by name.
	Interfaces []*WifiInterface
	// Ends are the last ends of associations and tries, the newest last.
	Ends []WifiEnd
	// Cells are the access points, in the order in which they were met.
	Cells []*WifiCell

	names map[int]fact.Untrusted
	// last is when the newest fact was observed.
	last time.Duration
}

// A WifiInterface is what became of one interface last.
type WifiInterface struct {
	Index int
	Name  fact.Untrusted
	// Wifi is the last word on its association, Since when (CLOCK_BOOTTIME), and
	// Station the newest sample, or nil.
	Wifi    *fact.Wifi
	Since   time.Duration
	Station *fact.Station
	// Airtime is the newest sample of its channel, or nil.
	Airtime *fact.Airtime
	// Heard are the access points that it heard of last, or nil.
	Heard *fact.Cells
	// Scans counts scans, and Rhythm is that of the last ones, or nil.
	Scans  int
	Rhythm *ScanRhythm

	cell  *WifiCell
	scans []timeline.RadioEvent
}

// Associated reports whether the interface has an access point.
func (i *WifiInterface) Associated() bool { return i.Wifi != nil && i.Wifi.Gain() }

// A WifiEnd is the end of an association, or of a try.
type WifiEnd struct {
	Time      time.Time
	Mono      time.Duration
	Interface fact.Untrusted
	Wifi      *fact.Wifi
}

// A WifiCell is how one access point did. Whoever is near can invent one, so they
// are bounded.
type WifiCell struct {
	BSSID, SSID fact.Untrusted
	Frequency   int
	// Associated is how long interfaces were associated with it.
	Associated time.Duration
	// Ended counts associations that it ended, Lost those of which its beacons
	// were lost, Left those that this machine ended, and Failed tries in vain.
	Ended, Lost, Left, Failed int
	// Roams counts arrivals from another access point.
	Roams int
	// Signal is the sum of Signals samples in dBm, Weakest the least of them.
	Signal, Signals, Weakest int
	// Sent, Retries, Beacons and Due are those of the samples, all together.
	Sent, Retries, Beacons, Due int
}

// What is kept of what anybody near can make: the others are counted together
// under no name.
const (
	maxCells = 256
	keepEnds = 10
	// keepScans is of how many scans the rhythm is looked for.
	keepScans = 256
)

// Observe takes the next observation.
func (s *WifiSummary) Observe(o *fact.Observation) {
	s.last = max(s.last, o.Mono)
	switch f := o.Fact.(type) {
	case *fact.Link:
		if s.names == nil {
			s.names = map[int]fact.Untrusted{}
		}
		s.names[f.Index] = f.Name
		if i := s.find(f.Index); i != nil {
			i.Name = f.Name
		}
	case *fact.Wifi:
		s.wifi(o, f)
	case *fact.WifiEvent:
		s.scan(o, f)
	case *fact.Cells:
		if i := s.find(f.Index); i != nil {
			i.Heard = f
		}
	case *fact.Airtime:
		if i := s.find(f.Index); i != nil && i.Associated() {
			i.Airtime = f
		}
	case *fact.Station:
		s.station(f)
	}
}

// Finish counts what goes on until the newest observation.
func (s *WifiSummary) Finish() {
	for _, i := range s.Interfaces {
		s.count(i, s.last)
		i.Rhythm = ScansEvery(i.scans)
	}
	slices.SortFunc(s.Interfaces, func(a, b *WifiInterface) int { return cmp.Compare(a.Name, b.Name) })
}

func (s *WifiSummary) find(index int) *WifiInterface {
	if i := slices.IndexFunc(s.Interfaces, func(x *WifiInterface) bool { return x.Index == index }); i >= 0 {
		return s.Interfaces[i]
	}
	return nil
}

// Sampled reports whether there is a sample of what an interface is associated
// with now.
func (s *WifiSummary) Sampled(index int) bool {
	i := s.find(index)
	return i != nil && i.Station != nil
}

// count adds the time of an association that lasts to its access point.
func (s *WifiSummary) count(i *WifiInterface, until time.Duration) {
	if i.Associated() && i.cell != nil {
		i.cell.Associated += max(0, until-i.Since)
	}
}

func (s *WifiSummary) wifi(o *fact.Observation, w *fact.Wifi) {
	i := s.find(w.Index)
	if i == nil {
		i = &WifiInterface{Index: w.Index, Name: s.names[w.Index]}
		s.Interfaces = append(s.Interfaces, i)
	}
	if o.Op == fact.Put && i.Wifi != nil && *i.Wifi == *w && w.Gain() {
		return // A row again, of the snapshot of another minute. A try may fail twice alike.
	}
	s.count(i, o.Mono)
	i.cell = s.cell(w)
	i.Since, i.Station, i.Airtime = o.Mono, nil, nil
	if o.Op == fact.Delete {
		i.Wifi = nil
		return
	}
	i.Wifi = w
	i.cell.event(w)
	if !w.Gain() {
		s.Ends = append(s.Ends, WifiEnd{o.Time, o.Mono, i.Name, w})
		s.Ends = slices.Delete(s.Ends, 0, max(0, len(s.Ends)-keepEnds))
	}
}

// scan counts a scan.
func (s *WifiSummary) scan(o *fact.Observation, e *fact.WifiEvent) {
	i := s.find(e.Index)
	if i == nil || e.Event != fact.WifiEventScan {
		return
	}
	i.Scans++
	i.scans = append(i.scans, timeline.RadioEvent{Mono: o.Mono, Event: e})
	i.scans = slices.Delete(i.scans, 0, max(0, len(i.scans)-keepScans))
}

// event counts what became of an association with the access point.
func (c *WifiCell) event(w *fact.Wifi) {
	switch {
	case w.Event == fact.WifiRoamed:
		c.Roams++
	case w.Gain():
	case w.Event == fact.WifiRefused || w.Event == fact.WifiUnanswered:
		c.Failed++
	case w.Event == fact.WifiBeaconLost:
		c.Lost++
	case w.ByAP:
		c.Ended++
	default:
		c.Left++
	}
}

// cell returns the access point that a fact is about.
func (s *WifiSummary) cell(w *fact.Wifi) *WifiCell {
	bssid, ssid := w.BSSID, w.SSID
	is := func(c *WifiCell) bool { return c.BSSID == bssid && (c.SSID == ssid || ssid == "") }
	k := slices.IndexFunc(s.Cells, is)
	if k < 0 && len(s.Cells) >= maxCells {
		bssid, ssid = "", ""
		k = slices.IndexFunc(s.Cells, func(c *WifiCell) bool { return c.BSSID == "" && c.SSID == "" })
	}
	if k < 0 {
		s.Cells = append(s.Cells, &WifiCell{BSSID: bssid, SSID: ssid})
		k = len(s.Cells) - 1
	}
	c := s.Cells[k]
	if w.Frequency != 0 {
		c.Frequency = w.Frequency
	}
	return c
}

func (s *WifiSummary) station(f *fact.Station) {
	i := s.find(f.Index)
	if i == nil || !i.Associated() {
		return
	}
	i.Station = f
	c := i.cell
	if f.Signal != 0 {
		if c.Signals == 0 || f.Signal < c.Weakest {
			c.Weakest = f.Signal
		}
		c.Signal += f.Signal
		c.Signals++
	}
	c.Sent += f.Sent
	c.Retries += f.Retries
	c.Beacons += f.Beacons
	c.Due += f.Due
}
