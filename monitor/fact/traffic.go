package fact

import (
	"fmt"
	"strconv"

	"flapscope/internal/text"
)

// A Traffic is what an interface has counted since it was made (struct
// rtnl_link_stats64, linux/if_link.h).
type Traffic struct {
	// Index is the interface.
	Index int `json:"ifindex"`
	// The rest are received and sent bytes and packets, packets with errors,
	// and packets that were dropped for want of room.
	RxBytes   uint64 `json:"rx_bytes"`
	TxBytes   uint64 `json:"tx_bytes"`
	RxPackets uint64 `json:"rx_packets"`
	TxPackets uint64 `json:"tx_packets"`
	RxErrors  uint64 `json:"rx_errors"`
	TxErrors  uint64 `json:"tx_errors"`
	RxDropped uint64 `json:"rx_dropped"`
	TxDropped uint64 `json:"tx_dropped"`
}

// KindTraffic is the kind of Traffic.
const KindTraffic Kind = "traffic"

// Kind implements Fact.
func (*Traffic) Kind() Kind { return KindTraffic }

// Row implements Fact.
func (*Traffic) Row() bool { return false }

// Interface implements Fact.
func (t *Traffic) Interface() int { return t.Index }

// Words implements Fact.
func (t *Traffic) Words() Untrusted {
	return Untrusted("received " + text.Size(int64(t.RxBytes)) + ", sent " + text.Size(int64(t.TxBytes)))
}

// Series implements Sampled: an interface.
func (t *Traffic) Series() string { return strconv.Itoa(t.Index) }

// Columns implements Sampled.
func (*Traffic) Columns() []string {
	return []string{
		"rx_bytes", "tx_bytes", "rx_packets", "tx_packets", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped",
	}
}

// counters are the numbers in the order of Columns.
func (t *Traffic) counters() [8]*uint64 {
	return [8]*uint64{
		&t.RxBytes, &t.TxBytes, &t.RxPackets, &t.TxPackets, &t.RxErrors, &t.TxErrors, &t.RxDropped, &t.TxDropped,
	}
}

// Numbers implements Sampled.
func (t *Traffic) Numbers(dst []int64) []int64 {
	for _, c := range t.counters() {
		dst = append(dst, int64(*c))
	}
	return dst
}

// Sample implements Sampled.
func (t *Traffic) Sample(series string, n []int64) error {
	index, err := strconv.Atoi(series)
	if err != nil || index <= 0 {
		return fmt.Errorf("traffic of %q: want the index of an interface", series)
	}
	*t = Traffic{Index: index}
	for i, c := range t.counters() {
		if n[i] < 0 {
			return fmt.Errorf("traffic of interface %d: a counter of %d", index, n[i])
		}
		*c = uint64(n[i])
	}
	return nil
}

// Errors is how many packets were lost on this machine, in both directions.
func (t *Traffic) Errors() uint64 { return t.RxErrors + t.TxErrors + t.RxDropped + t.TxDropped }
