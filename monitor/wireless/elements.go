//go:build linux

package wireless

import (
	"iter"

	"flapscope/monitor/fact"
)

// The elements of a beacon that are looked at (IEEE 802.11 9.4.2).
const elementSSID = 0

// maxSSID is how long the name of a network may be.
const maxSSID = 32

// elements walks over the information elements of a frame, up to one that is
// longer than the frame: whoever is near can send that.
func elements(b []byte) iter.Seq2[uint8, []byte] {
	return func(yield func(uint8, []byte) bool) {
		for len(b) >= 2 {
			n := int(b[1])
			if n > len(b)-2 || !yield(b[0], b[2:2+n]) {
				return
			}
			b = b[2+n:]
		}
	}
}

// ssidOf returns the name of the network in elements: the first one's, as the
// kernel takes it. One that is too long is shown as such, and a hidden one, which
// is empty or all zeros, is "".
func ssidOf(b []byte) fact.Untrusted {
	for id, e := range elements(b) {
		if id != elementSSID {
			continue
		}
		if len(e) > maxSSID {
			return "(invalid name)"
		}
		for _, c := range e {
			if c != 0 {
				return fact.Untrusted(e)
			}
		}
		return ""
	}
	return ""
}
