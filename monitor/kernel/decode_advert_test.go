//go:build linux

package kernel

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// userOpt is a message with one option of a router advertisement.
func userOpt(index int, typ byte, value string) []byte {
	units := (2 + len(value) + 7) / 8
	option := make([]byte, 8*units)
	option[0], option[1] = typ, byte(units)
	copy(option[2:], value)
	b := make([]byte, sizeofUserOpt)
	binary.NativeEndian.PutUint16(b[userOptLenAt:], uint16(len(option)))
	binary.NativeEndian.PutUint32(b[userOptIndexAt:], uint32(index))
	return append(b, option...)
}

func TestDecodeCapport(t *testing.T) {
	for _, tt := range []struct {
		value string
		typ   byte
		api   fact.Untrusted
		none  bool
	}{
		{"https://portal.example/api?x=1", optionCapport, "https://portal.example/api?x=1", false},
		{noCapport, optionCapport, noCapport, true},
		{"https://portal.example/", 25, "", false},
		{"http://portal.example/", optionCapport, "", false},
		{"https://user@portal.example/", optionCapport, "", false},
		{"https:///nowhere", optionCapport, "", false},
		{"https://portal.example/\x1b[31m", optionCapport, "", false},
		{"https://portal.example/" + strings.Repeat("a", maxCapport), optionCapport, "", false},
	} {
		option, index, err := userOption(userOpt(3, tt.typ, tt.value))
		var row *fact.Capport
		none := false
		if err == nil && option[0] == optionCapport {
			row, none = decodeCapport(option, index)
		}
		got := fact.Untrusted("")
		if row != nil {
			got = row.API
			if row.Index != 3 {
				t.Errorf("%q: index %d", tt.value, row.Index)
			}
		}
		if err != nil || got != tt.api || none != tt.none {
			t.Errorf("%q: got %q, none %v, %v", tt.value, got, none, err)
		}
	}
	whole := userOpt(3, optionCapport, "https://portal.example/")
	for n := range whole {
		if option, _, err := userOption(whole[:n]); err == nil || option != nil {
			t.Errorf("%d bytes of %d: got %v", n, len(whole), option)
		}
	}
}

// prefixOpt is the value of the option of a translator's prefix, behind its length.
func prefixOpt(word uint16, prefix string) string {
	a := netip.MustParseAddr(prefix).As16()
	return string(binary.BigEndian.AppendUint16(nil, word)) + string(a[:12])
}

func TestDecodePref64(t *testing.T) {
	for _, tt := range []struct {
		value  string
		prefix string
		lasts  time.Duration
	}{
		{prefixOpt(1800, "64:ff9b::"), "64:ff9b::/96", 30 * time.Minute},
		{prefixOpt(1800|1, "2001:db8:64::"), "2001:db8:64::/64", 30 * time.Minute},
		{prefixOpt(1800|5, "2001:db8:64::"), "2001:db8::/32", 30 * time.Minute},
		{prefixOpt(1800|6, "2001:db8:64::"), "", 0},
		{prefixOpt(0, "64:ff9b::"), "64:ff9b::/96", 0},
		{prefixOpt(0xfff8, "64:ff9b::"), "64:ff9b::/96", 65528 * time.Second},
		{prefixOpt(1800, "fe80::"), "", 0},
		{prefixOpt(1800, "ff02::"), "", 0},
		{prefixOpt(1800, "::"), "", 0},
		{prefixOpt(1800, "::ffff:0:0"), "", 0},
		{prefixOpt(1800, "64:ff9b::") + "\x00", "", 0},
		{prefixOpt(1800, "64:ff9b::")[:5], "", 0},
	} {
		option, index, err := userOption(userOpt(3, optionPref64, tt.value))
		if err != nil {
			t.Fatal(err)
		}
		row, lasts, ok := decodePref64(option, index)
		switch {
		case !ok && tt.prefix == "":
		case !ok || row.Prefix.String() != tt.prefix || lasts != tt.lasts || row.Index != 3:
			t.Errorf("%q: %+v for %v, %v; want %s for %v", tt.value, row, lasts, ok, tt.prefix, tt.lasts)
		}
	}
}

func FuzzUserOption(f *testing.F) {
	f.Add(userOpt(3, optionCapport, "https://portal.example/"))
	f.Add(userOpt(3, optionCapport, noCapport))
	f.Add(userOpt(3, optionPref64, prefixOpt(1800, "64:ff9b::")))
	f.Fuzz(func(t *testing.T, b []byte) {
		option, index, err := userOption(b)
		if err != nil {
			return
		}
		row, _ := decodeCapport(option, index)
		if row != nil && row.API != noCapport && (!strings.HasPrefix(strings.ToLower(string(row.API)), "https://") || row.API.Display() != string(row.API)) {
			t.Errorf("got %+v", row)
		}
		if p, lasts, ok := decodePref64(option, index); ok && (!p.Prefix.IsValid() || p.Prefix != p.Prefix.Masked() || p.Prefix.Bits() > 96 || lasts < 0) {
			t.Errorf("got %+v for %v", p, lasts)
		}
	})
}
