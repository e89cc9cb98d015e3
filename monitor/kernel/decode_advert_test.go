//go:build linux

package kernel

import (
	"encoding/binary"
	"strings"
	"testing"

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
		row, none, err := decodeCapport(userOpt(3, tt.typ, tt.value))
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
		if row, _, err := decodeCapport(whole[:n]); err == nil || row != nil {
			t.Errorf("%d bytes of %d: got %+v", n, len(whole), row)
		}
	}
}

func FuzzDecodeCapport(f *testing.F) {
	f.Add(userOpt(3, optionCapport, "https://portal.example/"))
	f.Add(userOpt(3, optionCapport, noCapport))
	f.Fuzz(func(t *testing.T, b []byte) {
		row, _, err := decodeCapport(b)
		if row == nil {
			return
		}
		if err != nil || row.API != noCapport && (!strings.HasPrefix(strings.ToLower(string(row.API)), "https://") || row.API.Display() != string(row.API)) {
			t.Errorf("got %+v, %v", row, err)
		}
	})
}
