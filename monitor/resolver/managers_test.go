package resolver

import (
	"context"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

// A daemon is a stand-in for one that says its version, as a property or among
// other things.
type daemon struct{ version any }

// Get implements org.freedesktop.DBus.Properties.
func (d daemon) Get(_, name string) (dbus.Variant, *dbus.Error) {
	if name != "Version" {
		return dbus.Variant{}, dbus.MakeFailedError(context.Canceled)
	}
	return dbus.MakeVariant(d.version), nil
}

// GetInfo implements net.connman.iwd.Daemon.
func (d daemon) GetInfo() (map[string]dbus.Variant, *dbus.Error) {
	return map[string]dbus.Variant{"StateDirectory": dbus.MakeVariant("/var/lib/iwd"), "Version": dbus.MakeVariant(d.version)}, nil
}

// run puts a daemon on the bus under its name.
func run(t *testing.T, b *netlab.Bus, name, path, iface string, version any) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Export(daemon{version}, dbus.ObjectPath(path), iface); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestManagers: daemons are told when they start, with their versions by whichever
// way each has, and when they end; what a daemon says that is no version is left out.
func TestManagers(t *testing.T) {
	b := newBus(t)
	m := NewManagers(b.Address)
	m.retry, m.rest = 50*time.Millisecond, 10*time.Millisecond
	h := make(host, 64)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx, h) }()

	network := run(t, b, networkName, "/org/freedesktop/NetworkManager", propertiesBus, "1.52.1")
	h.want(t, fact.Put, &fact.Manager{Name: "NetworkManager", Version: "1.52.1"})
	run(t, b, "net.connman.iwd", "/net/connman/iwd", "net.connman.iwd.Daemon", "2.19")
	h.want(t, fact.Put, &fact.Manager{Name: "iwd", Version: "2.19"})
	run(t, b, "fi.w1.wpa_supplicant1", "/fi/w1/wpa_supplicant1", propertiesBus, "none is asked for")
	h.want(t, fact.Put, &fact.Manager{Name: "wpa_supplicant"})
	run(t, b, systemdService, "/org/freedesktop/systemd1", propertiesBus, "257.9-1~deb13u1")
	run(t, b, "org.freedesktop.network1", "/org/freedesktop/network1", propertiesBus, "")
	h.want(t, fact.Put, &fact.Manager{Name: "systemd-networkd", Version: "257.9-1~deb13u1"})
	run(t, b, "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1", propertiesBus, 7)
	h.want(t, fact.Put, &fact.Manager{Name: "ModemManager"})
	_ = network.Close()
	h.want(t, fact.Delete, &fact.Manager{Name: "NetworkManager", Version: "1.52.1"})
	run(t, b, networkName, "/org/freedesktop/NetworkManager", propertiesBus, strings.Repeat("9", 10_000))
	h.want(t, fact.Put, &fact.Manager{Name: "NetworkManager", Version: fact.Untrusted(strings.Repeat("9", maxVersion))})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
