package redact

import (
	"testing"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// The numbers of a firmware's version stay, and what else stands there does not.
func TestFirmware(t *testing.T) {
	for in, want := range map[string]string{
		"89.7f1d3a2b.0 ty-a0-gf-a0-89.ucode": "89.7f1d3a2b.0", "0x80000a5c 1.2839.0": "1.2839.0", "1.4.3": "1.4.3", "rtl8168g-2_0.0.1 02/06/13": "",
		"192.0.2.7": "", "3c22.fb11.2233": "", "zaphods laptop": "", "": "",
	} {
		h := session.Header{}
		h.Host.Interfaces = []session.HostInterface{{Name: "eth0", Firmware: fact.Untrusted(in)}}
		if got := New(Public, NewKey()).Header(h).Host.Interfaces[0].Firmware; string(got) != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
