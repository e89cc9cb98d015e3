package resolver

import (
	"context"
	"time"

	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"

	"github.com/godbus/dbus/v5"
)

const (
	networkName   = "org.freedesktop.NetworkManager"
	networkPath   = "/org/freedesktop"
	deviceName    = "org.freedesktop.NetworkManager.Device"
	devicesPath   = "/org/freedesktop/NetworkManager/Devices"
	allObjects    = "org.freedesktop.DBus.ObjectManager.GetManagedObjects"
	propertiesBus = "org.freedesktop.DBus.Properties"

	// pollNetwork is how often NetworkManager is read without a hint, retryNetwork
	// how often it is looked for where there is no bus, and restNetwork the least
	// time between two readings: a device signals each of its scans.
	pollNetwork  = 2 * time.Minute
	retryNetwork = 30 * time.Second
	restNetwork  = time.Second

	// maxMetered bounds the interfaces that are taken from it.
	maxMetered = 64
)

// The values of Device.Metered (NMMetered).
const (
	meteredYes      = 1
	meteredGuessYes = 3
)

// A Metering is a source that follows which interfaces NetworkManager takes for
// metered. It needs no privilege.
type Metering struct {
	address           string
	poll, retry, rest time.Duration
	// told are those that were reported last.
	told map[fact.Untrusted]*fact.Metering
}

// NewMetering returns one that asks over the bus at an address, or the system bus.
func NewMetering(address string) *Metering {
	return &Metering{address: address, poll: pollNetwork, retry: retryNetwork, rest: restNetwork}
}

// Run implements state.Source. It never fails: without NetworkManager nothing is
// known to be metered.
func (m *Metering) Run(ctx context.Context, h state.Host) (err error) {
	defer crash.Recover(&err)
	for {
		m.follow(ctx, h)
		if ctx.Err() != nil {
			return nil
		}
		m.told = report(h, m.told, nil)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(m.retry):
		}
	}
}

// follow reads NetworkManager after every hint until the connection is lost.
func (m *Metering) follow(ctx context.Context, h state.Host) {
	conn, err := connect(ctx, m.address)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(networkName), dbus.WithMatchPathNamespace(devicesPath), dbus.WithMatchInterface(propertiesBus)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, networkName)},
	} {
		if conn.AddMatchSignalContext(ctx, match...) != nil {
			return
		}
	}
	poll := time.NewTicker(m.poll)
	defer poll.Stop()
	for {
		if now, err := devices(ctx, conn); err == nil || absent(err) {
			m.told = report(h, m.told, now)
		}
		select {
		case <-ctx.Done():
			return
		case <-conn.Context().Done():
			return
		case <-signals:
		case <-poll.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(m.rest):
		}
		for len(signals) > 0 {
			<-signals
		}
	}
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
