package resolver

import (
	"context"
	"sync"
	"testing"
	"time"

	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

// A network is a stand-in for NetworkManager on a bus.
type network struct {
	conn *dbus.Conn
	mu   sync.Mutex // guards all following
	all  map[dbus.ObjectPath]map[string]map[string]dbus.Variant
}

// GetManagedObjects implements org.freedesktop.DBus.ObjectManager.
func (n *network) GetManagedObjects() (map[dbus.ObjectPath]map[string]map[string]dbus.Variant, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all, nil
}

// set says what is metered, in the order of the interfaces, and signals it.
func (n *network) set(t *testing.T, values map[string]uint32) {
	t.Helper()
	all := map[dbus.ObjectPath]map[string]map[string]dbus.Variant{
		"/org/freedesktop/NetworkManager": {networkName: {"Metered": dbus.MakeVariant(uint32(1))}},
	}
	for name, value := range values {
		props := map[string]dbus.Variant{"Interface": dbus.MakeVariant(name), "IpInterface": dbus.MakeVariant(""), "Metered": dbus.MakeVariant(value)}
		if name == "cdc-wdm0" {
			props["IpInterface"] = dbus.MakeVariant("wwan0")
		}
		if name == "odd0" {
			props["Metered"] = dbus.MakeVariant("yes")
		}
		all[dbus.ObjectPath(devicesPath+"/"+name[:3])] = map[string]map[string]dbus.Variant{deviceName: props}
	}
	n.mu.Lock()
	n.all = all
	n.mu.Unlock()
	err := n.conn.Emit(devicesPath+"/1", propertiesBus+".PropertiesChanged", deviceName, map[string]dbus.Variant{}, []string{"Metered"})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMetering(t *testing.T) {
	b := newBus(t)
	m := NewMetering(b.Address)
	m.poll, m.retry, m.rest = time.Hour, 50*time.Millisecond, 10*time.Millisecond
	h := make(host, 64)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx, h) }()

	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	n := &network{conn: conn}
	if err := conn.Export(n, networkPath, "org.freedesktop.DBus.ObjectManager"); err != nil {
		t.Fatal(err)
	}
	n.set(t, map[string]uint32{"eth0": 4, "cdc-wdm0": 1, "odd0": 1})
	if _, err := conn.RequestName(networkName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	h.want(t, fact.Put, &fact.Metering{Name: "wwan0"})
	n.set(t, map[string]uint32{"eth0": 2, "cdc-wdm0": 3})
	h.want(t, fact.Put, &fact.Metering{Name: "wwan0", Guessed: true})
	n.set(t, map[string]uint32{"eth0": 0, "cdc-wdm0": 2})
	h.want(t, fact.Delete, &fact.Metering{Name: "wwan0", Guessed: true})
	n.set(t, map[string]uint32{"eth0": 1})
	h.want(t, fact.Put, &fact.Metering{Name: "eth0"})
	// A service that is gone says nothing any more.
	_ = conn.Close()
	h.want(t, fact.Delete, &fact.Metering{Name: "eth0"})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
