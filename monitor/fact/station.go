package fact

import (
	"fmt"
	"strconv"
)

// A Station is how one association did since the sample before. The numbers that
// the driver does not have are 0.
type Station struct {
	Index int `json:"ifindex"`
	// Signal and BeaconSignal are averages in dBm: of all frames, and of beacons.
	Signal       int `json:"signal_dbm,omitempty"`
	BeaconSignal int `json:"beacon_signal_dbm,omitempty"`
	// TxRate and RxRate are the rates used last, in 100 kbit/s.
	TxRate int `json:"tx_rate,omitempty"`
	RxRate int `json:"rx_rate,omitempty"`
	// MCS, NSS and Width are how TxRate comes about: modulation and coding, how
	// many spatial streams, and MHz.
	MCS   int `json:"mcs,omitempty"`
	NSS   int `json:"nss,omitempty"`
	Width int `json:"width_mhz,omitempty"`
	// Sent is how many packets were sent, Retries how many of their frames were
	// sent again, and Failed how many were given up.
	Sent    int `json:"sent,omitempty"`
	Retries int `json:"retries,omitempty"`
	Failed  int `json:"failed,omitempty"`
	// Beacons is how many beacons were heard, and Due how many the access point
	// sent in the time.
	Beacons int `json:"beacons,omitempty"`
	Due     int `json:"beacons_due,omitempty"`
}

// KindStation is the kind of Station.
const KindStation Kind = "station"

// Kind implements Fact.
func (*Station) Kind() Kind { return KindStation }

// Row implements Fact.
func (*Station) Row() bool { return false }

// Interface implements Fact.
func (s *Station) Interface() int { return s.Index }

// Words implements Fact.
func (s *Station) Words() Untrusted {
	return Untrusted(fmt.Sprintf("%d dBm, %.1f Mbit/s, %d of %d beacons", s.Signal, float64(s.TxRate)/10, s.Beacons, s.Due))
}

// numbers are the fields in the order of Columns.
func (s *Station) numbers() [12]*int {
	return [12]*int{
		&s.Signal, &s.BeaconSignal, &s.TxRate, &s.RxRate, &s.MCS, &s.NSS, &s.Width,
		&s.Sent, &s.Retries, &s.Failed, &s.Beacons, &s.Due,
	}
}

// Series implements Sampled: each interface has one association.
func (s *Station) Series() string { return strconv.Itoa(s.Index) }

// Columns implements Sampled.
func (*Station) Columns() []string {
	return []string{
		"signal_dbm", "beacon_signal_dbm", "tx_rate", "rx_rate", "mcs", "nss", "width_mhz",
		"sent", "retries", "failed", "beacons", "beacons_due",
	}
}

// Numbers implements Sampled.
func (s *Station) Numbers(dst []int64) []int64 {
	for _, n := range s.numbers() {
		dst = append(dst, int64(*n))
	}
	return dst
}

// Sample implements Sampled.
func (s *Station) Sample(series string, n []int64) error {
	index, err := strconv.Atoi(series)
	if err != nil || index <= 0 {
		return fmt.Errorf("station of interface %q", series)
	}
	*s = Station{Index: index}
	for i, field := range s.numbers() {
		*field = int(n[i])
	}
	return nil
}
