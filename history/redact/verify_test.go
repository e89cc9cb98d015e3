package redact

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"
)

// TestVerifierFindsEverySpelling plants originals in every spelling.
func TestVerifierFindsEverySpelling(t *testing.T) {
	r := New(Public, NewKey())
	r.string(SSID, "Müllers-WLAN 5")
	r.string(Host, "Laptop.corp.initech.example")
	r.string(Hardware, "3c:22:fb:11:22:33")
	r.addr(netip.MustParseAddr("192.168.17.44"))
	r.addr(netip.MustParseAddr("2a02:2e0:3fe:7::beef:1234"))
	r.string(Host, "pc7")
	v := r.Verifier(nil)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, s := range []string{
		"Müllers-WLAN 5", "müllers-wlan 5", "MÜLLERS-WLAN 5", "Müllers_WLAN_5", "müllerswlan5", hex.EncodeToString([]byte("Müllers-WLAN 5")), b64("Müllers-WLAN 5"), b64("xMüllers-WLAN 5"), b64("xyMüllers-WLAN 5z"),
		"laptop.corp.initech.example", "LAPTOP", "initech", "corp.initech.example", "initech.example", "initech-example",
		"3c:22:fb:11:22:33", "3C-22-FB-11-22-33", "3c22.fb11.2233", "3c22fb112233", "3c22fb-112233", "fe80::3e22:fbff:fe11:2233", "3e22fbfffe112233", base64.StdEncoding.EncodeToString([]byte{0x3c, 0x22, 0xfb, 0x11, 0x22, 0x33}),
		"192.168.17.44", "192-168-17-44", "44.17.168.192.in-addr.arpa", "c0a8112c", "::ffff:c0a8:112c", "c0:a8:11:2c", "192.168.017.044", b64("192.168.17.44"), "192.168.17.44/24", "192.168.17.44:53",
		"2a02:2e0:3fe:7::beef:1234", "2A02:02E0:03FE:0007:0000:0000:BEEF:1234", "2a0202e003fe000700000000beef1234", "4.3.2.1.f.e.e.b.0.0.0.0.0.0.0.0.7.0.0.0.e.f.3.0.0.e.2.0.2.0.a.2.ip6.arpa", "2a02:2e0:3fe:7::1", "0:0:beef:1234",
		"PC7", "pc7.",
	} {
		for _, text := range []string{s, `{"x":"` + s + `"}`, "see " + s + ", there", strings.Repeat("a ", 1<<19) + s + strings.Repeat(" b", 1<<19)} {
			if err := v.Verify(strings.NewReader(text)); !errors.Is(err, ErrFound) {
				t.Errorf("%s is not found in %.40q…: %v", s, text, err)
			}
		}
	}
	for _, s := range []string{
		"192.168.17.4", "192.168.17.441", "1192.168.17.44", "2a02:2e0:3fe:70::1", "pc77", "apc7", "3c:22:fb:aa:bb:cc", "laptops", "host-1", "ssid-1", "c0a8112cff",
	} {
		if err := v.Verify(strings.NewReader("x " + s + " y")); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestVerifierAtSeams: what lies across the pieces that are read is found, and
// what is cut by them is not taken for something else.
func TestVerifierAtSeams(t *testing.T) {
	r := New(Public, NewKey())
	r.addr(netip.MustParseAddr("10.20.30.4"))
	v := r.Verifier(nil)
	for shift := range 40 {
		for text, want := range map[string]error{"10.20.30.4": ErrFound, "10.20.30.41": nil, "110.20.30.4": nil} {
			long := strings.Repeat(" ", 1<<20-20+shift) + text + strings.Repeat(" ", 1<<20)
			if err := v.Verify(strings.NewReader(long)); !errors.Is(err, want) {
				t.Fatalf("%s at %d: %v", text, shift, err)
			}
		}
	}
	broken := io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrClosedPipe))
	if err := v.Verify(broken); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("an output that can't be read: %v", err)
	}
}

// What a name shares with one that everybody asks, or with the parts of an address,
// is no trace of it: a machine in example.org can be reported on, though example.com
// is asked by all.
func TestNoTrace(t *testing.T) {
	r := New(Colleague, NewKey())
	for _, name := range []string{"desk7.corp.example.org", "ns1.gnome.example", "host-fd5b-221e-1"} {
		r.host(name)
	}
	for text, found := range map[string]bool{
		"dns:192.0.2.1/example.com": false, "http://nmcheck.gnome.org/check": false, "fd5b:1:2:221e::7": false, "desk7 is": true, "corp.example.org": true,
	} {
		if err := r.Verifier(nil).Verify(strings.NewReader(text)); (err != nil) != found {
			t.Errorf("%q: %v, want it found: %v", text, err, found)
		}
	}
}

// TestAppendLower compares eight letters at a time with one at a time.
func TestAppendLower(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := []rune("@AZ[`az{\x00\x7f\u00c4\u00e4\u0130\u1e9e\u2126\U00010400")
	for range 20000 {
		var text []byte
		var want string
		for range r.IntN(40) {
			if r.IntN(40) == 0 {
				text = append(text, 0xff)
				want += "\xff"
				continue
			}
			c := letters[r.IntN(len(letters))]
			text = utf8.AppendRune(text, c)
			want += string(unicode.ToLower(c))
		}
		if got := appendLower(nil, text); string(got) != want {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	}
}
