package scene

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// A cell is an access point of a network.
type cell struct {
	bssid     fact.Untrusted
	frequency int
	width     int
	// signal is how strong it is heard, in dBm.
	signal int
}

// An aerial is the radio of an interface, which is asked every second while it is
// associated.
type aerial struct {
	*machine
	nic  *nic
	ssid fact.Untrusted
	at   *cell
	// asked is when it was asked last, since when it is associated.
	asked, since time.Duration
	// weaker is by how much the signal is below the usual one.
	weaker int
}

// listen asks the driver once a second until now.
func (a *aerial) listen() {
	until := a.now
	for a.now = a.asked + time.Second; a.now <= until; a.now += time.Second {
		if a.asked = a.now; a.at == nil {
			continue
		}
		weak := a.weaker + int(3*noise("air", a.now/time.Minute)) + int(4*noise("air", a.now))
		s := &fact.Station{
			Index: a.nic.link.Index, Signal: a.at.signal - weak, BeaconSignal: a.at.signal - weak + 2, Width: a.at.width,
			NSS: 2, MCS: max(9-weak/4, 0), Sent: 20 + int(40*noise("sent", a.now)), Beacons: 10, Due: 10,
		}
		s.TxRate, s.RxRate = 867*(s.MCS+1), 780*(s.MCS+1)
		s.Retries = s.Sent * (1 + weak/2) / 20
		if a.weaker > 15 {
			s.Beacons, s.Failed, s.Retries = 4, 3, s.Sent/2
		}
		a.put(s)
		if a.now/time.Second%10 == 0 {
			a.put(&fact.Airtime{
				Index: s.Index, Frequency: a.at.frequency, Noise: -95 + int(3*noise("floor", a.now)),
				Listened: 10000, Busy: 2500 + int(1500*noise("busy", a.now)), PowerSave: fact.PowerSaveOn,
			})
		}
	}
	a.now = until
}

// associate joins an access point, from another one if that is said.
func (a *aerial) associate(c *cell, from *cell) {
	w := &fact.Wifi{Index: a.nic.link.Index, Event: fact.WifiAssociated, SSID: a.ssid, BSSID: c.bssid, Frequency: c.frequency, Width: c.width}
	if from != nil {
		w.Event, w.From = fact.WifiRoamed, from.bssid
	}
	a.at, a.asked, a.since = c, a.now, a.now
	a.put(w)
	a.connect(a.nic)
}

// lose ends the association in a way, and what rests on it a little before.
func (a *aerial) lose(w fact.Wifi) *cell {
	a.listen()
	old := a.at
	a.disconnect(a.nic)
	a.pass(35 * ms)
	w.Index, w.SSID, w.BSSID, w.Frequency, w.Width = a.nic.link.Index, a.ssid, old.bssid, old.frequency, old.width
	w.Signal, w.Held = old.signal-a.weaker, a.now-a.since
	a.put(&w)
	a.at = nil
	return old
}

// scan visits some channels, which takes a quarter of a second each.
func (a *aerial) scan(channels int) {
	a.listen()
	a.put(&fact.WifiEvent{Index: a.nic.link.Index, Event: fact.WifiEventScan, Channels: channels})
	a.pass(time.Duration(channels) * 270 * ms)
	a.listen()
	a.put(&fact.WifiEvent{Index: a.nic.link.Index, Event: fact.WifiEventScanned})
	a.put(a.neighbourhood())
}

// neighbourhood is what is heard of an evening.
func (a *aerial) neighbourhood() *fact.Cells {
	out := &fact.Cells{Index: a.nic.link.Index, List: []fact.HeardCell{
		{BSSID: "02:1a:5e:11:9c:04", SSID: a.ssid, Frequency: 5220, Signal: -61, Security: "WPA2/3", Load: true, Stations: 14, Busy: 61},
		{BSSID: "02:1a:5e:11:9c:08", SSID: a.ssid, Frequency: 5500, Signal: -54, Security: "WPA2/3", Load: true, Stations: 3, Busy: 18},
		{BSSID: "02:1a:5e:11:9c:0c", SSID: "Harbour-2G", Frequency: 2437, Signal: -71, Security: "WPA2", Load: true, Stations: 9, Busy: 83},
		{BSSID: "02:77:10:00:00:01", SSID: "quay-guest", Frequency: 5220, Signal: -74, Security: "open", Load: true, Busy: 61},
		{BSSID: "02:77:10:00:00:02", Frequency: 5180, Signal: -80, Security: "802.1X"},
	}}
	for i := range out.List {
		out.List[i].Associated = a.at != nil && out.List[i].BSSID == a.at.bssid
	}
	return out
}

// wifi is a laptop that its access points drop every two minutes and a quarter,
// which roams to the other one twice.
func wifi() *Scene {
	m := newMachine(15 * time.Minute)
	wlan := m.plug(3, "wlan0", fact.TypeWifi).network("192.0.2.1", "192.0.2.41/24")
	wlan.resolvers = []netip.Addr{wlan.gateway}
	m.gateway(wlan, 2*ms)
	m.target("1.1.1.1", fact.MethodPing, fact.RoleInternet, "1.1.1.1", time.Second, map[*nic]time.Duration{wlan: 14 * ms})
	near, far := &cell{"02:1a:5e:11:9c:04", 5220, 80, -55}, &cell{"02:1a:5e:11:9c:08", 5500, 80, -48}
	a := &aerial{machine: m, nic: wlan, ssid: "Harbour-5G", asked: m.now}
	a.associate(near, nil)
	m.boot()
	const every = 2*time.Minute + 17*time.Second
	for before := 14 * time.Minute; before > 0; before -= every {
		m.until(before)
		kick := fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 4, ByAP: true, Protected: true}
		if before < 10*time.Minute && before > 8*time.Minute {
			kick.Reason, kick.Protected = 7, false
		}
		at := a.lose(kick)
		m.pass(2 * time.Second)
		a.scan(3)
		a.associate(at, nil)
		m.pass(38 * time.Second)
		a.scan(5)
		switch {
		case before < 7*time.Minute && at == near, before < time.Minute*3:
			a.listen()
			a.weaker = 18
			m.pass(8 * time.Second)
			a.scan(5)
			from := a.lose(fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 1})
			a.weaker = 0
			m.pass(60 * ms)
			to := far
			if from == far {
				to = near
			}
			a.associate(to, from)
		}
	}
	m.now = boot
	a.listen()
	return m.end()
}
