//go:build linux

package wireless

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

func (a *attrs) u64(typ uint16, v uint64) *attrs {
	return a.add(typ, binary.NativeEndian.AppendUint64(nil, v)...)
}

// surveyed is a row of GET_SURVEY: the channel, for how long the radio listened and
// found it busy, in milliseconds, and the noise.
func surveyed(frequency uint32, busy, listened uint64, noise int8) *attrs {
	info := new(attrs).u32(unix.NL80211_SURVEY_INFO_FREQUENCY, frequency).add(unix.NL80211_SURVEY_INFO_NOISE, byte(noise)).
		u64(unix.NL80211_SURVEY_INFO_TIME, listened).u64(unix.NL80211_SURVEY_INFO_TIME_BUSY, busy)
	return new(attrs).add(unix.NL80211_ATTR_SURVEY_INFO, info.Datagram...)
}

// TestSurvey: of the channel in use is told what was counted since the last answer, and
// nothing that a driver can't have counted.
func TestSurvey(t *testing.T) {
	const other = 2437
	bare := new(attrs).add(unix.NL80211_ATTR_SURVEY_INFO, new(attrs).u32(unix.NL80211_SURVEY_INFO_FREQUENCY, 2412).Datagram...)
	for _, tt := range []struct {
		name          string
		first, second []*attrs
		want          fact.Airtime
	}{
		{
			"busy",
			[]*attrs{surveyed(other, 9, 9, -80), surveyed(2412, 1000, 5000, -92)},
			[]*attrs{surveyed(other, 9, 9, -80), surveyed(2412, 4300, 15000, -93)},
			fact.Airtime{Noise: -93, Listened: 10000, Busy: 3300},
		},
		{"first", nil, []*attrs{surveyed(2412, 4300, 15000, -93)}, fact.Airtime{Noise: -93}},
		{"went-back", []*attrs{surveyed(2412, 1000, 5000, -92)}, []*attrs{surveyed(2412, 3, 10, -92)}, fact.Airtime{Noise: -92}},
		{"too-much", []*attrs{surveyed(2412, 0, 5000, 0)}, []*attrs{surveyed(2412, 1<<63, 6000, 0)}, fact.Airtime{Listened: 1000, Busy: 1000}},
		{"leap", []*attrs{surveyed(2412, 0, 5000, -92)}, []*attrs{surveyed(2412, 10, 1<<63, -92)}, fact.Airtime{Noise: -92}},
		{"hardly", []*attrs{surveyed(2412, 1000, 5000, -92)}, []*attrs{surveyed(2412, 1010, 5020, -92)}, fact.Airtime{Noise: -92}},
		{"above-zero", nil, []*attrs{surveyed(2412, 0, 0, 100)}, fact.Airtime{}},
		{"no-counters", []*attrs{bare}, []*attrs{bare}, fact.Airtime{}},
		{"another-channel", nil, []*attrs{surveyed(other, 1, 2, -80)}, fact.Airtime{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench()
			b.connect(0, firstAP)
			r := b.radios[3]
			for _, rows := range [][]*attrs{tt.first, tt.second} {
				b.got = nil
				b.now += 10 * time.Second
				var all []survey
				for _, row := range rows {
					all = append(all, decodeSurvey(row.Datagram))
				}
				b.survey(r, all)
			}
			var want []fact.Fact
			if tt.want != (fact.Airtime{}) {
				tt.want.Index, tt.want.Frequency = 3, 2412
				want = []fact.Fact{&tt.want}
			}
			if diff := cmp.Diff(want, b.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPowerSave: it is on, off, or unknown.
func TestPowerSave(t *testing.T) {
	for want, a := range map[int]*attrs{
		fact.PowerSaveUnknown: new(attrs), fact.PowerSaveOff: new(attrs).u32(unix.NL80211_ATTR_PS_STATE, 0),
		fact.PowerSaveOn: new(attrs).u32(unix.NL80211_ATTR_PS_STATE, 1),
	} {
		if got := decodeSaving(a.Datagram); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	b := newBench()
	b.connect(0, firstAP)
	r := b.radios[3]
	b.got, r.air.saving = nil, fact.PowerSaveOn
	b.survey(r, nil)
	if diff := cmp.Diff([]fact.Fact{&fact.Airtime{Index: 3, Frequency: 2412, PowerSave: fact.PowerSaveOn}}, b.got); diff != "" {
		t.Error(diff)
	}
}
