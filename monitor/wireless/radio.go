//go:build linux

package wireless

import (
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// A radio is one interface that can be associated, and what is known of that.
type radio struct {
	device
	// associated is whether it has an access point: bssid, of the network ssid,
	// since when (CLOCK_BOOTTIME), or 0.
	associated bool
	bssid      mac
	ssid       fact.Untrusted
	since      time.Duration
	// sample is the newest of the station, of the instant sampled, or nil.
	sample  *station
	sampled time.Duration
	// air is what is known of the channel.
	air airtime
	// missed is whether there was no station when it was looked at last.
	missed bool
	// beaconLoss is when the kernel said that no beacons come.
	beaconLoss time.Duration
	// scanned is whether there may be access points that were not told, and listed
	// when they were told last.
	scanned bool
	listed  time.Duration
	// ended is the end of the last association, or of a try, at endedAt.
	ended   *fact.Wifi
	endedAt time.Duration
}

// A watch follows the radios of a machine. It does no I/O: what it wants to know
// it asks look for, and what it finds it gives to emit.
type watch struct {
	radios map[int]*radio
	// look asks for an interface and the access point that it is associated with.
	look func(index int) (device, cell)
	emit func(via fact.Via, op fact.Op, f fact.Fact)
	// now is the instant of what is looked at (CLOCK_BOOTTIME).
	now time.Duration
	// trouble is until when the stations are looked at closely.
	trouble time.Duration
}

// What belongs together, though it comes one after the other.
const (
	// loseTime is how long after a loss of beacons the kernel may go on probing
	// the access point (IEEE80211_PROBE_WAIT, 500 ms five times).
	loseTime = 3 * time.Second
	// roamTime is how long a change of the access point may take.
	roamTime = 2 * time.Second
	// echoTime is how long after the frame that ends an association the driver may
	// report the same again.
	echoTime = time.Second
	// closely is how long after trouble the stations are looked at closely.
	closely = time.Minute
)

// The reason codes that say why this machine ended an association, and the one of an
// access point that wants it on another one (IEEE 802.11v).
const (
	reasonUnspecified = 1
	reasonInactive    = 4
	reasonTransition  = 12
)

// The status codes of SAE that are steps on the way, and no refusal.
const (
	statusAntiClogging = 76
	statusHashToCurve  = 126
)

func newWatch() *watch { return &watch{radios: map[int]*radio{}} }

// event takes a notification.
func (w *watch) event(e *event) {
	switch e.command {
	case unix.NL80211_CMD_NEW_INTERFACE, unix.NL80211_CMD_SET_INTERFACE, unix.NL80211_CMD_DEL_INTERFACE:
		w.interfaceEvent(e)
		return
	case unix.NL80211_CMD_REG_CHANGE, unix.NL80211_CMD_WIPHY_REG_CHANGE:
		w.regulatory(e)
		return
	}
	r := w.radios[e.index]
	if r == nil {
		return
	}
	switch e.command {
	case unix.NL80211_CMD_AUTHENTICATE, unix.NL80211_CMD_ASSOCIATE:
		w.try(r, e)
	case unix.NL80211_CMD_CONNECT, unix.NL80211_CMD_ROAM:
		w.connect(r, e)
	case unix.NL80211_CMD_DEAUTHENTICATE, unix.NL80211_CMD_DISASSOCIATE:
		w.farewell(r, e)
	case unix.NL80211_CMD_DISCONNECT:
		w.disconnect(r, e)
	case unix.NL80211_CMD_DEL_STATION:
		// It has what the driver counted until the end, and is no news by itself.
		if e.station != nil && r.associated && e.mac == r.bssid {
			r.sample = e.station
		}
	default:
		w.note(r, e)
	}
}

// interfaceEvent follows the interfaces of radios. One without an index is that of
// a P2P device, which is never associated.
func (w *watch) interfaceEvent(e *event) {
	if e.index <= 0 {
		return
	}
	switch e.command {
	case unix.NL80211_CMD_DEL_INTERFACE:
		w.remove(e.index)
		w.emit(fact.ViaEvent, fact.Put, &fact.WifiEvent{Index: e.index, Event: fact.WifiEventRadioGone})
		return
	case unix.NL80211_CMD_NEW_INTERFACE:
		w.emit(fact.ViaEvent, fact.Put, &fact.WifiEvent{Index: e.index, Event: fact.WifiEventRadioMade})
	}
	d, c := w.look(e.index)
	w.device(d, c, fact.ViaEvent)
}

// device takes an interface as it is now, with the access point that it is
// associated with, if any.
func (w *watch) device(d device, c cell, via fact.Via) {
	if d.index <= 0 {
		return
	}
	if d.iftype != unix.NL80211_IFTYPE_STATION {
		w.remove(d.index)
		return
	}
	r := w.radios[d.index]
	if r == nil {
		r = &radio{scanned: true}
		w.radios[d.index] = r
	}
	r.device = d
	switch {
	case c.associated && (!r.associated || r.bssid != c.bssid):
		w.begin(r, c, fact.WifiAssociated, "", via)
	case !c.associated && r.associated:
		w.end(r, &fact.Wifi{Event: fact.WifiDisconnected}, via)
	}
}

func (w *watch) remove(index int) {
	r := w.radios[index]
	if r == nil {
		return
	}
	delete(w.radios, index)
	w.emit(fact.ViaEvent, fact.Delete, &fact.Wifi{Index: index, Event: fact.WifiDisconnected})
}

// try takes an answer to a try, or that none came.
func (w *watch) try(r *radio, e *event) {
	if !e.hasFrame {
		if e.timedOut {
			w.fail(r, &fact.Wifi{Event: fact.WifiUnanswered, BSSID: e.mac.text()})
		}
		return
	}
	switch f := e.frame; {
	case f.code == statusAntiClogging || f.code == statusHashToCurve:
	case f.code != 0:
		w.fail(r, &fact.Wifi{Event: fact.WifiRefused, BSSID: f.cell.text(), Status: f.code, Confirm: f.confirm})
	case f.subtype == frameAuthenticate:
		w.emit(fact.ViaEvent, fact.Put, &fact.WifiEvent{Index: r.index, Event: fact.WifiEventTrying, BSSID: f.cell.text()})
	}
}

// fail reports a try that failed. One while there is an association leaves that
// alone.
func (w *watch) fail(r *radio, f *fact.Wifi) {
	if r.associated || w.repeats(r, f) {
		return
	}
	f.Index, f.SSID = r.index, r.ssid
	r.ended, r.endedAt = f, w.now
	w.trouble = w.now + closely
	w.emit(fact.ViaEvent, fact.Put, f)
}

// repeats reports whether a failure was just reported: each step of a try says
// again that it failed.
func (w *watch) repeats(r *radio, f *fact.Wifi) bool {
	return r.ended != nil && r.ended.Event == f.Event && r.ended.Status == f.Status && w.now-r.endedAt < echoTime
}

// connect takes the end of a try: success, or a failure that no frame showed.
func (w *watch) connect(r *radio, e *event) {
	switch {
	case e.command == unix.NL80211_CMD_ROAM:
	case e.timedOut:
		w.fail(r, &fact.Wifi{Event: fact.WifiUnanswered, BSSID: e.mac.text()})
		return
	case e.status != 0:
		w.fail(r, &fact.Wifi{Event: fact.WifiRefused, BSSID: e.mac.text(), Status: e.status})
		return
	}
	d, c := w.look(r.index)
	if d.index == r.index {
		r.device = d
	}
	if c.bssid == (mac{}) {
		c.bssid = e.mac
	}
	if e.ssid != "" {
		c.ssid = e.ssid
	}
	if e.mac != (mac{}) {
		c.bssid = e.mac
	}
	what, from := fact.WifiAssociated, fact.Untrusted("")
	switch {
	case e.command == unix.NL80211_CMD_ROAM && r.associated:
		what, from = fact.WifiRoamed, r.bssid.text()
	case w.left(r) && r.ended.BSSID != c.bssid.text():
		what, from = fact.WifiRoamed, r.ended.BSSID
	}
	w.begin(r, c, what, from, fact.ViaEvent)
}

// left reports whether this machine just left an access point for another one:
// mac80211 says so with reason 1, before it authenticates with the next; or whether
// that sent it to another one.
func (w *watch) left(r *radio) bool {
	if r.ended == nil || w.now-r.endedAt >= roamTime {
		return false
	}
	return r.ended.ByAP && r.ended.Reason == reasonTransition ||
		!r.ended.ByAP && r.ended.Event == fact.WifiDeauthenticated && r.ended.Reason == reasonUnspecified
}

// begin begins an association.
func (w *watch) begin(r *radio, c cell, what string, from fact.Untrusted, via fact.Via) {
	r.associated, r.bssid, r.ssid, r.since = true, c.bssid, c.ssid, w.now
	r.sample, r.missed, r.beaconLoss, r.air = nil, false, 0, airtime{}
	if via != fact.ViaEvent {
		r.since = 0
	}
	if r.frequency == 0 {
		r.frequency = c.frequency
	}
	w.trouble = w.now + closely
	w.emit(via, fact.Put, &fact.Wifi{
		Index: r.index, Event: fact.Untrusted(what), SSID: r.ssid, BSSID: r.bssid.text(), From: from,
		Frequency: r.frequency, Width: r.width,
	})
}

// farewell takes the frame that ended an association, whoever sent it.
func (w *watch) farewell(r *radio, e *event) {
	f := &e.frame
	if !e.hasFrame || !r.associated || f.cell != r.bssid {
		// News of an access point that was left before.
		return
	}
	out := &fact.Wifi{Event: fact.WifiDeauthenticated, Reason: f.code}
	if f.subtype == frameDisassociate {
		out.Event = fact.WifiDisassociated
	}
	switch {
	case f.from == f.cell:
		out.ByAP, out.Protected, out.Everybody = true, f.protected, f.destination == everybody
	case f.code == reasonInactive && r.beaconLoss != 0 && w.now-r.beaconLoss < loseTime:
		out.Event = fact.WifiBeaconLost
	}
	w.end(r, out, fact.ViaEvent)
}

// disconnect takes the driver's word for an end: the only one of those that do not
// show frames.
func (w *watch) disconnect(r *radio, e *event) {
	if !r.associated {
		return
	}
	w.end(r, &fact.Wifi{Event: fact.WifiDisconnected, Reason: e.reason, ByAP: e.byAP}, fact.ViaEvent)
}

// end ends an association, with what the radio looked like before.
func (w *watch) end(r *radio, f *fact.Wifi, via fact.Via) {
	f.Index, f.SSID, f.BSSID = r.index, r.ssid, r.bssid.text()
	f.Frequency, f.Width = r.frequency, r.width
	if s := r.sample; s != nil {
		f.Signal, f.BeaconSignal = s.signal, s.beaconSignal
	}
	if r.since != 0 {
		f.Held = w.now - r.since
	}
	r.associated, r.sample = false, nil
	r.ended, r.endedAt = f, w.now
	w.trouble = w.now + closely
	w.emit(via, fact.Put, f)
}

// note reports what else a radio says.
func (w *watch) note(r *radio, e *event) {
	out := &fact.WifiEvent{Index: r.index}
	switch e.command {
	case unix.NL80211_CMD_TRIGGER_SCAN:
		out.Event, out.Channels, out.SSID = fact.WifiEventScan, e.channels, e.ssid
	case unix.NL80211_CMD_NEW_SCAN_RESULTS:
		out.Event = fact.WifiEventScanned
		r.scanned = true
	case unix.NL80211_CMD_SCAN_ABORTED:
		out.Event = fact.WifiEventScanEnded
	case unix.NL80211_CMD_CH_SWITCH_STARTED_NOTIFY:
		out.Event, out.Frequency, out.Width, out.Count = fact.WifiEventSwitching, e.frequency, e.width, e.count
	case unix.NL80211_CMD_CH_SWITCH_NOTIFY:
		out.Event, out.Frequency, out.Width = fact.WifiEventSwitched, e.frequency, e.width
		r.frequency, r.width = e.frequency, e.width
	case unix.NL80211_CMD_UNPROT_DEAUTHENTICATE, unix.NL80211_CMD_UNPROT_DISASSOCIATE:
		out.Event, out.Reason, out.BSSID = fact.WifiEventForged, e.frame.code, e.frame.cell.text()
		w.trouble = w.now + closely
	case unix.NL80211_CMD_NOTIFY_CQM:
		if !w.quality(r, e, out) {
			return
		}
	default:
		return
	}
	w.emit(fact.ViaEvent, fact.Put, out)
}

// quality takes what the driver says of the quality of an association.
func (w *watch) quality(r *radio, e *event, out *fact.WifiEvent) bool {
	w.trouble = w.now + closely
	switch q := e.quality; {
	case q.beaconLoss:
		out.Event = fact.WifiEventBeaconLoss
		r.beaconLoss = w.now
	case q.packets > 0:
		out.Event, out.Count = fact.WifiEventPacketLoss, q.packets
	case q.threshold:
		out.Event, out.Level = fact.WifiEventSignalHigh, q.level
		if q.low {
			out.Event = fact.WifiEventSignalLow
		}
	default:
		return false
	}
	return true
}

// regulatory reports another regulatory domain. The kernel tells every network
// namespace of what a program sets, and does not say for which radio.
func (w *watch) regulatory(e *event) {
	if len(w.radios) == 0 || e.country == "" {
		return
	}
	ours := false
	for _, r := range w.radios {
		ours = ours || e.hasWiphy && e.wiphy == r.wiphy
	}
	if e.hasWiphy && !ours {
		return
	}
	w.emit(fact.ViaEvent, fact.Put, &fact.WifiEvent{Event: fact.WifiEventRegulatory, Country: e.country, Elsewhere: !ours})
}

// take takes a look at the station of an interface: what it did since the last
// one. A driver may not have it yet, just after the association.
func (w *watch) take(r *radio, s station) {
	if s.since != 0 {
		r.since = s.since
	}
	old, elapsed := r.sample, w.now-r.sampled
	r.sample, r.sampled = &s, w.now
	if s.signal != 0 && s.signal < weak {
		w.trouble = w.now + closely
	}
	if old == nil || s.sent < old.sent || s.beacons < old.beacons {
		// The first one has nothing to be compared with.
		return
	}
	out := &fact.Station{
		Index: r.index, Signal: s.signal, BeaconSignal: s.beaconSignal, TxRate: s.txRate.bits, RxRate: s.rxRate.bits,
		MCS: s.txRate.mcs, NSS: s.txRate.nss, Width: s.txRate.width,
		Sent: int(s.sent - old.sent), Retries: int(s.retries - old.retries), Failed: int(s.failed - old.failed),
		Beacons: int(s.beacons - old.beacons),
	}
	if s.interval > 0 {
		unit := time.Duration(s.interval) * 1024 * time.Microsecond
		out.Due = int((elapsed + unit/2) / unit)
	}
	if out.Due > 0 && out.Beacons*2 < out.Due {
		w.trouble = w.now + closely
	}
	w.emit(fact.ViaEvent, fact.Put, out)
}

// weak is the signal in dBm below which supplicants look for another access point
// (NetworkManager and iwd: -70).
const weak = -70

// known reports whether a station is of the association that is known, and not of
// a later one with the same access point, of which the events were lost.
func (r *radio) known(bssid mac, s *station) bool {
	const apart = time.Second
	return bssid == r.bssid && (s.since == 0 || r.since == 0 || (s.since-r.since).Abs() < apart)
}
