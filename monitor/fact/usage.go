package fact

import (
	"fmt"

	"flapscope/internal/text"
)

// A ProbeUsage is what the probes of the last minute cost, both directions
// together, and the bounds on that; a bound of 0 is none.
type ProbeUsage struct {
	Packets    int `json:"packets"`
	Bytes      int `json:"bytes"`
	MaxPackets int `json:"max_packets"`
	MaxBytes   int `json:"max_bytes"`
}

// KindUsage is the kind of ProbeUsage.
const KindUsage Kind = "usage"

// Kind implements Fact.
func (*ProbeUsage) Kind() Kind { return KindUsage }

// Row implements Fact.
func (*ProbeUsage) Row() bool { return false }

// Interface implements Fact.
func (*ProbeUsage) Interface() int { return 0 }

// Words implements Fact.
func (u *ProbeUsage) Words() Untrusted {
	return Untrusted(text.Count(u.Packets, "packet") + ", " + text.Size(int64(u.Bytes)) + " in a minute")
}

// Series implements Sampled: there is one budget.
func (*ProbeUsage) Series() string { return "" }

// Columns implements Sampled.
func (*ProbeUsage) Columns() []string {
	return []string{"packets", "bytes", "max_packets", "max_bytes"}
}

// Numbers implements Sampled.
func (u *ProbeUsage) Numbers(dst []int64) []int64 {
	return append(dst, int64(u.Packets), int64(u.Bytes), int64(u.MaxPackets), int64(u.MaxBytes))
}

// Sample implements Sampled.
func (u *ProbeUsage) Sample(series string, n []int64) error {
	if series != "" {
		return fmt.Errorf("usage of %q: there is one budget", series)
	}
	for _, v := range n {
		if v < 0 {
			return fmt.Errorf("usage of %d", v)
		}
	}
	*u = ProbeUsage{Packets: int(n[0]), Bytes: int(n[1]), MaxPackets: int(n[2]), MaxBytes: int(n[3])}
	return nil
}
