//go:build linux

package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// fakeSys makes a sysfs with the given files under class/net/NAME; a name that
// ends in a slash is a directory.
func fakeSys(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, "class/net", name)
		dir := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			dir = path
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if dir != path && !strings.HasSuffix(name, "/") {
			if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func TestLinkType(t *testing.T) {
	hw := hardware{sys: fakeSys(t, map[string]string{
		"wifi0/ifindex": "2", "wifi0/address": "02:00:00:00:00:02", "wifi0/phy80211/rfkill0/soft": "1",
		"wifi0/phy80211/rfkill0/hard": "0", "wifi0/device/": "",
		"net0/ifindex": "3", "net0/address": "02:00:00:00:00:03", "net0/device/": "",
		"usb0/ifindex": "4", "usb0/address": "02:00:00:00:00:04", "usb0/device/": "", "usb0/uevent": "DEVTYPE=wwan\nINTERFACE=usb0",
		"soft0/ifindex": "5", "soft0/address": "02:00:00:00:00:05",
		"other/ifindex": "99", "other/address": "02:00:00:00:00:06", "other/phy80211/": "",
	})}
	tables := state.NewTables()
	tables.Links[3] = &fact.Link{Index: 3, Type: fact.TypeWired, Master: 20}
	ether := func(index int, name, kind fact.Untrusted) fact.Link {
		return fact.Link{
			Index: index, Name: name, LinkKind: kind, Hardware: unix.ARPHRD_ETHER,
			Address: fact.Untrusted("02:00:00:00:00:0" + string(rune('0'+index%10))),
		}
	}
	tun := ether(10, "tun0", "tun")
	tun.Hardware = unix.ARPHRD_NONE
	vlan := ether(11, "net0.7", "vlan")
	vlan.Parent = 3
	foreign := vlan
	foreign.ParentElsewhere = true
	loopback := ether(1, "lo", "")
	loopback.Flags = fact.FlagLoopback
	for _, tt := range []struct {
		name string
		link fact.Link
		want fact.LinkType
	}{
		{"loopback", loopback, fact.TypeLoopback},
		{"wifi", ether(2, "wifi0", ""), fact.TypeWifi},
		{"wired", ether(3, "net0", ""), fact.TypeWired},
		{"cellular", ether(4, "usb0", ""), fact.TypeCellular},
		{"ethernet-without-a-device", ether(5, "soft0", ""), fact.TypeVirtual},
		{"same-name-in-another-namespace", ether(6, "other", ""), fact.TypeWired},
		{"path-in-a-name", ether(7, "../wifi0", ""), fact.TypeWired},
		{"wireguard-called-eth0", ether(8, "eth0", "wireguard"), fact.TypeTunnel},
		{"tap", ether(9, "tap0", "tun"), fact.TypeVirtual},
		{"tun", tun, fact.TypeTunnel},
		{"bridge", ether(12, "br0", "bridge"), fact.TypeBridge},
		{"veth", ether(13, "eth1", "veth"), fact.TypeVirtual},
		{"vlan", vlan, fact.TypeWired},
		{"vlan-of-another-namespace", foreign, fact.TypeVirtual},
		{"bond", ether(20, "bond0", "bond"), fact.TypeWired},
		{"bond-without-ports", ether(21, "bond1", "bond"), fact.TypeOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := tt.link
			hw.describe(tables, nil, &l)
			if l.Type != tt.want || l.RadioOff != (tt.name == "wifi") || l.Expensive != (tt.want == fact.TypeCellular) {
				t.Errorf("type %s, radio off %v, expensive %v; want %s", l.Type, l.RadioOff, l.Expensive, tt.want)
			}
			// What was read is kept as long as the link is the same.
			next := tt.link
			hardware{}.describe(tables, &l, &next)
			if next.Type != l.Type || next.RadioOff != l.RadioOff {
				t.Errorf("described again: %s, %v", next.Type, next.RadioOff)
			}
		})
	}
}
