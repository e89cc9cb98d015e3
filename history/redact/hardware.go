package redact

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
)

// A hardwarer maps link-layer addresses. Of one that a maker gave, the maker
// stays; of one that a machine made up, only that it did.
type hardwarer struct{ bits permuter }

// six returns the pseudonym of an address of six bytes.
func (m *hardwarer) six(mac [6]byte) [6]byte {
	switch {
	case mac == [6]byte{}, mac == [6]byte{255, 255, 255, 255, 255, 255}:
	case mac[0]&1 != 0 && mac[0] != 0x33:
		// Groups of bridges and of IPv4 (RFC 1112) have numbers.
	case mac[0] == 0x33:
		m.bits.permute(mac[:], 16)
	case mac[0]&2 != 0:
		m.bits.permute(mac[:], 8)
	default:
		m.bits.permute(mac[:], 24)
	}
	return mac
}

// hardware returns the pseudonym of an address as links have it, and whether it
// is one: of tunnels it is an IP address (IFLA_ADDRESS).
func (r *Redactor) hardware(s string) (string, bool) {
	b, ok := parseHardware(s)
	if !ok {
		return "", false
	}
	switch {
	case len(b) == 6:
		mac := r.macs.six([6]byte(b))
		b = mac[:]
	case len(b) == 4:
		four := r.addr(netip.AddrFrom4([4]byte(b))).As4()
		b = four[:]
	case len(b) == 16:
		six := r.addr(netip.AddrFrom16([16]byte(b))).As16()
		b = six[:]
	default:
		r.macs.bits.permute(b, 0)
	}
	return formatHardware(b), true
}

// hardwareText maps the text of a link-layer address.
func (r *Redactor) hardwareText(s string) string {
	if known, ok := r.macTexts[s]; ok {
		return known
	}
	p, ok := r.hardware(s)
	switch {
	case !ok:
		return r.name(Hardware, "mac", s)
	case p != s:
		r.original(s)
	}
	if len(r.macTexts) < maxTexts {
		r.macTexts[s] = p
	}
	return p
}

// parseHardware reads bytes in hex with colons.
func parseHardware(s string) ([]byte, bool) {
	if len(s) < 8 || len(s) > 3*32 || len(s)%3 != 2 {
		return nil, false
	}
	for i := 2; i < len(s); i += 3 {
		if s[i] != ':' {
			return nil, false
		}
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	return b, err == nil && len(b) == (len(s)+1)/3
}

func formatHardware(b []byte) string {
	digits := hex.EncodeToString(b)
	var pairs []string
	for c := range slices.Chunk([]byte(digits), 2) {
		pairs = append(pairs, string(c))
	}
	return strings.Join(pairs, ":")
}
