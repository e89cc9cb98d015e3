package probes

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

const (
	// lookEvery is how often the state is looked at for changes of what to
	// probe, at the most: a new gateway is pinged that long after its route, and
	// a storm of routes costs four looks a second.
	lookEvery = 250 * time.Millisecond
	// lookAnyway is how often it is looked at when no fact of interest was heard
	// of: some things follow from time alone.
	lookAnyway = 5 * time.Second
	// lookFirst is how often it is looked at until the kernel's tables are
	// known: a status command waits for the first answers.
	lookFirst = 20 * time.Millisecond
	// blindAfter: whoever wakes up this much too late was not running, since
	// the machine was suspended or the process stopped. What was in flight then
	// may have been answered to nobody.
	blindAfter = 500 * time.Millisecond
	// modeEvery is how often it is tried anew how to ping, since the sysctl may
	// change.
	modeEvery = time.Minute
	// usageEvery is how often the use of the budget is observed.
	usageEvery = 10 * time.Second
)

// noticePing is the key of the notice that nothing can be pinged.
const noticePing = "ping"

// A Runner probes. It is a state.Source.
type Runner struct {
	planner  planner
	probers  map[fact.Method]Prober
	disabled bool
	// boot reads CLOCK_BOOTTIME, mode tries how to ping.
	boot func() time.Duration
	mode func() (string, error)
	// news says that what to probe may have changed, asked that somebody wants to
	// know how all targets do.
	news, asked chan struct{}
}

// New returns a Runner. The error is that of a target in c, and says what is
// wrong with it.
func New(c Config) (*Runner, error) {
	fixed, err := c.fixed()
	if err != nil {
		return nil, err
	}
	return &Runner{
		planner:  planner{config: c, fixed: fixed, query: c.query()},
		probers:  probers(c.Portal),
		disabled: c.Disabled,
		boot:     bootTime,
		mode:     PingMode,
		news:     make(chan struct{}, 1),
		asked:    make(chan struct{}, 1),
	}, nil
}

// Hurry asks all targets now, within the budget, but for those that were asked
// within the last second. It may be called from any goroutine.
func (r *Runner) Hurry() {
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

// Follow implements state.Follower: what is probed depends on where packets go,
// and on who is asked for names.
func (r *Runner) Follow(f fact.Fact) {
	switch f.(type) {
	case *fact.Lookup, *fact.Link, *fact.Resolvers, *fact.Metering, *fact.Sync:
		select {
		case r.news <- struct{}{}:
		default:
		}
	}
}

// Run probes what the state of h calls for until ctx ends, and then waits for
// the probes in flight. It never fails.
func (r *Runner) Run(ctx context.Context, h state.Host) error {
	if r.disabled {
		<-ctx.Done()
		return nil
	}
	x := run{
		Runner: r, host: h, inbox: newInbox(),
		schedule: schedule{entries: map[string]*entry{}, unrest: r.boot()},
	}
	x.starter, _ = r.probers[fact.MethodPing].(Starter)
	defer r.close()
	defer x.flying.Wait()
	wake := time.NewTimer(0)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wake.C:
			x.noteBlind(r.boot())
		case <-r.news:
			x.noteBlind(r.boot())
			x.look = min(x.look, roundUp(x.looked+1, lookEvery))
		case <-r.asked:
			x.noteBlind(r.boot())
			x.schedule.hurry(r.boot(), hurryLeast, func(*fact.Target) bool { return true })
		case <-x.inbox.some:
			x.noteBlind(r.boot())
		}
		x.receive()
		next := x.turn(ctx)
		x.hold(next)
		wake.Reset(next - r.boot())
	}
}

// close closes what probers have open. They open it again when it is needed.
func (r *Runner) close() {
	for _, p := range r.probers {
		if c, ok := p.(io.Closer); ok {
			c.Close()
		}
	}
}

// A run is one Run of a Runner. Its fields belong to the goroutine of Run.
type run struct {
	*Runner
	host     state.Host
	schedule schedule
	// starter pings without goroutines, if it can be done, and held is whether its
	// answers wait for the next turn.
	starter Starter
	held    bool
	// inbox is where results come in, and taken holds those that did.
	inbox *inbox
	taken []result
	// flying are the probes with a goroutine, pending those without, by their
	// deadlines.
	flying  sync.WaitGroup
	pending []*pending

	// wake is when the loop means to wake up.
	wake time.Duration
	// blind is the end of the last stretch in which the loop did not run.
	blind time.Duration
	// look, try and report are when the state is looked at, pinging is tried and
	// usage is reported the next time.
	look, try, report time.Duration
	// looked is when the state was looked at last.
	looked      time.Duration
	synced      bool
	pingMode    string
	pingTrouble string
	usage       fact.ProbeUsage
}

// turn does what is due and returns when to wake up for the next turn.
func (x *run) turn(ctx context.Context) time.Duration {
	now := x.boot()
	if x.look <= now {
		x.looked, x.look = now, roundUp(now+1, lookAnyway)
		x.update(now)
	}
	for _, t := range x.schedule.due(now) {
		if !x.start(now, t) {
			x.flying.Add(1)
			go x.probe(ctx, t)
		}
	}
	// Whoever else held the state up is no reason to think that this process
	// did not run.
	next := x.schedule.next(x.look)
	if len(x.pending) > 0 {
		next = min(next, x.pending[0].deadline)
	}
	x.wake = max(next, x.boot())
	if x.synced {
		x.wake = roundUp(x.wake, slot)
	}
	return x.wake
}

// noteBlind notes that the loop did not run, if it did not.
func (x *run) noteBlind(now time.Duration) {
	if x.wake != 0 && now-x.wake > blindAfter {
		x.blind = now
	}
}

// update brings targets, notices and usage in line with the state.
func (x *run) update(now time.Duration) {
	notice := x.tryPing(now)
	x.host.Update(func(s *state.State, emit fact.Emit) {
		if notice != nil {
			emit(*notice)
		}
		if !s.Synced["kernel"] {
			x.look = now + lookFirst
			return
		}
		x.synced = true
		x.schedule.update(now, x.planner.plan(s, x.pingMode, x.calm(now, s)), emit)
		if x.schedule.calm && x.schedule.unrest == now {
			// The way changed.
			x.schedule.update(now, x.planner.plan(s, x.pingMode, false), emit)
		}
		x.emitUsage(now, emit)
	})
}

// calm reports whether nothing has been amiss for long enough to probe less.
func (x *run) calm(now time.Duration, s *state.State) bool {
	for _, t := range s.Targets {
		if t.Health() && (t.Slow != nil || t.Captive != nil) {
			x.schedule.unrest = now
		}
	}
	after := x.planner.config.Calm.After
	return after > 0 && now-x.schedule.unrest >= after
}

// tryPing finds out how to ping, now and then, and returns a notice when the
// answer changed.
func (x *run) tryPing(now time.Duration) *fact.Observation {
	if now < x.try {
		return nil
	}
	x.try = now + modeEvery
	mode, err := x.mode()
	trouble := ""
	if err != nil {
		trouble = fmt.Sprintf("no ICMP permission (%v): nothing can be pinged; run `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"` "+
			"or `setcap cap_net_raw+ep` on the program", err)
	}
	if mode == x.pingMode && trouble == x.pingTrouble {
		return nil
	}
	op := fact.Put
	if trouble == "" {
		op = fact.Delete
	}
	had := x.pingTrouble
	x.pingMode, x.pingTrouble = mode, trouble
	if trouble == "" && had == "" {
		return nil
	}
	return &fact.Observation{Op: op, Fact: &fact.Notice{Key: noticePing, Text: fact.Untrusted(trouble)}}
}

// tellUsage observes what the last minute cost.
func (x *run) emitUsage(now time.Duration, emit fact.Emit) {
	if now < x.report {
		return
	}
	x.report = now + usageEvery
	spent, limit := x.schedule.ledger.spent(now), x.schedule.limit
	u := fact.ProbeUsage{Packets: spent.Packets, Bytes: spent.Bytes, MaxPackets: limit.Packets, MaxBytes: limit.Bytes}
	if u != x.usage {
		x.usage = u
		emit(fact.Observation{Op: fact.Put, Fact: &u})
	}
}

// receive takes in what came back.
func (x *run) receive() {
	if x.held {
		x.starter.Collect()
	}
	x.taken = x.inbox.take(x.taken)
	x.finished(x.taken)
	x.giveUp(x.boot())
}

// hold lets answers wait until the next turn, if that is soon: where many are
// asked there is one in each slot, and who wakes up for each answer beside that
// does so for nothing.
func (x *run) hold(next time.Duration) {
	if x.starter == nil {
		return
	}
	soon := next-x.boot() <= slot
	if !soon && x.held {
		x.starter.Collect()
	}
	if soon != x.held {
		x.held = soon
		x.starter.Hold(soon)
	}
}

// start sends a probe, if that takes no goroutine.
func (x *run) start(now time.Duration, t *fact.Target) bool {
	if x.starter == nil || t.Method != fact.MethodPing {
		return false
	}
	w := &pending{target: t, sent: x.boot(), deadline: now + timeout(t.Method, x.planner.config.Timeout)}
	flight, ok := x.starter.Start(t, func(r fact.ProbeResult) {
		r.Target, r.Sent = t.ID, w.sent
		x.inbox.put(result{t, r, w})
	})
	if flight != nil {
		w.flight = flight
		x.pending = append(x.pending, w)
	}
	return ok
}

// giveUp ends the wait of those whose time is over. Only pings wait here, and
// all for the same time, so that the first that was sent is the first to end. An
// answer that has come and was not read, since this process did not run, is no
// silence.
func (x *run) giveUp(now time.Duration) {
	if len(x.pending) > 0 && x.pending[0].flight != nil && x.pending[0].deadline <= now {
		x.starter.Collect()
	}
	for len(x.pending) > 0 && (x.pending[0].flight == nil || x.pending[0].deadline <= now) {
		w := x.pending[0]
		x.pending[0] = nil
		x.pending = x.pending[1:]
		if w.flight == nil {
			continue
		}
		if r, ok := w.flight.GiveUp(); ok {
			r.Target, r.Sent = w.target.ID, w.sent
			x.inbox.put(result{w.target, r, w})
		}
	}
}

// probe carries out one probe in a goroutine of its own.
func (x *run) probe(ctx context.Context, t *fact.Target) {
	defer x.flying.Done()
	sent := x.boot()
	limited, cancel := context.WithTimeout(ctx, timeout(t.Method, x.planner.config.Timeout))
	defer cancel()
	r := survive(limited, x.probers[t.Method], t)
	r.Target, r.Sent = t.ID, sent
	if ctx.Err() == nil {
		x.inbox.put(result{target: t, ProbeResult: r})
	}
}

// survive turns a panic of a prober into no data, in which everybody sees it:
// what a stranger's answer does to a library must not end the watch of this
// machine, nor leave its terminal raw.
func survive(ctx context.Context, p Prober, t *fact.Target) (r fact.ProbeResult) {
	defer func() {
		if v := recover(); v != nil {
			r = fact.ProbeResult{Outcome: fact.OutcomeNoData, Detail: fact.Untrusted(fmt.Sprintf("bug: %v", v))}
		}
	}()
	return p.Probe(ctx, t)
}

// finished observes results.
func (x *run) finished(results []result) {
	if len(results) == 0 {
		return
	}
	now := x.boot()
	kept := results[:0]
	for i := range results {
		if x.finish(now, &results[i]) {
			kept = append(kept, results[i])
		}
	}
	if x.schedule.calm {
		x.look = now // Is it still? Results are rare then.
	}
	x.host.Update(func(s *state.State, emit fact.Emit) {
		for i := range kept {
			r := kept[i].ProbeResult
			if r.By == fact.RefuserRouter && isGateway(s, r.From) {
				r.By = fact.RefuserGateway
			}
			emit(fact.Observation{Op: fact.Put, Fact: &r})
		}
	})
}

// finish takes in the end of a probe, and reports whether there is something to
// observe. A probe that was in flight while this process did not run says
// nothing, whatever it says; nor does one that was not answered because its path
// went away, which is reported already.
func (x *run) finish(now time.Duration, r *result) bool {
	if r.Outcome == "" || r.Outcome == fact.OutcomeLate {
		return x.after(r)
	}
	switch {
	case r.Sent < x.blind:
		r.ProbeResult = fact.ProbeResult{Target: r.Target, Sent: r.Sent, Outcome: fact.OutcomeNoData, Detail: "suspended or stopped"}
	case x.schedule.parked(r.Target) && !r.target.Answered(r.Outcome):
		r.Outcome, r.Detail = fact.OutcomeNoData, "path is gone"
	}
	x.schedule.differs(&r.ProbeResult)
	x.schedule.done(now, r.Target, r.Outcome)
	if r.pending != nil {
		r.pending.flight = nil
	}
	return true
}

// after takes in what came after the end of a probe. What was in flight while
// this process did not run was never lost, so that it is not late either.
func (x *run) after(r *result) bool {
	e := x.schedule.entries[r.Target]
	if e == nil || r.Sent < x.blind {
		return false
	}
	if r.Outcome == "" {
		e.duplicates += r.Duplicates
		return false
	}
	x.schedule.differs(&r.ProbeResult)
	return true
}

// isGateway reports whether a is a next hop to anywhere.
func isGateway(s *state.State, a netip.Addr) bool {
	for _, l := range s.Lookups {
		if l.Gateway.WithZone("") == a {
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
