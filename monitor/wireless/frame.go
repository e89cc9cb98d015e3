//go:build linux

package wireless

import "encoding/binary"

// A frame is what is read of a management frame (IEEE 802.11 9.3.3).
type frame struct {
	// subtype is its kind, one of the frame constants.
	subtype uint8
	// protected is whether it is encrypted, which only the two ends can do.
	protected               bool
	destination, from, cell mac
	// code is the reason of an end, or the status of an answer.
	code uint16
	// confirm is whether it is the second step of a login by SAE (IEEE 802.11 12.4),
	// which fails where the passwords differ.
	confirm bool
}

// The kinds of frame that nl80211 shows.
const (
	frameAssociateAnswer   = 1
	frameReassociateAnswer = 3
	frameDisassociate      = 10
	frameAuthenticate      = 11
	frameDeauthenticate    = 12
)

// frameHeaderLen is the length of the header of a management frame.
const frameHeaderLen = 24

// everybody is the address of a frame to all stations.
var everybody = mac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// decodeFrame decodes a management frame, or returns false for what is none.
func decodeFrame(b []byte) (f frame, ok bool) {
	if len(b) < frameHeaderLen || b[0]&0x0f != 0 {
		return f, false
	}
	f.subtype, f.protected = b[0]>>4, b[1]&0x40 != 0
	f.destination, f.from, f.cell = macOf(b[4:]), macOf(b[10:]), macOf(b[16:])
	body, at := b[frameHeaderLen:], 0
	switch f.subtype {
	case frameAssociateAnswer, frameReassociateAnswer:
		at = 2 // after the capabilities
	case frameAuthenticate:
		at = 4 // after algorithm and sequence number
		const sae, second = 3, 2
		f.confirm = len(body) >= at && binary.LittleEndian.Uint16(body) == sae && binary.LittleEndian.Uint16(body[2:]) == second
	}
	if len(body) >= at+2 {
		f.code = binary.LittleEndian.Uint16(body[at:])
	}
	return f, true
}
