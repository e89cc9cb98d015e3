package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// An AccessPoint is one that an interface was associated with.
type AccessPoint struct {
	Interface fact.Untrusted `json:"interface"`
	SSID      fact.Untrusted `json:"ssid,omitempty"`
	BSSID     fact.Untrusted `json:"bssid"`
	Frequency int            `json:"frequency_mhz,omitempty"`
	// Associated is for how long, and Times how often.
	Associated time.Duration `json:"associated_ns"`
	Times      int           `json:"times"`
	// Ended is how often it ended otherwise than by a roam, and ByAP how often
	// the access point ended it.
	Ended int `json:"ended"`
	ByAP  int `json:"ended_by_ap"`
	// Signal is the mean of the samples in dBm, of which there are N; 0 is
	// unknown.
	Signal float64 `json:"signal_dbm,omitempty"`
	N      int     `json:"n"`

	index int
	sum   int
}

// keepAccessPoints bounds the access points in a report.
const keepAccessPoints = 200

// radios follow associations, and the signal meanwhile.
type radios struct {
	span    timeline.Span
	known   map[apKey]*AccessPoint
	current map[int]association
	signals map[int]*[drawnColumns]signal
}

type apKey struct {
	index     int
	bssid     fact.Untrusted
	frequency int
}

// An association goes on since an instant.
type association struct {
	ap    *AccessPoint
	since time.Duration
}

// A signal is the sum of the samples of a column, in dBm.
type signal struct{ sum, n int }

func newRadios(span timeline.Span) radios {
	return radios{span: span, known: map[apKey]*AccessPoint{}, current: map[int]association{}, signals: map[int]*[drawnColumns]signal{}}
}

// wifi follows what an interface is associated with.
func (r *radios) wifi(f *fact.Wifi, op fact.Op, at time.Duration) {
	if !f.Gain() || op == fact.Delete {
		if was, ok := r.current[f.Index]; ok {
			r.leave(f.Index, at)
			if at >= r.span.From {
				was.ap.Ended++
				if f.ByAP {
					was.ap.ByAP++
				}
			}
		}
		return
	}
	r.leave(f.Index, at)
	k := apKey{f.Index, f.BSSID, f.Frequency}
	ap := r.known[k]
	if ap == nil {
		if len(r.known) >= keepAccessPoints {
			return
		}
		ap = &AccessPoint{SSID: f.SSID, BSSID: f.BSSID, Frequency: f.Frequency, index: f.Index}
		r.known[k] = ap
	}
	if at >= r.span.From {
		ap.Times++
	}
	r.current[f.Index] = association{ap, at}
}

// leave ends an association.
func (r *radios) leave(index int, at time.Duration) {
	if was, ok := r.current[index]; ok {
		was.ap.Associated += max(0, min(at, r.span.To)-max(was.since, r.span.From))
		delete(r.current, index)
	}
}

// station takes a sample.
func (r *radios) station(f *fact.Station, at time.Duration) {
	if f.Signal == 0 || at < r.span.From || at >= r.span.To {
		return
	}
	if was, ok := r.current[f.Index]; ok {
		was.ap.N++
		was.ap.sum += f.Signal
	}
	s := r.signals[f.Index]
	if s == nil {
		if len(r.signals) >= mostInterfaces {
			return
		}
		s = new([drawnColumns]signal)
		r.signals[f.Index] = s
	}
	c := &s[int(float64(at-r.span.From)/float64(r.span.To-r.span.From)*drawnColumns)]
	c.sum, c.n = c.sum+f.Signal, c.n+1
}

// accessPoints returns those that were used in the time, the longest first.
func (r *radios) accessPoints(name func(index int) fact.Untrusted) []AccessPoint {
	for _, index := range slices.Sorted(maps.Keys(r.current)) {
		r.leave(index, r.span.To)
	}
	out := []AccessPoint{}
	for _, ap := range r.known {
		if ap.Associated == 0 && ap.Times == 0 {
			continue
		}
		k := *ap
		k.Interface = name(k.index)
		if k.N > 0 {
			k.Signal = float64(k.sum) / float64(k.N)
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b AccessPoint) int {
		return cmp.Or(cmp.Compare(b.Associated, a.Associated), cmp.Compare(a.BSSID, b.BSSID), cmp.Compare(a.Frequency, b.Frequency))
	})
	return out
}

// channel names the channel of a frequency (IEEE 802.11, annex E), or 0.
func channel(mhz int) int {
	switch {
	case mhz == 2484:
		return 14
	case mhz >= 2412 && mhz <= 2472:
		return (mhz - 2407) / 5
	case mhz >= 5160 && mhz <= 5885:
		return (mhz - 5000) / 5
	case mhz >= 5955 && mhz <= 7115:
		return (mhz - 5950) / 5
	}
	return 0
}
