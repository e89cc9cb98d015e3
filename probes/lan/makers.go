package lan

import (
	"bufio"
	"io"
	"os"
	"strings"

	"flapscope/monitor/fact"
)

// makerLists are the lists of makers that distributions keep, the registry of the
// IEEE in four forms: package hwdata, ieee-data, nmap, systemd's hardware database.
var makerLists = []string{
	"/usr/share/hwdata/oui.txt", "/usr/share/ieee-data/oui.txt", "/var/lib/ieee-data/oui.txt",
	"/usr/share/nmap/nmap-mac-prefixes", "/usr/lib/udev/hwdb.d/20-OUI.hwdb", "/lib/udev/hwdb.d/20-OUI.hwdb",
}

// maxMakerList bounds how much of a list is read; the registry has 6 MB.
const maxMakerList = 64 << 20

// nameMakers fills in who made the interfaces, and reports whether there is a list.
func nameMakers(all []*Host) bool {
	for _, name := range makerLists {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		makers := readMakers(io.LimitReader(f, maxMakerList), prefixes(all))
		f.Close()
		for _, x := range all {
			x.Maker = makers[prefix(x.Hardware)]
		}
		return true
	}
	return false
}

// prefix is the part of a hardware address that its maker was given: "00005E", or
// "" where none was, since a machine made it up (IEEE 802, bit U/L).
func prefix(hardware fact.Untrusted) string {
	hex := strings.ToUpper(strings.ReplaceAll(string(hardware), ":", ""))
	if len(hex) != 12 || strings.ContainsRune("2367ABEF", rune(hex[1])) {
		return ""
	}
	return hex[:6]
}

// MadeUp reports whether a hardware address was given by a machine rather than by a
// maker: phones have another one in each network.
func (x *Host) MadeUp() bool { return len(x.Hardware) == 17 && prefix(x.Hardware) == "" }

// prefixes are those of hosts.
func prefixes(all []*Host) map[string]bool {
	out := map[string]bool{}
	for _, x := range all {
		if p := prefix(x.Hardware); p != "" {
			out[p] = true
		}
	}
	return out
}

// readMakers reads the makers of some prefixes from a list. Its lines have one of
// the forms
//
//	00-00-5E   (hex)		ICANN, IANA Department
//	00005E ICANN
//	OUI:00005E*
//	 ID_OUI_FROM_DATABASE=ICANN, IANA Department
func readMakers(r io.Reader, wanted map[string]bool) map[string]fact.Untrusted {
	out := map[string]fact.Untrusted{}
	put := func(p, maker string) {
		if maker = strings.TrimSpace(maker); wanted[p] && maker != "" {
			out[p] = fact.Untrusted(maker)
		}
	}
	lines := bufio.NewScanner(r)
	entry := ""
	for lines.Scan() {
		line := lines.Text()
		if maker, ok := strings.CutPrefix(line, " ID_OUI_FROM_DATABASE="); ok {
			put(entry, maker)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "OUI:"); ok {
			entry = strings.TrimSuffix(rest, "*")
			continue
		}
		head, maker, _ := strings.Cut(line, " ")
		maker = strings.TrimSpace(maker)
		if base, ok := strings.CutPrefix(maker, "(hex)"); ok {
			put(strings.ReplaceAll(head, "-", ""), base)
		} else if len(head) == 6 && !strings.HasPrefix(maker, "(base 16)") {
			put(head, maker)
		}
	}
	return out
}
