//go:build linux

package kernel

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// hardware says what an interface is for a person. The kernel's link kind
// decides where there is one; drivers of real hardware have none, and sysfs
// says what they drive.
type hardware struct {
	// sys is where sysfs is mounted, "/sys"; empty to do without.
	sys string
}

// describe fills the fields of l that no netlink message holds: from old, the
// same link as it was known before, or by reading sysfs.
func (h hardware) describe(tb *state.Tables, old, l *fact.Link) {
	known := old != nil && old.Name == l.Name && old.LinkKind == l.LinkKind
	if known {
		l.Type, l.RadioOff, l.Expensive = old.Type, old.RadioOff, old.Expensive
		if l.Type == fact.TypeWifi && old.Up() != l.Up() {
			// A radio that is switched off takes its interfaces down.
			l.RadioOff = h.radioOff(l.Name)
		}
	} else {
		l.Type = kindType(l)
		if l.Type == "" {
			l.Type = h.deviceType(l)
		}
		l.Expensive = l.Type == fact.TypeCellular
		if l.Type == fact.TypeWifi {
			l.RadioOff = h.radioOff(l.Name)
		}
	}
	switch l.LinkKind {
	case "vlan":
		l.Type = lowerType(tb, l)
	case "bond", "team":
		l.Type = portType(tb, l)
	}
}

// kindType returns the type that the kernel's link kind gives, or "" for
// hardware.
func kindType(l *fact.Link) fact.LinkType {
	if l.Flags&fact.FlagLoopback != 0 {
		return fact.TypeLoopback
	}
	switch l.LinkKind {
	case "":
		return ""
	case "bridge", "openvswitch":
		return fact.TypeBridge
	case "tun":
		// One kind for both: a tap carries Ethernet frames, as of a virtual
		// machine; a tun carries packets, as of a VPN.
		if l.Hardware == unix.ARPHRD_ETHER {
			return fact.TypeVirtual
		}
		return fact.TypeTunnel
	case "wireguard", "gre", "ip6gre", "ipip", "sit", "ip6tnl", "vti", "vti6", "xfrm", "ppp",
		"ovpn", "ovpn-dco", "amt", "gtp":
		return fact.TypeTunnel
	case "wwan", "rmnet":
		return fact.TypeCellular
	case "vlan", "bond", "team", "can", "vcan", "vxcan", "wpan", "lowpan", "ipoib":
		return fact.TypeOther
	}
	return fact.TypeVirtual
}

// lowerType returns the type of a VLAN: that of the link below it.
func lowerType(tb *state.Tables, l *fact.Link) fact.LinkType {
	if below := tb.Links[l.Parent]; below != nil && !l.ParentElsewhere && below.Index != l.Index {
		return below.Type
	}
	return fact.TypeVirtual
}

// portType returns the type of a bond: that of a port of hardware.
func portType(tb *state.Tables, l *fact.Link) fact.LinkType {
	best := fact.TypeOther
	for _, p := range tb.Links {
		if p.Master != l.Index {
			continue
		}
		switch p.Type {
		case fact.TypeWired:
			return fact.TypeWired
		case fact.TypeWifi, fact.TypeCellular:
			best = p.Type
		}
	}
	return best
}

// deviceType reads from sysfs what a driver without a link kind drives.
func (h hardware) deviceType(l *fact.Link) fact.LinkType {
	dir, ok := h.dir(l)
	if ok {
		switch {
		case exists(dir, "wireless") || exists(dir, "phy80211"):
			return fact.TypeWifi
		case deviceKind(dir) == "wwan":
			return fact.TypeCellular
		case deviceKind(dir) == "wlan":
			return fact.TypeWifi
		case deviceKind(dir) == "bridge":
			return fact.TypeBridge
		}
	}
	switch l.Hardware {
	case unix.ARPHRD_ETHER:
		if ok && !exists(dir, "device") {
			return fact.TypeVirtual
		}
		return fact.TypeWired
	case unix.ARPHRD_NONE, unix.ARPHRD_PPP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT,
		unix.ARPHRD_IPGRE, unix.ARPHRD_IP6GRE:
		return fact.TypeTunnel
	}
	return fact.TypeOther
}

// dir returns the directory of a link in sysfs, if that is the same link: the
// sysfs of another network namespace shows other links, some by the same name.
func (h hardware) dir(l *fact.Link) (string, bool) {
	name := string(l.Name)
	if h.sys == "" || name == "" || name == "." || name == ".." || strings.ContainsRune(name, '/') {
		return "", false
	}
	dir := filepath.Join(h.sys, "class/net", name)
	same := read(dir, "ifindex") == strconv.Itoa(l.Index) && read(dir, "address") == string(l.Address)
	return dir, same
}

// deviceKind returns the DEVTYPE that the driver gave its device.
func deviceKind(dir string) string {
	for line := range strings.Lines(read(dir, "uevent")) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "DEVTYPE="); ok {
			return v
		}
	}
	return ""
}

// radioOff reports whether rfkill blocks the radio behind a Wi-Fi interface, in
// software or by a switch.
func (h hardware) radioOff(name fact.Untrusted) bool {
	phy := filepath.Join(h.sys, "class/net", string(name), "phy80211")
	entries, err := os.ReadDir(phy)
	if err != nil {
		return false
	}
	for _, e := range entries {
		dir := filepath.Join(phy, e.Name())
		if strings.HasPrefix(e.Name(), "rfkill") && (read(dir, "soft") == "1" || read(dir, "hard") == "1") {
			return true
		}
	}
	return false
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// read returns a file of sysfs without the line's end, or "".
func read(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(b), "\n")
}
