//go:build linux

package wireless

import (
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// An event is one notification, with what is read of it.
type event struct {
	command uint8
	index   int
	// wiphy is the radio, and hasWiphy whether there is one: they count from 0.
	wiphy    int
	hasWiphy bool
	mac      mac
	frame    frame
	hasFrame bool
	timedOut bool
	reason   uint16
	status   uint16
	byAP     bool
	// ssid is the network of a connection, or that which a scan asks for.
	ssid      fact.Untrusted
	channels  int
	frequency int
	width     int
	count     int
	country   fact.Untrusted
	initiator uint8
	quality   quality
	station   *station
}

// A quality is what NL80211_CMD_NOTIFY_CQM says.
type quality struct {
	beaconLoss bool
	packets    int
	// threshold is whether the signal went below or above a threshold that the
	// supplicant set, and low which; level is what it is.
	threshold, low bool
	level          int
}

// decodeEvent decodes a notification. What does not fit ends the walk and keeps
// what came before it.
func decodeEvent(command uint8, attrs []byte) (e event) {
	e.command = command
	for a := range nlwire.Readable(attrs) {
		switch a.Type {
		case unix.NL80211_ATTR_WIPHY:
			e.wiphy, e.hasWiphy = int(a.U32()), true
		case unix.NL80211_ATTR_IFINDEX:
			e.index = int(int32(a.U32()))
		case unix.NL80211_ATTR_MAC:
			e.mac = macOf(a.Value)
		case unix.NL80211_ATTR_FRAME:
			e.frame, e.hasFrame = decodeFrame(a.Value)
		case unix.NL80211_ATTR_TIMED_OUT:
			e.timedOut = true
		case unix.NL80211_ATTR_REASON_CODE:
			e.reason = a.U16()
		case unix.NL80211_ATTR_STATUS_CODE:
			e.status = a.U16()
		case unix.NL80211_ATTR_DISCONNECTED_BY_AP:
			e.byAP = true
		case unix.NL80211_ATTR_REQ_IE:
			e.ssid = ssidOf(a.Value)
		case unix.NL80211_ATTR_CQM:
			e.quality = decodeQuality(a.Value)
		case unix.NL80211_ATTR_STA_INFO:
			s := decodeStationInfo(a.Value)
			e.station = &s
		default:
			e.more(a.Type, a.Value)
		}
	}
	return e
}

// more decodes the attributes of events that are not about an association.
func (e *event) more(typ uint16, v nlwire.Value) {
	switch typ {
	case unix.NL80211_ATTR_SCAN_FREQUENCIES:
		e.channels = 0
		for range nlwire.Readable(v) {
			e.channels++
		}
	case unix.NL80211_ATTR_SCAN_SSIDS:
		for name := range nlwire.Readable(v) {
			if e.ssid == "" && len(name.Value) <= maxSSID {
				e.ssid = fact.Untrusted(name.Value)
			}
		}
	case unix.NL80211_ATTR_WIPHY_FREQ:
		e.frequency = int(v.U32())
	case unix.NL80211_ATTR_CHANNEL_WIDTH:
		e.width = channelWidth(v.U32())
	case unix.NL80211_ATTR_CH_SWITCH_COUNT:
		e.count = int(v.U32())
	case unix.NL80211_ATTR_REG_ALPHA2:
		e.country = fact.Untrusted(v.Text())
	case unix.NL80211_ATTR_REG_INITIATOR:
		e.initiator = v.U8()
	}
}

func decodeQuality(v nlwire.Value) (q quality) {
	for a := range nlwire.Readable(v) {
		switch a.Type {
		case unix.NL80211_ATTR_CQM_BEACON_LOSS_EVENT:
			q.beaconLoss = true
		case unix.NL80211_ATTR_CQM_PKT_LOSS_EVENT:
			q.packets = int(a.U32())
		case unix.NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT:
			q.threshold, q.low = true, a.U32() == unix.NL80211_CQM_RSSI_THRESHOLD_EVENT_LOW
		case unix.NL80211_ATTR_CQM_RSSI_LEVEL:
			q.level = int(int32(a.U32()))
		}
	}
	return q
}

// channelWidth returns the MHz of an nl80211_chan_width, or 0.
func channelWidth(w uint32) int {
	switch w {
	case unix.NL80211_CHAN_WIDTH_20_NOHT, unix.NL80211_CHAN_WIDTH_20:
		return 20
	case unix.NL80211_CHAN_WIDTH_40:
		return 40
	case unix.NL80211_CHAN_WIDTH_80:
		return 80
	case unix.NL80211_CHAN_WIDTH_80P80, unix.NL80211_CHAN_WIDTH_160:
		return 160
	case unix.NL80211_CHAN_WIDTH_320:
		return 320
	case unix.NL80211_CHAN_WIDTH_5:
		return 5
	case unix.NL80211_CHAN_WIDTH_10:
		return 10
	}
	return 0
}

// A device is one interface of a radio, as GET_INTERFACE shows it.
type device struct {
	index     int
	wiphy     int
	iftype    uint32
	mac       mac
	ssid      fact.Untrusted
	frequency int
	width     int
}

func decodeDevice(attrs []byte) (d device) {
	for a := range nlwire.Readable(attrs) {
		switch a.Type {
		case unix.NL80211_ATTR_IFINDEX:
			d.index = int(int32(a.U32()))
		case unix.NL80211_ATTR_WIPHY:
			d.wiphy = int(a.U32())
		case unix.NL80211_ATTR_IFTYPE:
			d.iftype = a.U32()
		case unix.NL80211_ATTR_MAC:
			d.mac = macOf(a.Value)
		case unix.NL80211_ATTR_SSID:
			d.ssid = fact.Untrusted(a.Value)
		case unix.NL80211_ATTR_WIPHY_FREQ:
			d.frequency = int(a.U32())
		case unix.NL80211_ATTR_CHANNEL_WIDTH:
			d.width = channelWidth(a.U32())
		}
	}
	return d
}

// A cell is an access point in the list of what was heard.
type cell struct {
	advert
	bssid      mac
	frequency  int
	signal     int
	associated bool
}

// decodeCell decodes a row of GET_SCAN. What the answer to a probe says comes before
// what beacons say: those of a hidden network have no name.
func decodeCell(attrs []byte) (c cell) {
	for a := range nlwire.Readable(attrs) {
		if a.Type != unix.NL80211_ATTR_BSS {
			continue
		}
		var answer, beacon []byte
		var capability uint16
		for a := range nlwire.Readable(a.Value) {
			switch a.Type {
			case unix.NL80211_BSS_BSSID:
				c.bssid = macOf(a.Value)
			case unix.NL80211_BSS_FREQUENCY:
				c.frequency = int(a.U32())
			case unix.NL80211_BSS_SIGNAL_MBM:
				c.signal = min(int(int32(a.U32()))/100, 0)
			case unix.NL80211_BSS_CAPABILITY:
				capability = a.U16()
			case unix.NL80211_BSS_STATUS:
				c.associated = a.U32() == unix.NL80211_BSS_STATUS_ASSOCIATED
			case unix.NL80211_BSS_INFORMATION_ELEMENTS:
				answer = a.Value
			case unix.NL80211_BSS_BEACON_IES:
				beacon = a.Value
			}
		}
		if answer == nil {
			answer = beacon
		}
		if c.advert = decodeAdvert(answer, capability); c.ssid == "" {
			c.ssid = ssidOf(beacon)
		}
	}
	return c
}

// A station is what the driver counts of an association.
type station struct {
	signal, beaconSignal  int
	txRate, rxRate        rate
	sent, retries, failed uint32
	beacons               uint64
	// interval is that of the beacons in units of 1.024 ms.
	interval int
	// since is when the association began, on CLOCK_BOOTTIME, or 0.
	since time.Duration
	// connected is how long it has lasted, in whole seconds.
	connected time.Duration
}

// A rate is how frames are sent, in 100 kbit/s.
type rate struct{ bits, mcs, nss, width int }

// decodeStation decodes a row of GET_STATION.
func decodeStation(attrs []byte) (bssid mac, s station) {
	for a := range nlwire.Readable(attrs) {
		switch a.Type {
		case unix.NL80211_ATTR_MAC:
			bssid = macOf(a.Value)
		case unix.NL80211_ATTR_STA_INFO:
			s = decodeStationInfo(a.Value)
		}
	}
	return bssid, s
}

// decodeStationInfo decodes NL80211_ATTR_STA_INFO. What it has of traffic classes
// is most of the message, and skipped.
func decodeStationInfo(v nlwire.Value) (s station) {
	var last int
	for a := range nlwire.Readable(v) {
		switch a.Type {
		case unix.NL80211_STA_INFO_SIGNAL:
			last = int(a.S8())
		case unix.NL80211_STA_INFO_SIGNAL_AVG:
			s.signal = int(a.S8())
		case unix.NL80211_STA_INFO_BEACON_SIGNAL_AVG:
			s.beaconSignal = int(a.S8())
		case unix.NL80211_STA_INFO_TX_BITRATE:
			s.txRate = decodeRate(a.Value)
		case unix.NL80211_STA_INFO_RX_BITRATE:
			s.rxRate = decodeRate(a.Value)
		case unix.NL80211_STA_INFO_TX_PACKETS:
			s.sent = a.U32()
		case unix.NL80211_STA_INFO_TX_RETRIES:
			s.retries = a.U32()
		case unix.NL80211_STA_INFO_TX_FAILED:
			s.failed = a.U32()
		case unix.NL80211_STA_INFO_BEACON_RX:
			s.beacons = a.U64()
		case unix.NL80211_STA_INFO_ASSOC_AT_BOOTTIME:
			s.since = time.Duration(a.U64())
		case unix.NL80211_STA_INFO_CONNECTED_TIME:
			s.connected = time.Duration(a.U32()) * time.Second
		case unix.NL80211_STA_INFO_BSS_PARAM:
			for a := range nlwire.Readable(a.Value) {
				if a.Type == unix.NL80211_STA_BSS_PARAM_BEACON_INTERVAL {
					s.interval = int(a.U16())
				}
			}
		}
	}
	if s.signal == 0 {
		// Not every driver averages.
		s.signal = last
	}
	return s
}

// decodeRate decodes a rate. Without a width it is of 20 MHz; the streams of HT
// are part of its number.
func decodeRate(v nlwire.Value) (r rate) {
	r.width, r.nss = 20, 1
	for a := range nlwire.Readable(v) {
		switch a.Type {
		case unix.NL80211_RATE_INFO_BITRATE32:
			r.bits = int(a.U32())
		case unix.NL80211_RATE_INFO_BITRATE:
			r.bits = max(r.bits, int(a.U16()))
		case unix.NL80211_RATE_INFO_MCS:
			r.mcs, r.nss = int(a.U8())%8, int(a.U8())/8+1
		case unix.NL80211_RATE_INFO_VHT_MCS, unix.NL80211_RATE_INFO_HE_MCS, unix.NL80211_RATE_INFO_EHT_MCS:
			r.mcs = int(a.U8())
		case unix.NL80211_RATE_INFO_VHT_NSS, unix.NL80211_RATE_INFO_HE_NSS, unix.NL80211_RATE_INFO_EHT_NSS:
			r.nss = int(a.U8())
		case unix.NL80211_RATE_INFO_40_MHZ_WIDTH:
			r.width = 40
		case unix.NL80211_RATE_INFO_80_MHZ_WIDTH:
			r.width = 80
		case unix.NL80211_RATE_INFO_80P80_MHZ_WIDTH, unix.NL80211_RATE_INFO_160_MHZ_WIDTH:
			r.width = 160
		case unix.NL80211_RATE_INFO_320_MHZ_WIDTH:
			r.width = 320
		}
	}
	return r
}
