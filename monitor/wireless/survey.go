//go:build linux

package wireless

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// How often the channel in use is asked for, while its station is looked at closely,
// and power save, of which no event is ever told.
const (
	surveyPace = 10 * time.Second
	savingPace = 30 * time.Second
)

// A survey is what the driver knows of one channel. The counters are in milliseconds;
// when they begin is its own affair.
type survey struct {
	frequency                      int
	inUse                          bool
	noise                          int
	hasTime, hasBusy               bool
	time, busy, receiving, sending uint64
}

// decodeSurvey decodes a row of GET_SURVEY.
func decodeSurvey(attrs []byte) (s survey) {
	for a := range nlwire.Readable(attrs) {
		if a.Type != unix.NL80211_ATTR_SURVEY_INFO {
			continue
		}
		for a := range nlwire.Readable(a.Value) {
			switch a.Type {
			case unix.NL80211_SURVEY_INFO_FREQUENCY:
				s.frequency = int(a.U32())
			case unix.NL80211_SURVEY_INFO_IN_USE:
				s.inUse = true
			case unix.NL80211_SURVEY_INFO_NOISE:
				s.noise = min(int(a.S8()), 0)
			case unix.NL80211_SURVEY_INFO_TIME:
				s.time, s.hasTime = a.U64(), true
			case unix.NL80211_SURVEY_INFO_TIME_BUSY:
				s.busy, s.hasBusy = a.U64(), true
			case unix.NL80211_SURVEY_INFO_TIME_RX:
				s.receiving = a.U64()
			case unix.NL80211_SURVEY_INFO_TIME_TX:
				s.sending = a.U64()
			}
		}
	}
	return s
}

// decodeSaving decodes an answer to GET_POWER_SAVE.
func decodeSaving(attrs []byte) int {
	for a := range nlwire.Readable(attrs) {
		if a.Type == unix.NL80211_ATTR_PS_STATE && len(a.Value) >= 4 {
			if a.U32() == unix.NL80211_PS_ENABLED {
				return fact.PowerSaveOn
			}
			return fact.PowerSaveOff
		}
	}
	return fact.PowerSaveUnknown
}

// An airtime is what is known of the channel of an association.
type airtime struct {
	// asked is when the driver was asked for it last, and savingAsked for power save,
	// which is saving.
	asked, savingAsked time.Duration
	saving             int
	// surveys is how often there was an answer, up to two: the difference of the first
	// two is there soon.
	surveys int
	// before is the survey of last time, if it is of this association.
	before *survey
}

// channelOf chooses the survey of the channel in use. Some drivers do not say which
// that is, or say so of the one that a scan visits.
func channelOf(r *radio, all []survey) *survey {
	var found *survey
	for i := range all {
		if s := &all[i]; s.frequency == r.frequency || found == nil && s.inUse && r.frequency == 0 {
			found = s
		}
	}
	return found
}

// survey takes what the driver knows of the channels: how that in use was used since
// it was asked last. Where it knows nothing, nothing is told.
func (w *watch) survey(r *radio, all []survey) {
	now, before := channelOf(r, all), r.air.before
	r.air.before, r.air.surveys = now, min(r.air.surveys+1, 2)
	out := &fact.Airtime{Index: r.index, Frequency: r.frequency, PowerSave: r.air.saving}
	if now != nil {
		out.Noise = now.noise
		if before != nil && before.frequency == now.frequency {
			out.Listened, out.Busy, out.Receiving, out.Sending = now.since(before)
		}
	}
	if out.Noise != 0 || out.Listened != 0 || out.PowerSave != fact.PowerSaveUnknown {
		w.emit(fact.ViaDump, fact.Put, out)
	}
}

// since returns what was counted since another survey, in milliseconds: nothing where
// a counter went back, as some do when the radio sleeps, or counts what cannot be, or
// too little to say anything.
func (s *survey) since(before *survey) (listened, busy, receiving, sending int) {
	const least, most = 100, uint64(time.Hour / time.Millisecond)
	if !s.hasTime || !s.hasBusy || s.time < before.time+least || s.time-before.time > most {
		return 0, 0, 0, 0
	}
	all := s.time - before.time
	part := func(now, before uint64) int {
		if now < before {
			return 0
		}
		return int(min(now-before, all))
	}
	return int(all), part(s.busy, before.busy), part(s.receiving, before.receiving), part(s.sending, before.sending)
}

// airtimes asks for the channel of each association, while it is looked at closely.
func (c *session) airtimes() {
	if c.pace() != closePace {
		return
	}
	for _, r := range c.radios {
		if !r.associated || r.air.surveys == 2 && c.now-r.air.asked < surveyPace {
			continue
		}
		r.air.asked = c.now
		if r.air.savingAsked == 0 || c.now-r.air.savingAsked >= savingPace {
			r.air.savingAsked, r.air.saving = c.now, c.saving(r.index)
		}
		var all []survey
		// A driver that counts nothing refuses.
		_ = c.ask.dump(unix.NL80211_CMD_GET_SURVEY, r.index, func(attrs []byte) {
			if len(all) < maxSurveys {
				all = append(all, decodeSurvey(attrs))
			}
		})
		c.survey(r, all)
	}
}

// maxSurveys bounds the channels of a radio: there are some 130 on all bands.
const maxSurveys = 256

// saving asks whether an interface saves power.
func (c *session) saving(index int) (saving int) {
	_ = c.ask.ask(c.ask.family, unix.NL80211_CMD_GET_POWER_SAVE, 0, func(q *nlwire.Request) {
		q.Attr(unix.NL80211_ATTR_IFINDEX, binary.NativeEndian.AppendUint32(nil, uint32(index)))
	}, func(attrs []byte) { saving = decodeSaving(attrs) })
	return saving
}
