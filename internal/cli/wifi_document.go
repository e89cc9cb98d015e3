package cli

import (
	"time"

	"flapscope/history/stats"
	"flapscope/monitor/fact"
)

// A wifiDocument is the JSON form of what wifi prints.
type wifiDocument struct {
	Interfaces []wifiInterfaceDocument `json:"interfaces"`
	Ends       []wifiEndDocument       `json:"ends"`
	Cells      []wifiCellDocument      `json:"access_points"`
}

type wifiInterfaceDocument struct {
	Interface  fact.Untrusted `json:"interface"`
	Associated bool           `json:"associated"`
	*fact.Wifi
	Channel int           `json:"channel,omitempty"`
	Band    string        `json:"band,omitempty"`
	Text    string        `json:"text"`
	Station *fact.Station `json:"station,omitempty"`
	// Airtime is how its channel is used.
	Airtime *fact.Airtime `json:"airtime,omitempty"`
	// Heard are the access points that were heard of last.
	Heard []fact.HeardCell `json:"heard,omitempty"`
	// Scans is how many scans there were, and Rhythm how often, where that is
	// regular.
	Scans  int               `json:"scans"`
	Rhythm *stats.ScanRhythm `json:"scan_rhythm,omitempty"`
}

type wifiEndDocument struct {
	Time      time.Time      `json:"time"`
	Mono      time.Duration  `json:"mono_ns"`
	Interface fact.Untrusted `json:"interface"`
	*fact.Wifi
	Text string `json:"text"`
}

type wifiCellDocument struct {
	BSSID      fact.Untrusted `json:"bssid"`
	SSID       fact.Untrusted `json:"ssid"`
	Frequency  int            `json:"frequency_mhz,omitempty"`
	Channel    int            `json:"channel,omitempty"`
	Band       string         `json:"band,omitempty"`
	Associated time.Duration  `json:"associated_ns"`
	Ended      int            `json:"ended_by_ap"`
	Lost       int            `json:"beacon_lost"`
	Left       int            `json:"ended_by_us"`
	Failed     int            `json:"failed"`
	Roams      int            `json:"roams"`
	// Signal is the mean and Weakest the least, in dBm; 0 is unknown.
	Signal  int `json:"signal_dbm,omitempty"`
	Weakest int `json:"signal_least_dbm,omitempty"`
	Sent    int `json:"sent"`
	Retries int `json:"retries"`
	Beacons int `json:"beacons"`
	Due     int `json:"beacons_due"`
}

func describeWifi(s *stats.WifiSummary) wifiDocument {
	d := wifiDocument{Interfaces: []wifiInterfaceDocument{}, Ends: []wifiEndDocument{}, Cells: []wifiCellDocument{}}
	for _, i := range s.Interfaces {
		x := wifiInterfaceDocument{Interface: i.Name, Associated: i.Associated(), Wifi: i.Wifi, Station: i.Station, Airtime: i.Airtime, Scans: i.Scans, Rhythm: i.Rhythm}
		if i.Heard != nil {
			x.Heard = i.Heard.List
		}
		if i.Wifi != nil {
			x.Channel, x.Band = fact.Channel(i.Wifi.Frequency)
			x.Text = i.Wifi.Words().Display()
		}
		d.Interfaces = append(d.Interfaces, x)
	}
	for _, e := range s.Ends {
		d.Ends = append(d.Ends, wifiEndDocument{e.Time, e.Mono, e.Interface, e.Wifi, e.Wifi.Words().Display()})
	}
	for _, c := range s.Cells {
		x := wifiCellDocument{
			BSSID: c.BSSID, SSID: c.SSID, Frequency: c.Frequency, Associated: c.Associated, Ended: c.Ended, Lost: c.Lost,
			Left: c.Left, Failed: c.Failed, Roams: c.Roams, Weakest: c.Weakest, Sent: c.Sent, Retries: c.Retries,
			Beacons: c.Beacons, Due: c.Due,
		}
		x.Channel, x.Band = fact.Channel(c.Frequency)
		if c.Signals > 0 {
			x.Signal = c.Signal / c.Signals
		}
		d.Cells = append(d.Cells, x)
	}
	return d
}
