package fact

import (
	"fmt"
	"strconv"
)

// An Airtime is how the channel of an association was used since the sample before,
// as the driver counts it, and whether this machine saves power on it. What the driver
// does not say is 0: most say less than this.
type Airtime struct {
	Index int `json:"ifindex"`
	// Frequency is that of the channel in MHz, and Noise its noise floor in dBm.
	Frequency int `json:"frequency_mhz,omitempty"`
	Noise     int `json:"noise_dbm,omitempty"`
	// Listened is for how many milliseconds the radio was on the channel; of these it
	// was Busy, with whatever was sent on it, Receiving and Sending itself.
	Listened  int `json:"listened_ms,omitempty"`
	Busy      int `json:"busy_ms,omitempty"`
	Receiving int `json:"receiving_ms,omitempty"`
	Sending   int `json:"sending_ms,omitempty"`
	// PowerSave is one of the PowerSave constants.
	PowerSave int `json:"power_save,omitempty"`
}

// Whether a radio saves power: it sleeps between beacons then, and what is for it
// waits at the access point meanwhile.
const (
	PowerSaveUnknown = iota
	PowerSaveOff
	PowerSaveOn
)

// KindAirtime is the kind of Airtime.
const KindAirtime Kind = "airtime"

// Kind implements Fact.
func (*Airtime) Kind() Kind { return KindAirtime }

// Row implements Fact.
func (*Airtime) Row() bool { return false }

// Interface implements Fact.
func (a *Airtime) Interface() int { return a.Index }

// BusyPercent returns how much of the time the channel was busy, if that is known.
// Drivers read the two counters one after the other, so that one may be ahead.
func (a *Airtime) BusyPercent() (percent int, known bool) {
	if a.Listened <= 0 || a.Busy < 0 {
		return 0, false
	}
	return int(min(float64(a.Busy)/float64(a.Listened), 1)*100 + 0.5), true
}

// Saving is whether the radio saves power, in a word, or "" where nobody knows.
func (a *Airtime) Saving() string {
	switch a.PowerSave {
	case PowerSaveOff:
		return "off"
	case PowerSaveOn:
		return "on"
	}
	return ""
}

// Words implements Fact.
func (a *Airtime) Words() Untrusted {
	words := "channel in use unknown"
	if busy, known := a.BusyPercent(); known {
		words = fmt.Sprintf("channel in use %d %%", busy)
	}
	if a.Noise != 0 {
		words += fmt.Sprintf(", noise %d dBm", a.Noise)
	}
	if s := a.Saving(); s != "" {
		words += ", power save " + s
	}
	return Untrusted(words)
}

// numbers are the fields in the order of Columns.
func (a *Airtime) numbers() [7]*int {
	return [7]*int{&a.Frequency, &a.Noise, &a.Listened, &a.Busy, &a.Receiving, &a.Sending, &a.PowerSave}
}

// Series implements Sampled: each interface is on one channel.
func (a *Airtime) Series() string { return strconv.Itoa(a.Index) }

// Columns implements Sampled.
func (*Airtime) Columns() []string {
	return []string{"frequency_mhz", "noise_dbm", "listened_ms", "busy_ms", "receiving_ms", "sending_ms", "power_save"}
}

// Numbers implements Sampled.
func (a *Airtime) Numbers(dst []int64) []int64 {
	for _, n := range a.numbers() {
		dst = append(dst, int64(*n))
	}
	return dst
}

// Sample implements Sampled.
func (a *Airtime) Sample(series string, n []int64) error {
	index, err := strconv.Atoi(series)
	if err != nil || index <= 0 {
		return fmt.Errorf("airtime of interface %q", series)
	}
	*a = Airtime{Index: index}
	for i, field := range a.numbers() {
		*field = int(n[i])
	}
	return nil
}
