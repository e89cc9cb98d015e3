package resolver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

const (
	// callPatience bounds connecting and each call: a bus whose daemon is
	// stopped accepts connections and never answers.
	callPatience = 2 * time.Second

	resolvedName  = "org.freedesktop.resolve1"
	resolvedPath  = "/org/freedesktop/resolve1"
	managerName   = "org.freedesktop.resolve1.Manager"
	linkName      = "org.freedesktop.resolve1.Link"
	propertiesAll = "org.freedesktop.DBus.Properties.GetAll"
	propertyGet   = "org.freedesktop.DBus.Properties.Get"
)

// A busWatch follows systemd-resolved over D-Bus, and waits for the bus and
// the service where there is none.
type busWatch struct {
	address string
	dir     string
	// poll is how often the service is read without a hint, retry how often a
	// connection is tried while there is none.
	poll, retry time.Duration
	out         *publisher
	// looked is closed after the first attempt to read.
	looked chan struct{}
	once   sync.Once
}

// run follows the service over one connection after another until ctx ends.
func (b *busWatch) run(ctx context.Context) {
	reconnect(ctx, b.retry, b.follow, func() {
		b.out.gone()
		b.once.Do(func() { close(b.looked) })
	})
}

// reconnect follows one connection after another until ctx ends. Between them nothing
// is there, and retry passes.
func reconnect(ctx context.Context, retry time.Duration, follow func(context.Context), gone func()) {
	for {
		follow(ctx)
		if ctx.Err() != nil {
			return
		}
		gone()
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry):
		}
	}
}

// follow reads the service after every hint until the connection is lost.
func (b *busWatch) follow(ctx context.Context) {
	conn, err := connect(ctx, b.address)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if subscribe(ctx, conn) != nil {
		return
	}
	w := newWatch()
	defer w.close()
	poll := time.NewTicker(b.poll)
	defer poll.Stop()
	var h hints
	for {
		// The directory comes and goes with the service.
		w.set([]string{b.dir})
		b.read(ctx, conn)
		b.once.Do(func() { close(b.looked) })
		for read := false; !read; {
			select {
			case <-ctx.Done():
				return
			case <-conn.Context().Done():
				return
			case _, ok := <-signals:
				if !ok {
					return
				}
				h.add()
			case <-w.events:
				h.add()
			case <-w.errors: //nolint:errcheck // Whatever was lost is read.
				h.add()
			case <-h.timer:
				h.done()
				read = true
			case <-poll.C:
				read = true
			}
		}
	}
}

// connect returns a connection to the bus at address, or to the system bus. It
// is closed when ctx ends.
func connect(ctx context.Context, address string) (*dbus.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	patience := time.AfterFunc(callPatience, cancel)
	// The default handler starts a goroutine for each signal that finds the
	// channel full, and so loses the order.
	opts := []dbus.ConnOption{
		dbus.WithContext(ctx),
		dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()),
	}
	var conn *dbus.Conn
	var err error
	if address == "" {
		conn, err = dbus.ConnectSystemBus(opts...)
	} else {
		conn, err = dbus.Connect(address, opts...)
	}
	if !patience.Stop() && err == nil {
		_ = conn.Close()
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		return nil, err
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}

// subscribe asks for everything that hints at a change: whatever the Manager
// signals (newer versions signal DNS but not Domains, older ones nothing), and
// the service starting and stopping.
func subscribe(ctx context.Context, conn *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	return errors.Join(
		conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(resolvedName), dbus.WithMatchObjectPath(resolvedPath)),
		conn.AddMatchSignalContext(ctx, ownerOf(resolvedName)...),
	)
}

// read asks the service once and says what it says.
func (b *busWatch) read(ctx context.Context, conn *dbus.Conn) {
	call, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	props, err := properties(call, conn)
	if absent(err) {
		b.out.gone()
		return
	}
	if ctx.Err() != nil || !conn.Connected() {
		return
	}
	var r *fact.Resolvers
	if err == nil {
		r, err = decode(props)
	}
	if err != nil {
		r = &fact.Resolvers{}
		if b.out.last != nil {
			// A failed question is no sign of other servers.
			*r = *b.out.last
		}
		r.Err = fact.Untrusted("systemd-resolved: " + err.Error())
		b.out.put(r)
		return
	}
	asked := map[int]bool{}
	aside(r, func(index int) (is bool, err error) {
		if is, known := asked[index]; known {
			return is, nil
		}
		if is, err = preferred(call, conn, index); err == nil {
			asked[index] = is
		}
		return is, err
	})
	if call.Err() == nil {
		b.out.put(r)
	}
}

// linkPath returns the object of an interface. A digit at the beginning of a label is
// escaped (sd_bus_path_encode(3)).
func linkPath(index int) dbus.ObjectPath {
	label := strconv.Itoa(index)
	return dbus.ObjectPath(fmt.Sprintf("%s/link/_%02x%s", resolvedPath, label[0], label[1:]))
}

// preferred reports whether the servers of an interface are asked for names that no
// domain claims.
func preferred(ctx context.Context, conn *dbus.Conn, index int) (is bool, err error) {
	c := conn.Object(resolvedName, linkPath(index)).
		CallWithContext(ctx, propertyGet, dbus.FlagNoAutoStart, linkName, "DefaultRoute")
	if c.Err != nil {
		return false, c.Err
	}
	var v dbus.Variant
	if err := c.Store(&v); err != nil {
		return false, err
	}
	return is, v.Store(&is)
}

// properties asks for the Manager's properties. The body is not stored by the
// library: that would lose the types of the values.
func properties(ctx context.Context, conn *dbus.Conn) (map[string]dbus.Variant, error) {
	// To observe must not start the service.
	c := conn.Object(resolvedName, resolvedPath).
		CallWithContext(ctx, propertiesAll, dbus.FlagNoAutoStart, managerName)
	if c.Err != nil {
		return nil, c.Err
	}
	if len(c.Body) == 1 {
		if props, ok := c.Body[0].(map[string]dbus.Variant); ok {
			return props, nil
		}
	}
	return nil, errors.New("the answer to GetAll is not a{sv}")
}

// absent reports whether err means that nobody offers the service, as opposed
// to a service that does not answer.
func absent(err error) bool {
	var e dbus.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Name {
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner":
		return true
	}
	return false
}
