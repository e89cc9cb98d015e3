//go:build linux

package kernel

import (
	"errors"
	"os"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// TestSwitchesSleepThroughDevices makes and removes interfaces: what waits for a
// switch does not hear of them, and hears of what changes.
func TestSwitchesSleepThroughDevices(t *testing.T) {
	netlab.NeedsMachine(t, "the kernel's events of all devices")
	ns := netlab.New(t)
	var switches *os.File
	if err := ns.Do(func() (err error) {
		switches, err = openSwitches("/nonexistent/rfkill")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer switches.Close()
	ns.IP(t, "link add v0 type veth peer name p0")
	ns.IP(t, "link del v0")
	// A device that does nothing is reported as changed.
	if err := os.WriteFile("/sys/devices/virtual/mem/null/uevent", []byte("change"), 0); err != nil {
		t.Skip("SKIPPED: sysfs can't be written:", err)
	}
	event := make([]byte, 4<<10)
	if err := switches.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	n, err := switches.Read(event)
	if err != nil {
		t.Fatal("the change is not heard:", err)
	}
	if got := string(event[:n]); got[:7] != "change@" {
		t.Errorf("heard %q", got)
	}
	if err := switches.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := switches.Read(event); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("heard %q, %v", event[:n], err)
	}
}
