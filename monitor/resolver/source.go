package resolver

import (
	"cmp"
	"context"
	"slices"
	"time"

	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

const (
	// DefaultPath is the file that the C library reads.
	DefaultPath = "/etc/resolv.conf"

	sourceFile     = "resolv.conf"
	sourceResolved = "resolved"

	// pollFile and pollBus are how often each is read without a hint, and
	// retryBus how often a missing bus is looked for: one failing connect(2).
	pollFile = 5 * time.Second
	pollBus  = 30 * time.Second
	retryBus = 5 * time.Second
	// settle is how long hints are collected before reading: a writer that
	// does not rename truncates first and then writes.
	settle = 50 * time.Millisecond
	// busPatience bounds how long the first Sync waits for the bus, which
	// answers within a millisecond or is stuck.
	busPatience = 500 * time.Millisecond
)

// Options say what to observe. The zero Options observe this machine.
type Options struct {
	// Path is the file to read instead of DefaultPath.
	Path string
	// BusAddress is a D-Bus address to use instead of the system bus.
	BusAddress string
	// RuntimeDir is where systemd-resolved keeps the files that it generates,
	// instead of /run/systemd/resolve. A change in there is a hint.
	RuntimeDir string
}

// A Source observes the configured name servers. It emits a fact.Resolvers
// for "resolv.conf", one for "resolved" while systemd-resolved runs, and after
// the first look at both a fact.Sync for "resolver". It implements
// state.Source and needs no privilege.
type Source struct {
	opts                        Options
	pollFile, pollBus, retryBus time.Duration
}

// New returns a Source.
func New(o Options) *Source {
	o.Path = cmp.Or(o.Path, DefaultPath)
	o.RuntimeDir = cmp.Or(o.RuntimeDir, "/run/systemd/resolve")
	return &Source{opts: o, pollFile: pollFile, pollBus: pollBus, retryBus: retryBus}
}

// Run implements state.Source. It never fails: what can't be read is reported as
// an observation.
func (s *Source) Run(ctx context.Context, h state.Host) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	file := fileWatch{
		path: s.opts.Path, poll: s.pollFile,
		out: &publisher{host: h, source: sourceFile}, watch: newWatch(),
	}
	defer file.watch.close()
	bus := busWatch{
		address: s.opts.BusAddress, dir: s.opts.RuntimeDir, poll: s.pollBus, retry: s.retryBus,
		out: &publisher{host: h, source: sourceResolved}, looked: make(chan struct{}),
	}
	ended := make(chan error, 1)
	go func() {
		err := bus.survive(ctx)
		if err != nil {
			cancel()
		}
		ended <- err
	}()
	defer func() {
		cancel()
		err = <-ended
	}()
	file.look()
	select {
	case <-bus.looked:
	case <-time.After(busPatience):
	case <-ctx.Done():
		return nil
	}
	h.Update(func(_ *state.State, emit fact.Emit) {
		emit(fact.Observation{Op: fact.Put, Fact: &fact.Sync{Source: "resolver"}})
	})
	file.run(ctx)
	return nil
}

// survive is run with a panic as an error: in a goroutine of its own it would
// end the process.
func (b *busWatch) survive(ctx context.Context) (err error) {
	defer crash.Recover(&err)
	b.run(ctx)
	return nil
}

// A publisher reports to the host what one source configures, when it differs from
// what was reported before.
type publisher struct {
	host   state.Host
	source string
	last   *fact.Resolvers
}

// put tells r, which must not be changed afterwards.
func (t *publisher) put(r *fact.Resolvers) {
	r.Source = t.source
	if t.last != nil && same(t.last, r) {
		return
	}
	t.emit(fact.Put, r)
	t.last = r
}

// gone says that the source no longer exists.
func (t *publisher) gone() {
	if t.last == nil {
		return
	}
	t.emit(fact.Delete, t.last)
	t.last = nil
}

func (t *publisher) emit(op fact.Op, r *fact.Resolvers) {
	via := fact.ViaEvent
	if t.last == nil {
		via = fact.ViaDump
	}
	t.host.Update(func(_ *state.State, emit fact.Emit) {
		emit(fact.Observation{Op: op, Via: via, Fact: r})
	})
}

func same(a, b *fact.Resolvers) bool {
	return a.Err == b.Err && slices.Equal(a.Servers, b.Servers) && slices.Equal(a.Search, b.Search) &&
		slices.Equal(a.Domains, b.Domains) && slices.Equal(a.Aside, b.Aside)
}

// hints passes on that something may have changed, at most once per settle. The
// first hint starts the wait and later ones do not prolong it: under steady
// change a restarted timer would never fire.
type hints struct{ timer <-chan time.Time }

func (h *hints) add() {
	if h.timer == nil {
		h.timer = time.After(settle)
	}
}

func (h *hints) done() { h.timer = nil }
