package kernel

import (
	"context"
	"os"
	"path/filepath"
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
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		watchRadio(ctx, hardware{sys: sys}, device, h)
	}()
	for _, blocked := range []bool{true, false} {
		value := map[bool]string{true: "1\n", false: "0\n"}[blocked]
		if err := os.WriteFile(filepath.Join(sys, "class/net", soft), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pipe.Write(make([]byte, 8)); err != nil {
			t.Fatal(err)
		}
		h.Await(t, 5*time.Second, "the radio is "+value, func(s *state.State, _ []fact.Observation) bool {
			return s.Links[2].RadioOff == blocked && !s.Links[3].RadioOff
		})
	}
	stop()
	<-done
}

// TestWatchRadioWithoutADevice returns at once: there is nothing to switch off.
func TestWatchRadioWithoutADevice(*testing.T) {
	watchRadio(context.Background(), hardware{}, "/nonexistent/rfkill", netlab.NewHost())
}
