package resolver

import (
	"context"

	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

const (
	networkName   = "org.freedesktop.NetworkManager"
	networkPath   = "/org/freedesktop"
	deviceName    = "org.freedesktop.NetworkManager.Device"
	devicesPath   = "/org/freedesktop/NetworkManager/Devices"
	allObjects    = "org.freedesktop.DBus.ObjectManager.GetManagedObjects"
	propertiesBus = "org.freedesktop.DBus.Properties"

	// maxMetered bounds the interfaces that are taken from it.
	maxMetered = 64
)

// The values of Device.Metered (NMMetered).
const (
	meteredYes      = 1
	meteredGuessYes = 3
)

// A Metering is a source that follows which interfaces NetworkManager takes for
// metered: without it, none.
type Metering struct {
	rows[fact.Metering, *fact.Metering]
}

// NewMetering returns one that asks over the bus at an address, or the system bus.
func NewMetering(address string) *Metering {
	return &Metering{rows[fact.Metering, *fact.Metering]{
		address: address, poll: pollRows, retry: retryRows, rest: restRows,
		hints: [][]dbus.MatchOption{
			{dbus.WithMatchSender(networkName), dbus.WithMatchPathNamespace(devicesPath), dbus.WithMatchInterface(propertiesBus)},
			ownerOf(networkName),
		},
		read: devices,
	}}
}

// devices asks NetworkManager which interfaces are metered.
func devices(ctx context.Context, conn *dbus.Conn) (map[fact.Untrusted]*fact.Metering, error) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	var all map[dbus.ObjectPath]map[string]map[string]dbus.Variant
	// To observe must not start the service.
	call := conn.Object(networkName, networkPath).CallWithContext(ctx, allObjects, dbus.FlagNoAutoStart)
	if err := call.Store(&all); err != nil {
		return nil, err
	}
	out := map[fact.Untrusted]*fact.Metering{}
	for _, object := range all {
		name, metered := metering(object[deviceName])
		if metered != nil && name != "" && len(out) < maxMetered {
			out[name] = metered
		}
	}
	return out, nil
}

// metering reads the properties of a device: the interface that has its addresses,
// and whether that is metered, or nil.
func metering(props map[string]dbus.Variant) (fact.Untrusted, *fact.Metering) {
	var name, ip string
	var value uint32
	for key, dest := range map[string]any{"Interface": &name, "IpInterface": &ip, "Metered": &value} {
		if v, ok := props[key]; ok && v.Store(dest) != nil {
			return "", nil
		}
	}
	if ip != "" {
		name = ip // A modem's control port is another one.
	}
	if value != meteredYes && value != meteredGuessYes {
		return fact.Untrusted(name), nil
	}
	return fact.Untrusted(name), &fact.Metering{Name: fact.Untrusted(name), Guessed: value == meteredGuessYes}
}
