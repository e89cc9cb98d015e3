//go:build linux

package netlab

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// BusConfig is the configuration of a bus on which everybody may do everything, but for
// the path of its socket.
const BusConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
`

// A Bus is a dbus-daemon of the test's own.
type Bus struct {
	Address string
	// Config is the file with its configuration.
	Config string

	t       testing.TB
	process *os.Process
	ended   chan struct{}
}

// NewBus starts one whose socket is in a directory.
func NewBus(t testing.TB, dir string) *Bus {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("SKIPPED: dbus-daemon is not installed: nothing about systemd-resolved is tested")
	}
	socket := filepath.Join(dir, "bus")
	b := &Bus{Address: "unix:path=" + socket, Config: filepath.Join(dir, "bus.conf"), t: t}
	if err := os.WriteFile(b.Config, fmt.Appendf(nil, BusConfig, socket), 0o644); err != nil {
		t.Fatal(err)
	}
	b.Start()
	t.Cleanup(b.Stop)
	return b
}

// Start starts the daemon and returns when it takes connections.
func (b *Bus) Start() {
	b.t.Helper()
	cmd := exec.Command("dbus-daemon", "--config-file="+b.Config, "--nofork", "--print-address")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	begun, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // It is killed when the thread ends that began it (prctl(2)).
		err := cmd.Start()
		if begun <- err; err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-begun; err != nil {
		b.t.Fatal(err)
	}
	b.process, b.ended = cmd.Process, ended
	if !bufio.NewScanner(out).Scan() {
		b.t.Fatal("dbus-daemon printed no address")
	}
}

// Stop ends the daemon.
func (b *Bus) Stop() {
	_ = b.process.Kill()
	<-b.ended
}

// Where systemd-resolved is on a bus (org.freedesktop.resolve1(5)).
const (
	resolvedName    = "org.freedesktop.resolve1"
	resolvedPath    = "/org/freedesktop/resolve1"
	resolvedManager = "org.freedesktop.resolve1.Manager"
	resolvedLink    = "org.freedesktop.resolve1.Link"
	busProperties   = "org.freedesktop.DBus.Properties"
)

// A Resolved is a stand-in for systemd-resolved on a bus.
type Resolved struct {
	conn *dbus.Conn
	mu   sync.Mutex // guards all following
	all  map[string]dbus.Variant
	err  *dbus.Error
	// preferred is whether the servers of an interface are asked for all names, for
	// those interfaces of which it is known.
	preferred map[int]bool
}

// Resolve puts the service on the bus.
func (b *Bus) Resolve(props map[string]any, preferred map[int]bool) *Resolved {
	b.t.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	r := &Resolved{conn: conn, preferred: preferred}
	r.Set(nil, props)
	err = errors.Join(
		conn.ExportMethodTable(map[string]any{"GetAll": r.properties}, resolvedPath, busProperties),
		conn.ExportSubtreeMethodTable(map[string]any{"Get": r.preference}, resolvedPath+"/link", busProperties),
	)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := conn.RequestName(resolvedName, dbus.NameFlagDoNotQueue); err != nil {
		b.t.Fatal(err)
	}
	return r
}

// properties is GetAll of org.freedesktop.DBus.Properties.
func (r *Resolved) properties(iface string) (map[string]dbus.Variant, *dbus.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if iface != resolvedManager {
		return nil, dbus.MakeFailedError(errors.New("no interface " + iface))
	}
	return r.all, r.err
}

// preference is Get of org.freedesktop.DBus.Properties, for the object of an interface,
// whose number is behind the escaped first digit.
func (r *Resolved) preference(m dbus.Message, iface, name string) (dbus.Variant, *dbus.Error) {
	at, _ := m.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	label := path.Base(string(at))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(label) > 2 && iface == resolvedLink && name == "DefaultRoute" {
		index, err := strconv.Atoi(label[2:])
		if is, known := r.preferred[index]; err == nil && known {
			return dbus.MakeVariant(is), nil
		}
	}
	return dbus.Variant{}, dbus.MakeFailedError(errors.New("no property " + name + " of " + string(at)))
}

// Set lets it answer with an error or properties from now on.
func (r *Resolved) Set(err *dbus.Error, props map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.all = err, map[string]dbus.Variant{}
	for k, v := range props {
		r.all[k] = dbus.MakeVariant(v)
	}
}

// Signal emits what newer versions emit when the servers change.
func (r *Resolved) Signal(t testing.TB) {
	t.Helper()
	err := r.conn.Emit(resolvedPath, busProperties+".PropertiesChanged", resolvedManager, map[string]dbus.Variant{}, []string{"DNS"})
	if err != nil {
		t.Fatal(err)
	}
}

// Close takes the service off the bus.
func (r *Resolved) Close() { _ = r.conn.Close() }
