//go:build linux

package wireless

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/boottime"
	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// Options are the settings of a Source; New completes the zero value.
type Options struct {
	// Calm is how often the stations are looked at while nobody watches and
	// nothing is wrong; five seconds if zero.
	Calm time.Duration
	// Watched is whether somebody looks, or a recording is made: every second then.
	Watched bool
}

// The pace at which stations are looked at.
const (
	calmPace  = 5 * time.Second
	closePace = time.Second
	// absentPace is how often a machine without Wi-Fi is asked again: an adapter
	// may be plugged in, and its driver loaded.
	absentPace = 10 * time.Second
	// idlePace is how often nothing is looked at, while nothing is associated.
	idlePace = time.Minute
)

// A Source observes the Wi-Fi of the network namespace of the thread that calls
// Run. It implements state.Source.
type Source struct{ opt Options }

// New returns a source with the given options.
func New(opt Options) *Source {
	if opt.Calm == 0 {
		opt.Calm = calmPace
	}
	return &Source{opt}
}

// Run observes until ctx ends, then returns nil. Wi-Fi that can't be observed is
// no reason to end everything else: it is told as a notice.
func (s *Source) Run(ctx context.Context, h state.Host) error {
	w := newWatch()
	for ctx.Err() == nil {
		err := s.session(ctx, h, w)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errOverrun):
			s.overrun(h)
			continue
		case !errors.Is(err, errNoRadio):
			h.Update(func(_ *state.State, emit fact.Emit) {
				emit(fact.Observation{Op: fact.Put, Fact: &fact.Notice{
					Key: "wifi", Text: fact.Untrusted(fmt.Sprintf("Wi-Fi is not observed: %v", err)),
				}})
			})
		}
		select {
		case <-ctx.Done():
		case <-time.After(absentPace):
		}
	}
	return nil
}

// overrun says that events were lost; everything is read again after it.
func (s *Source) overrun(h state.Host) {
	now := boottime.Now()
	h.Update(func(_ *state.State, emit fact.Emit) {
		emit(fact.Observation{Op: fact.Put, Fact: &fact.Gap{
			Reason: fact.GapOverrun, Source: "wifi", From: now, To: now,
			Text: "the kernel dropped events of the radio: the receive buffer was full",
		}})
	})
}

// A session is the life of one pair of sockets.
type session struct {
	*watch
	opt         Options
	host        state.Host
	events, ask *socket
	// next is when the stations are looked at next.
	next time.Duration
	// wall is the wall clock at the instant now.
	wall time.Time
	// found collects what is emitted until the turn is over.
	found []fact.Observation
}

// session reads from a pair of sockets until one fails, or ctx ends.
func (s *Source) session(ctx context.Context, h state.Host, w *watch) error {
	c := &session{watch: w, opt: s.opt, host: h}
	if err := c.open(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, c.close)
	defer func() {
		if stop() {
			c.close()
		}
	}()
	w.look, w.emit = c.lookAt, c.collect
	if err := c.settle(ctx); err != nil {
		return err
	}
	if err := c.readAll(); err != nil {
		return err
	}
	for {
		if err := c.turn(); err != nil {
			return err
		}
	}
}

func (c *session) open() (err error) {
	if c.ask, err = openSocket(); err != nil {
		return err
	}
	groups, err := c.ask.find()
	if err != nil {
		c.ask.close()
		return err
	}
	if c.events, err = openSocket(); err != nil {
		c.ask.close()
		return err
	}
	c.events.family = c.ask.family
	if err := c.events.join(groups); err != nil {
		c.close()
		return err
	}
	return nil
}

func (c *session) close() {
	c.events.close()
	c.ask.close()
}

// settle waits until the links are known that the radios are of.
func (c *session) settle(ctx context.Context) error {
	const pause = 20 * time.Millisecond
	for synced := false; !synced; {
		c.host.Update(func(s *state.State, _ fact.Emit) { synced = s.Synced["kernel"] })
		if synced {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return nil
}

// readAll reads how everything is: at the start, and after events were lost.
func (c *session) readAll() error {
	c.stamp()
	var devices []device
	if err := c.ask.dump(unix.NL80211_CMD_GET_INTERFACE, 0, func(attrs []byte) {
		devices = append(devices, decodeDevice(attrs))
	}); err != nil {
		return err
	}
	for _, d := range devices {
		c.device(d, c.cell(d), fact.ViaDump)
	}
	c.listen()
	c.flush()
	return nil
}

// lookAt asks for an interface and its access point.
func (c *session) lookAt(index int) (d device, a cell) {
	// What can't be asked is not known: the interface may be gone already.
	_ = c.ask.dump(unix.NL80211_CMD_GET_INTERFACE, 0, func(attrs []byte) {
		if x := decodeDevice(attrs); x.index == index {
			d = x
		}
	})
	if d.index == 0 {
		return d, a
	}
	return d, c.cell(d)
}

// cell asks for the access point that an interface is associated with.
func (c *session) cell(d device) (found cell) {
	if d.iftype != unix.NL80211_IFTYPE_STATION {
		return found
	}
	_ = c.ask.dump(unix.NL80211_CMD_GET_SCAN, d.index, func(attrs []byte) {
		if x := decodeCell(attrs); x.associated {
			found = x
		}
	})
	return found
}

// turn waits for an event or for the time to look at the stations.
func (c *session) turn() error {
	b, err := c.events.read(time.Now().Add(max(0, c.next-boottime.Now())))
	c.stamp()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		if err = c.stations(); err == nil {
			c.airtimes()
		}
	case err != nil:
		return err
	default:
		for m, err := range nlwire.Messages(b) {
			if err != nil {
				break
			}
			command, attrs, ok := generic(m.Body)
			if ok && m.Port == 0 && m.Type == c.events.family {
				e := decodeEvent(command, attrs)
				c.event(&e)
			}
		}
		c.listen()
		c.next = min(c.next, c.now+c.pace())
	}
	c.flush()
	return err
}

// stations looks at the station of each interface that is associated.
func (c *session) stations() error {
	for _, r := range c.radios {
		if !r.associated {
			continue
		}
		var found bool
		err := c.ask.dump(unix.NL80211_CMD_GET_STATION, r.index, func(attrs []byte) {
			bssid, s := decodeStation(attrs)
			if r.known(bssid, &s) {
				found = true
				c.take(r, s)
			}
		})
		if errors.Is(err, unix.ENODEV) {
			continue
		}
		if err != nil {
			return err
		}
		switch missed := r.missed; {
		case found:
			r.missed = false
		case !missed:
			// The driver removes the station before it says why.
			r.missed = true
		default:
			// The end of this association was lost, and perhaps the beginning of
			// another one.
			d, a := c.lookAt(r.index)
			c.end(r, &fact.Wifi{Event: fact.WifiDisconnected}, fact.ViaDump)
			c.device(d, a, fact.ViaDump)
		}
	}
	c.next = c.now + c.pace()
	return nil
}

// pace is how long to wait until the stations are looked at again.
func (c *session) pace() time.Duration {
	associated := false
	for _, r := range c.radios {
		associated = associated || r.associated
	}
	switch {
	case !associated:
		return idlePace
	case c.opt.Watched || c.now < c.trouble:
		return closePace
	}
	return c.opt.Calm
}

// stamp reads both clocks at once. What is found in a turn has that time, also what
// the kernel is asked for milliseconds later: a wall clock that was read then would
// look like a step, which a recording can't hold in a line of samples.
func (c *session) stamp() { c.now, c.wall = boottime.Now(), time.Now() }

// collect keeps what was found until flush: the host's lock is not held while the
// kernel is asked. A sample is stamped in whole milliseconds, since more
// digits would say nothing and take as much room as its numbers.
func (c *session) collect(via fact.Via, op fact.Op, f fact.Fact) {
	o := fact.Observation{Time: c.wall, Mono: c.now, Via: via, Op: op, Fact: f}
	if _, ok := f.(fact.Sampled); ok {
		rest := o.Mono % time.Millisecond
		o.Time, o.Mono = o.Time.Add(-rest), o.Mono-rest
	}
	c.found = append(c.found, o)
}

func (c *session) flush() {
	if len(c.found) == 0 {
		return
	}
	c.host.Update(func(_ *state.State, emit fact.Emit) {
		for _, o := range c.found {
			emit(o)
		}
	})
	c.found = c.found[:0]
}
