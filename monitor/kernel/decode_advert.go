//go:build linux

package kernel

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"net/url"
	"time"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// The layout of struct nduseroptmsg, the option of a captive portal (RFC 8910 §2.3)
// and its value for networks that have none, and the option of a translator's prefix
// (RFC 8781 §4).
const (
	sizeofUserOpt  = 16
	optionPref64   = 38
	sizeofPref64   = 16
	optionCapport  = 37
	noCapport      = "urn:ietf:params:capport:unrestricted"
	maxCapport     = 1024
	optionUnit     = 8
	capportHTTPS   = "https"
	userOptLenAt   = 2
	userOptIndexAt = 4
)

// userOption returns one option of a router advertisement, whole, and the link that it
// came by.
func userOption(b []byte) (option []byte, index int, err error) {
	if len(b) < sizeofUserOpt {
		return nil, 0, nlwire.ErrShort
	}
	size := int(binary.NativeEndian.Uint16(b[userOptLenAt:]))
	option = b[sizeofUserOpt:]
	if size > len(option) || size < 2 {
		return nil, 0, nlwire.ErrShort
	}
	n := int(option[1]) * optionUnit
	if n == 0 || n > size {
		return nil, 0, nlwire.ErrShort
	}
	return option[:n], int(binary.NativeEndian.Uint32(b[userOptIndexAt:])), nil
}

// decodeCapport reads an option about a captive portal: the row, which is to be removed
// if none is; or nil where it says nothing that is believed.
func decodeCapport(option []byte, index int) (row *fact.Capport, none bool) {
	text := string(bytes.TrimRight(option[2:], "\x00"))
	row = &fact.Capport{Index: index, API: fact.Untrusted(text)}
	if text == noCapport {
		return row, true
	}
	// Anybody on the link can send one: what is no plain URL of HTTPS is none of an API.
	u, err := url.Parse(text)
	if err != nil || len(text) > maxCapport || u.Scheme != capportHTTPS || u.Host == "" || u.User != nil || row.API.Display() != text {
		return nil, false
	}
	return row, false
}

// pref64Lengths are the lengths of prefixes by their codes (RFC 8781 §4).
var pref64Lengths = [...]int{96, 64, 56, 48, 40, 32}

// decodePref64 reads an option about the prefix of a translator, and for how long it
// holds: 0 withdraws it. Anybody on the link can send one: no translator is on a link or
// on this machine.
func decodePref64(option []byte, index int) (row *fact.Translator, lasts time.Duration, ok bool) {
	if len(option) != sizeofPref64 {
		return nil, 0, false
	}
	word := binary.BigEndian.Uint16(option[2:])
	if code := int(word & 7); code < len(pref64Lengths) {
		var a [16]byte
		copy(a[:], option[4:])
		p := netip.PrefixFrom(netip.AddrFrom16(a), pref64Lengths[code]).Masked()
		if p.Addr().IsGlobalUnicast() && !p.Addr().Is4In6() {
			return &fact.Translator{Index: index, Prefix: p}, time.Duration(word&^7) * time.Second, true
		}
	}
	return nil, 0, false
}

// advertised takes in a part of a router advertisement.
func (m *mirror) advertised(body []byte) error {
	option, index, err := userOption(body)
	if err != nil || m.s.Links[index] == nil {
		return err
	}
	switch option[0] {
	case optionCapport:
		m.portal(option, index)
	case optionPref64:
		m.translator(option, index)
	}
	return nil
}

func (m *mirror) portal(option []byte, index int) {
	row, none := decodeCapport(option, index)
	if row == nil {
		return
	}
	switch old := m.s.Capports[index]; {
	case none && old != nil:
		m.observe(fact.Delete, fact.ViaEvent, old)
	case none, old != nil && old.API == row.API:
	default:
		m.observe(fact.Put, fact.ViaEvent, row)
	}
}

// translator keeps the first prefix that a link has for as long as it is advertised. Of
// one that is advertised again and again it is told when half of its time has passed.
func (m *mirror) translator(option []byte, index int) {
	row, lasts, ok := decodePref64(option, index)
	if !ok {
		return
	}
	old, now := m.s.Translators[index], m.at.mono
	alive := old != nil && old.Until > now
	row.Until = now + lasts
	switch {
	case lasts == 0 && old != nil && old.Prefix == row.Prefix:
		m.observe(fact.Delete, fact.ViaEvent, old)
	case lasts == 0, alive && old.Prefix != row.Prefix, alive && old.Until-now > lasts/2 && old.Until <= row.Until:
	default:
		m.observe(fact.Put, fact.ViaEvent, row)
	}
}

// forgetAdvertised removes what the network of a link said, which is not there any more.
func (m *mirror) forgetAdvertised(index int) {
	if old := m.s.Capports[index]; old != nil {
		m.observe(fact.Delete, fact.ViaInferred, old)
	}
	if old := m.s.Translators[index]; old != nil {
		m.observe(fact.Delete, fact.ViaInferred, old)
	}
}
