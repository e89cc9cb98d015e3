package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"flapscope/history/stats"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// printWifi prints a summary for people.
func printWifi(out io.Writer, s *stats.WifiSummary) error {
	var b strings.Builder
	if len(s.Interfaces) == 0 {
		b.WriteString("no Wi-Fi was observed\n")
	}
	for _, i := range s.Interfaces {
		writeWifiInterface(&b, i)
	}
	if len(s.Ends) > 0 {
		b.WriteString("\nLast ends of associations, newest last:\n")
		for _, e := range s.Ends {
			fmt.Fprintf(&b, "  %s  %s  %s", e.Time.Format("2006-01-02 15:04:05.000"), e.Interface.Display(), e.Wifi.Words().Display())
			if e.Wifi.BSSID != "" {
				fmt.Fprintf(&b, ", %s", e.Wifi.BSSID.Display())
			}
			if e.Wifi.Held > 0 {
				fmt.Fprintf(&b, ", after %s", text.Duration(e.Wifi.Held))
			}
			b.WriteString("\n")
		}
	}
	if len(s.Cells) > 0 {
		b.WriteString("\n")
		writeWifiCells(&b, s.Cells)
	}
	for _, i := range s.Interfaces {
		if i.Heard != nil && len(i.Heard.List) > 0 {
			fmt.Fprintf(&b, "\nHeard of by %s:\n", i.Name.Display())
			writeHeard(&b, i.Heard.List)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func writeWifiInterface(b *strings.Builder, i *stats.WifiInterface) {
	name := cmp.Or(i.Name.Display(), fmt.Sprint("interface ", i.Index))
	if !i.Associated() {
		fmt.Fprintf(b, "%s  not associated", name)
		if i.Wifi != nil {
			fmt.Fprintf(b, ": %s", i.Wifi.Words().Display())
		}
		b.WriteString("\n")
		return
	}
	w := i.Wifi
	fmt.Fprintf(b, "%s  %s  %s  %s\n", name, wifiName(w.SSID), w.BSSID.Display(), wifiChannel(w.Frequency, w.Width))
	if i.Station != nil {
		writeWifiStation(b, i.Station)
	}
	if i.Airtime != nil {
		fmt.Fprintf(b, "  air      %s\n", i.Airtime.Words().Display())
	}
	switch {
	case i.Rhythm != nil:
		fmt.Fprintf(b, "  scans    %d: %s\n", i.Scans, i.Rhythm.Text())
	case i.Scans > 0:
		fmt.Fprintf(b, "  scans    %d\n", i.Scans)
	}
}

// writeWifiStation says how an association does.
func writeWifiStation(b *strings.Builder, st *fact.Station) {
	if st.Signal != 0 {
		fmt.Fprintf(b, "  signal   %d dBm", st.Signal)
		if st.BeaconSignal != 0 {
			fmt.Fprintf(b, ", beacons %d dBm", st.BeaconSignal)
		}
		b.WriteString("\n")
	}
	if st.TxRate != 0 {
		fmt.Fprintf(b, "  rate     %s Mbit/s, MCS %d, %s, %d MHz\n", text.Trimmed(float64(st.TxRate)/10), st.MCS, text.Count(st.NSS, "stream"), st.Width)
	}
	fmt.Fprintf(b, "  packets  %d sent, %d sent again, %d given up\n", st.Sent, st.Retries, st.Failed)
	if st.Due > 0 {
		fmt.Fprintf(b, "  beacons  %d of %d heard\n", st.Beacons, st.Due)
	}
}

// wifiName is the name of a network, which may be hidden.
func wifiName(ssid fact.Untrusted) string {
	if ssid == "" {
		return "(hidden)"
	}
	return ssid.Display()
}

// wifiChannel names a channel: "channel 36 (5 GHz), 80 MHz".
func wifiChannel(mhz, width int) string {
	n, band := fact.Channel(mhz)
	switch {
	case mhz == 0:
		return "channel unknown"
	case n == 0:
		return fmt.Sprint(mhz, " MHz")
	case width == 0:
		return fmt.Sprintf("channel %d (%s)", n, band)
	}
	return fmt.Sprintf("channel %d (%s), %d MHz", n, band, width)
}

func writeWifiCells(b *strings.Builder, cells []*stats.WifiCell) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BSSID\tNETWORK\tCHANNEL\tTIME\tENDED\tLOST\tLEFT\tFAILED\tROAMS\tSIGNAL\tSENT AGAIN\tBEACONS")
	for _, c := range cells {
		channel := "·"
		if n, band := fact.Channel(c.Frequency); n != 0 {
			channel = fmt.Sprintf("%d, %s", n, band)
		}
		signal := "·"
		if c.Signals > 0 {
			signal = fmt.Sprintf("%d, least %d", c.Signal/c.Signals, c.Weakest)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n",
			cmp.Or(c.BSSID.Display(), "others"), wifiName(c.SSID), channel, text.Duration(c.Associated.Round(time.Second)),
			c.Ended, c.Lost, c.Left, c.Failed, c.Roams, signal, share(c.Retries, c.Sent), share(c.Beacons, c.Due))
	}
	_ = t.Flush()
}

// writeHeard lists the access points that were heard of last.
func writeHeard(b *strings.Builder, cells []fact.HeardCell) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BSSID\tNETWORK\tCHANNEL\tSIGNAL\tLOGIN\tSTATIONS\tCHANNEL IN USE")
	for _, c := range cells {
		stations, busy, signal := "·", "·", "·"
		if c.Load {
			stations, busy = fmt.Sprint(c.Stations), fmt.Sprint(c.Busy, " %")
		}
		if c.Signal != 0 {
			signal = fmt.Sprint(c.Signal, " dBm")
		}
		n, band := fact.Channel(c.Frequency)
		fmt.Fprintf(t, "%s\t%s\t%d, %s\t%s\t%s\t%s\t%s\n", c.BSSID.Display(), wifiName(c.SSID), n, band, signal, c.Security.Display(), stations, busy)
	}
	_ = t.Flush()
}

// share is how many of some there are, in per cent, or a dot for none.
func share(k, n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(k)/float64(n))
}
