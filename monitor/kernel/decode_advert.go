//go:build linux

package kernel

import (
	"bytes"
	"encoding/binary"
	"net/url"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// The layout of struct nduseroptmsg, the option of a captive portal (RFC 8910 §2.3)
// and its value for networks that have none.
const (
	sizeofUserOpt  = 16
	optionCapport  = 37
	noCapport      = "urn:ietf:params:capport:unrestricted"
	maxCapport     = 1024
	optionUnit     = 8
	capportHTTPS   = "https"
	userOptLenAt   = 2
	userOptIndexAt = 4
)

// decodeCapport reads what part of a router advertisement says of a captive portal:
// the row, which is to be removed if none is; or nil where it is about something else.
func decodeCapport(b []byte) (row *fact.Capport, none bool, err error) {
	if len(b) < sizeofUserOpt {
		return nil, false, nlwire.ErrShort
	}
	size := int(binary.NativeEndian.Uint16(b[userOptLenAt:]))
	option := b[sizeofUserOpt:]
	if size > len(option) || size < 2 {
		return nil, false, nlwire.ErrShort
	}
	option = option[:size]
	if option[0] != optionCapport {
		return nil, false, nil
	}
	if n := int(option[1]) * optionUnit; n == 0 || n > len(option) {
		return nil, false, nlwire.ErrShort
	}
	text := string(bytes.TrimRight(option[2:int(option[1])*optionUnit], "\x00"))
	row = &fact.Capport{Index: int(binary.NativeEndian.Uint32(b[userOptIndexAt:])), API: fact.Untrusted(text)}
	if text == noCapport {
		return row, true, nil
	}
	// Anybody on the link can send one: what is no plain URL of HTTPS is none of an API.
	u, err := url.Parse(text)
	if err != nil || len(text) > maxCapport || u.Scheme != capportHTTPS || u.Host == "" || u.User != nil || row.API.Display() != text {
		return nil, false, nil
	}
	return row, false, nil
}

// advertised takes in a part of a router advertisement.
func (m *mirror) advertised(body []byte) error {
	row, none, err := decodeCapport(body)
	if err != nil || row == nil {
		return err
	}
	switch old := m.s.Capports[row.Index]; {
	case none && old != nil:
		m.observe(fact.Delete, fact.ViaEvent, old)
	case none, old != nil && old.API == row.API, m.s.Links[row.Index] == nil:
	default:
		m.observe(fact.Put, fact.ViaEvent, row)
	}
	return nil
}

// forgetCapport removes what the network of a link said, which is not there any more.
func (m *mirror) forgetCapport(index int) {
	if old := m.s.Capports[index]; old != nil {
		m.observe(fact.Delete, fact.ViaInferred, old)
	}
}
