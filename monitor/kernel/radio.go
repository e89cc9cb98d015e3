package kernel

import (
	"context"
	"os"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// watchRadio follows /dev/rfkill, which reports every switch that is thrown,
// until ctx ends. A machine without it has no radio to switch off.
func watchRadio(ctx context.Context, hw hardware, device string, h state.Host) {
	f, err := os.Open(device)
	if err != nil {
		return
	}
	defer f.Close()
	stop := context.AfterFunc(ctx, func() { f.Close() })
	defer stop()
	// struct rfkill_event is 8 bytes, and more in later versions; the device
	// gives one event a read, whatever the length. What it says is read from
	// sysfs, by interface.
	event := make([]byte, 64)
	for {
		if _, err := f.Read(event); err != nil {
			return
		}
		h.Update(func(s *state.State, emit fact.Emit) {
			for _, l := range s.Links {
				if l.Type != fact.TypeWifi {
					continue
				}
				if off := hw.radioOff(l.Name); off != l.RadioOff {
					next := *l
					next.RadioOff = off
					emit(fact.Observation{Op: fact.Put, Fact: &next})
				}
			}
		})
	}
}
