package resolver

import (
	"context"
	"slices"

	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

// A managerService is a daemon that may run, and where on the bus its version is
// asked for.
type managerService struct {
	name, service string
	// from is the service that knows the version, path and interface where in it;
	// without them the daemon says nothing of its version.
	from, path, iface string
	// info is a method that returns it among others; without one it is a property.
	info string
}

const systemdService = "org.freedesktop.systemd1"

// managerServices are the daemons that are known. The parts of systemd have one
// version, which its first process knows. wpa_supplicant and ConnMan have no property
// for theirs.
var managerServices = []managerService{
	{"NetworkManager", networkName, networkName, "/org/freedesktop/NetworkManager", networkName, ""},
	{"systemd-networkd", "org.freedesktop.network1", systemdService, "/org/freedesktop/systemd1", systemdService + ".Manager", ""},
	{"systemd-resolved", resolvedName, systemdService, "/org/freedesktop/systemd1", systemdService + ".Manager", ""},
	{"ModemManager", "org.freedesktop.ModemManager1", "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1", "org.freedesktop.ModemManager1", ""},
	{"iwd", "net.connman.iwd", "net.connman.iwd", "/net/connman/iwd", "net.connman.iwd.Daemon", "GetInfo"},
	{"wpa_supplicant", "fi.w1.wpa_supplicant1", "", "", "", ""},
	{"ConnMan", "net.connman", "", "", "", ""},
}

// maxVersion bounds what is kept of a version.
const maxVersion = 64

// Managers is a source that finds out which daemons configure this machine, and of
// which version they are: the first thing that their maintainers ask.
type Managers struct {
	rows[fact.Manager, *fact.Manager]
}

// NewManagers returns one that asks over the bus at an address, or the system bus.
func NewManagers(address string) *Managers {
	m := &Managers{rows[fact.Manager, *fact.Manager]{
		address: address, poll: pollRows, retry: retryRows, rest: restRows,
		read: managers,
	}}
	for _, s := range managerServices {
		m.hints = append(m.hints, ownerOf(s.service))
	}
	return m
}

// managers asks which of the daemons run, and for their versions.
func managers(ctx context.Context, conn *dbus.Conn) (map[fact.Untrusted]*fact.Manager, error) {
	list, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	var names []string
	if err := conn.BusObject().CallWithContext(list, "org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		return nil, err
	}
	out := map[fact.Untrusted]*fact.Manager{}
	for _, s := range managerServices {
		if slices.Contains(names, s.service) {
			out[fact.Untrusted(s.name)] = &fact.Manager{Name: fact.Untrusted(s.name), Version: s.version(ctx, conn)}
		}
	}
	return out, nil
}

// version asks for the version of a daemon that runs, or returns "".
func (s *managerService) version(ctx context.Context, conn *dbus.Conn) fact.Untrusted {
	if s.from == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	object := conn.Object(s.from, dbus.ObjectPath(s.path))
	var v dbus.Variant
	if s.info == "" {
		call := object.CallWithContext(ctx, propertiesBus+".Get", dbus.FlagNoAutoStart, s.iface, "Version")
		if call.Store(&v) != nil {
			return ""
		}
	} else {
		all := map[string]dbus.Variant{}
		if object.CallWithContext(ctx, s.iface+"."+s.info, dbus.FlagNoAutoStart).Store(&all) != nil {
			return ""
		}
		v = all["Version"]
	}
	// Not Store, which makes a string of a number.
	text, _ := v.Value().(string)
	return fact.Untrusted(text[:min(len(text), maxVersion)])
}
