//go:build linux

package kernel

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestWatchRadio throws a switch: the device says that something happened, and
// sysfs says what.
func TestWatchRadio(t *testing.T) {
	const soft = "wifi0/phy80211/rfkill3/soft"
	sys := fakeSys(t, map[string]string{soft: "0", "wifi0/phy80211/rfkill3/hard": "0"})
	device := filepath.Join(t.TempDir(), "rfkill")
	if err := unix.Mkfifo(device, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	h := netlab.NewHost()
	h.Update(func(_ *state.State, emit fact.Emit) {
		emit(fact.Observation{Op: fact.Put, Fact: &fact.Link{Index: 2, Name: "wifi0", Type: fact.TypeWifi}})
		emit(fact.Observation{Op: fact.Put, Fact: &fact.Link{Index: 3, Name: "net0", Type: fact.TypeWired}})
	})
	switches, err := openSwitches(device)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		watchRadio(ctx, hardware{sys: sys}, switches, h)
	}()
	for _, blocked := range []bool{true, false} {
		value := map[bool]string{true: "1\n", false: "0\n"}[blocked]
		if err := os.WriteFile(filepath.Join(sys, "class/net", soft), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pipe.Write(make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
		h.Await(t, "the radio is "+value, func(s *state.State, _ []fact.Observation) bool {
			return s.Links[2].RadioOff == blocked && !s.Links[3].RadioOff
		})
	}
	stop()
	<-done
}

// TestWatchRadioEnds ends the watch of the events of devices, which stand in for
// a device that is not there.
func TestWatchRadioEnds(t *testing.T) {
	switches, err := openSwitches("/nonexistent/rfkill")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, stop)
	watchRadio(ctx, hardware{}, switches, netlab.NewHost())
}

// TestOtherDevice tells the event of a switch, as the kernel sends it, from that
// of another device, and from that of the rfkill device.
func TestOtherDevice(t *testing.T) {
	const event = "change@/devices/virtual/mac80211_hwsim/hwsim0/ieee80211/phy0/rfkill0\x00ACTION=change\x00" +
		"DEVPATH=/devices/virtual/mac80211_hwsim/hwsim0/ieee80211/phy0/rfkill0\x00SUBSYSTEM=rfkill\x00" +
		"RFKILL_NAME=phy0\x00RFKILL_TYPE=wlan\x00RFKILL_STATE=0\x00SEQNUM=1234\x00"
	for _, tt := range []struct {
		name, event string
		want        bool
	}{
		{"a-switch", event, false},
		{"a-disk", strings.ReplaceAll(event, "SUBSYSTEM=rfkill", "SUBSYSTEM=block"), true},
		{"the-rfkill-device", "\x00\x00\x00\x00\x01\x02\x01\x00", false},
	} {
		if got := otherDevice([]byte(tt.event)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestRadioOffWithAdminDown: a switch that nobody reported is seen when it takes
// the interface down, and when that is set up again.
func TestRadioOffWithAdminDown(t *testing.T) {
	sys := fakeSys(t, map[string]string{"wifi0/phy80211/rfkill3/soft": "1"})
	up := &fact.Link{Index: 2, Name: "wifi0", Type: fact.TypeWifi, Flags: fact.FlagUp}
	down := &fact.Link{Index: 2, Name: "wifi0"}
	hardware{sys: sys}.describe(state.NewTables(), up, down)
	if !down.RadioOff {
		t.Error("set down by a switch: the radio is said to be on")
	}
	again := &fact.Link{Index: 2, Name: "wifi0", Flags: fact.FlagUp}
	if err := os.WriteFile(filepath.Join(sys, "class/net/wifi0/phy80211/rfkill3/soft"), []byte("0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hardware{sys: sys}.describe(state.NewTables(), down, again)
	if again.RadioOff {
		t.Error("set up again: the radio is said to be off")
	}
}
