package fold

import (
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestCableUnderTunnel: a tunnel has no way any more because a cable is out. That
// is what is wrong, not the tunnel.
func TestCableUnderTunnel(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.put(facttest.LabWireGuard(facttest.LabMarked("")...)...)
	l.wait(10 * time.Second)
	l.events = nil
	l.put(append(facttest.LabMarked("ENETUNREACH"), facttest.LabLink(2, "eth0", true, false))...)
	l.wait(20 * time.Second)
	l.put(append(facttest.LabMarked(""), facttest.LabLink(2, "eth0", true, true))...)
	l.wait(20 * time.Second)
	var got []fact.Untrusted
	for _, e := range l.events {
		if i := e.Incident; i != nil && i.Phase == PhaseClosed && !i.Note() {
			got = append(got, i.Text)
		}
	}
	if want := []fact.Untrusted{"eth0 lost its carrier; nothing worked"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
