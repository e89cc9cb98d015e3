package vmlab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"flapscope/monitor/fact"
)

// TestRadioAirtime records while power save is on and the radio scans, and compares
// with iw(8): no event tells of either. The simulated radios count in a scan alone, and
// begin at zero in each.
func TestRadioAirtime(t *testing.T) {
	nightly(t)
	m := radioLab(t, "")
	m.Run(t, associate+`; iw dev wlan0 set power_save on
		flapscope record --no-probes --for 16s /tmp/air.flap.gz >/dev/null 2>&1 & pid=$!
		for i in 1 2 3 4 5 6 7; do sleep 2; wpa_cli -p /run/wpa -i wlan0 scan freq=2412,2437 >/dev/null; done; wait $pid`)
	var got struct {
		Interfaces []struct {
			Airtime struct {
				Frequency int `json:"frequency_mhz"`
				Noise     int `json:"noise_dbm"`
				PowerSave int `json:"power_save"`
			}
		}
	}
	text := m.Run(t, "flapscope wifi --json /tmp/air.flap.gz")
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Interfaces) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	a := got.Interfaces[0].Airtime
	iw := m.Run(t, "iw dev wlan0 get power_save; iw dev wlan0 survey dump")
	if !strings.Contains(iw, "Power save: on") || !strings.Contains(iw, fmt.Sprintf("noise:\t\t\t\t%d dBm", a.Noise)) ||
		a.PowerSave != fact.PowerSaveOn || a.Frequency != 2412 {
		t.Errorf("airtime %+v; iw says\n%s", a, iw)
	}
}
