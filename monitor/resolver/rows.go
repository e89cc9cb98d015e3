package resolver

import (
	"context"
	"maps"
	"time"

	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"

	"github.com/godbus/dbus/v5"
)

const (
	// pollRows is how often daemons are asked without a hint, retryRows how often
	// the bus is looked for where there is none, and restRows the time between a
	// hint and the question: NetworkManager signals each scan of a device, and a
	// daemon that starts takes its name before it can answer.
	pollRows  = 2 * time.Minute
	retryRows = 30 * time.Second
	restRows  = time.Second
)

// rows is a source of facts, by name, that are read from daemons on the bus after
// each hint that they changed. It needs no privilege and starts no service.
type rows[T comparable, F interface {
	*T
	fact.Fact
}] struct {
	address           string
	poll, retry, rest time.Duration
	// hints are the signals after which to read again.
	hints [][]dbus.MatchOption
	read  func(context.Context, *dbus.Conn) (map[fact.Untrusted]F, error)
	// told are those that were reported last.
	told map[fact.Untrusted]F
}

// Run implements state.Source. It never fails: without a bus there are no rows.
func (r *rows[T, F]) Run(ctx context.Context, h state.Host) (err error) {
	defer crash.Recover(&err)
	reconnect(ctx, r.retry, func(ctx context.Context) { r.follow(ctx, h) }, func() { r.report(h, nil) })
	return nil
}

// follow reads after every hint until the connection is lost.
func (r *rows[T, F]) follow(ctx context.Context, h state.Host) {
	conn, err := connect(ctx, r.address)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, hint := range r.hints {
		if conn.AddMatchSignalContext(ctx, hint...) != nil {
			return
		}
	}
	poll := time.NewTicker(r.poll)
	defer poll.Stop()
	for {
		// A failed question is no sign of other rows.
		if now, err := r.read(ctx, conn); err == nil || absent(err) {
			r.report(h, now)
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
		case <-time.After(r.rest):
		}
		for len(signals) > 0 {
			<-signals
		}
	}
}

// report emits what of the rows now differs from those that were reported before.
func (r *rows[T, F]) report(h state.Host, now map[fact.Untrusted]F) {
	if maps.EqualFunc(r.told, now, func(a, b F) bool { return *a == *b }) {
		return
	}
	h.Update(func(_ *state.State, emit fact.Emit) {
		for name, old := range r.told {
			if now[name] == nil {
				emit(fact.Observation{Op: fact.Delete, Fact: old})
			}
		}
		for name, next := range now {
			if old := r.told[name]; old == nil || *old != *next {
				emit(fact.Observation{Op: fact.Put, Fact: next})
			}
		}
	})
	r.told = now
}

// ownerOf hints at a service that starts or ends.
func ownerOf(service string) []dbus.MatchOption {
	return []dbus.MatchOption{
		dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service),
	}
}
