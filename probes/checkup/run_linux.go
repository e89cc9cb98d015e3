package checkup

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/sock"
)

// When what is done. A path of 600 ms is a satellite's; TCP sends a lost SYN
// again after one second, and the kernel gives a neighbour up after three.
const (
	// followAfter is when what is still silent is looked into.
	followAfter = 800 * time.Millisecond
	// repeatAfter is when what was lost is asked for again.
	repeatAfter = 1500 * time.Millisecond
	// lostAfter is when a ping is lost.
	lostAfter = time.Second
	// answerIn is how long a connection or a name server may take, slowIn a name server
	// that is known to be there, and resendAfter when one is asked once more.
	answerIn    = 2400 * time.Millisecond
	slowIn      = 4 * time.Second
	resendAfter = time.Second
	// unresolvedAfter is when the kernel has given up a neighbour that does not
	// answer: three solicitations, a second apart (RFC 4861 §10).
	unresolvedAfter = 3200 * time.Millisecond
	// endAfter is the end, whatever is open.
	endAfter = 4200 * time.Millisecond
	// graceful is how long what decides nothing may take longer than the rest.
	graceful = 15 * time.Millisecond
	// showEvery is how often progress is told.
	showEvery = 80 * time.Millisecond
)

// Run diagnoses a scope.
func Run(ctx context.Context, c Config, s Scope) (*verdict.Evidence, Stats) {
	ctx, cancel := context.WithTimeout(ctx, endAfter)
	r := &run{
		Config: c, scope: s, began: time.Now(), ctx: ctx, news: make(chan struct{}, 1),
		operators: c.operators(), roots: make(chan struct{}),
	}
	defer r.end(cancel)
	go r.loadRoots()
	r.first()
	r.loop()
	e := r.evidence()
	return e, Stats{Probes: r.count(), Bytes: r.cost(), Took: time.Since(r.began), Hops: r.hops()}
}

// A run is one diagnosis.
type run struct {
	Config
	scope     Scope
	ctx       context.Context
	began     time.Time
	operators []string
	news      chan struct{}
	flying    sync.WaitGroup

	// roots is closed when the certificates of this machine are read.
	roots   chan struct{}
	trusted trusted

	// pings and traces belong to the goroutine of Run.
	pings   pings
	traces  [2]trace
	stage   int
	decided time.Time

	mu    sync.Mutex // guards all following
	asks  []*ask
	bytes int
	queue time.Duration
	// names are the addresses of the check's host, by family.
	names [2]netip.Addr
}

// An ask is one question that is not a ping.
type ask struct {
	verdict.Outcome
	// vital is whether the diagnosis waits for it.
	vital bool
	done  bool
}

// start asks a question in a goroutine. It ends when fn returns, or is unknown
// when the diagnosis ends before.
func (r *run) start(o verdict.Outcome, vital bool, fn func(ctx context.Context, o *verdict.Outcome)) *ask {
	a := &ask{Outcome: o, vital: vital}
	a.Sent = 1
	r.mu.Lock()
	r.asks = append(r.asks, a)
	r.mu.Unlock()
	r.flying.Go(func() {
		got := o
		got.Sent = 1
		fn(r.ctx, &got)
		r.finish(a, got)
	})
	return a
}

// finish enters what became of a question.
func (r *run) finish(a *ask, o verdict.Outcome) {
	r.mu.Lock()
	a.Outcome, a.done = o, true
	r.mu.Unlock()
	r.tell()
}

func (r *run) tell() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// spent adds to what the diagnosis cost.
func (r *run) spent(bytes int) {
	r.mu.Lock()
	r.bytes += bytes
	r.mu.Unlock()
}

func (r *run) cost() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes + r.pings.cost()
}

func (r *run) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.pings.sent
	for _, a := range r.asks {
		n += min(1, a.Sent)
	}
	return n
}

// unasked enters a question that is not asked, since there is no way.
func (r *run) unasked(o verdict.Outcome) {
	o.Result, o.Why = fact.OutcomeNoData, verdict.WhyNoPath
	r.enter(o)
}

// unreached enters a question that can't be asked, and that everything else needs the
// answer to, unless nothing can be asked at all.
func (r *run) unreached(o verdict.Outcome) {
	if !r.online(fact.IPv4) && !r.online(fact.IPv6) {
		r.unasked(o)
		return
	}
	o.Result, o.Why, o.By = fact.OutcomeUnreachable, verdict.WhyNoRoute, fact.RefuserKernel
	r.enter(o)
}

// enter enters what became of a question without asking it.
func (r *run) enter(o verdict.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asks = append(r.asks, &ask{Outcome: o, done: true})
}

// end ends what is still asked.
func (r *run) end(cancel func()) {
	cancel()
	r.pings.close()
	r.flying.Wait()
}

// loop waits for answers, and asks further, until enough is known.
func (r *run) loop() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	shown := r.began
	for {
		if r.enough() {
			return
		}
		select {
		case <-r.ctx.Done():
			return
		case <-r.news:
		case <-r.pings.news(0):
		case <-r.pings.news(1):
		case <-tick.C:
			r.pings.tick()
		}
		if r.Progress != nil && time.Since(shown) > showEvery {
			shown = time.Now()
			r.Progress(r.evidence(), time.Since(r.began))
		}
	}
}

// enough reports whether all is known that can be, and asks what the answers so
// far call for.
func (r *run) enough() bool {
	since := time.Since(r.began)
	open, failed := r.open()
	if r.stage == 0 && open == 0 && !failed {
		return r.idle()
	}
	if r.stage == 0 && (open == 0 || since >= followAfter) {
		r.stage = 1
		r.follow()
		return false
	}
	if r.stage == 1 && since >= repeatAfter && r.pings.silent() {
		r.stage = 2
		r.pings.repeat()
		return false
	}
	if r.stage == 0 || open > 0 || !r.pings.trained() || r.waitsForTraces(since) {
		return false
	}
	return since >= unresolvedAfter || !r.unresolved()
}

// idle reports whether what decides nothing was answered too, or had the time.
func (r *run) idle() bool {
	if r.decided.IsZero() {
		r.decided = time.Now()
	}
	if time.Since(r.decided) > graceful {
		return !r.awaited()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(r.asks, func(a *ask) bool { return !a.done && a.Ask != verdict.Stray })
}

// awaited reports whether a connection for DNS over TLS is open that may still come, or
// a name server has taken one and may still answer; or one is asked for the keys of the
// root, which has its own bounds.
func (r *run) awaited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.overdue()
	return slices.ContainsFunc(r.asks, func(a *ask) bool {
		return !a.done && (a.Ask == verdict.Keys || !late && (a.Ask == verdict.Private || a.Ask == verdict.Sealed))
	})
}

// open counts the questions that are not answered yet, and reports whether an
// answer was not the wanted one.
func (r *run) open() (n int, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.asks {
		switch {
		case !a.vital:
		case !a.done:
			n++
		case a.Result != fact.OutcomeOK && a.Result != fact.OutcomeNoData, a.Why != "":
			failed = true
		}
	}
	waiting, lost := r.pings.open()
	return n + waiting, failed || lost
}

// unresolved reports whether a gateway was silent of which the kernel does not
// know yet whether it is there.
func (r *run) unresolved() bool {
	e := r.evidence()
	var v verdict.Report
	verdict.Judge(e, &v)
	for i, f := range fact.Families {
		w := &e.Ways[i]
		if w.Gateway.IsValid() && w.Neighbour == verdict.NeighbourUnknown && !v.Alive(f) && r.pings.unanswered(w.Gateway) {
			return true
		}
	}
	return false
}

// evidence is what is known so far.
func (r *run) evidence() *verdict.Evidence {
	e := &verdict.Evidence{Ways: r.scope.Ways, Operators: r.operators, Outcomes: r.pings.outcomes()}
	host, _ := r.host()
	e.Paged = host != ""
	if r.Look != nil {
		r.Look(func(s *state.State) {
			Neighbours(s, &e.Ways)
			r.pings.standBy(s, e.Outcomes)
		})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Queue = r.queue
	for _, a := range r.asks {
		o := a.Outcome
		if !a.done {
			o.Result = ""
			if o.Ask == verdict.Private && r.overdue() {
				o.Result = fact.OutcomeTimeout
			}
		}
		e.Outcomes = append(e.Outcomes, o)
	}
	return e
}

// gateway reports whether a refusal came from a next hop.
func (r *run) gateway(x *sock.Refusal) bool {
	for i := range r.scope.Ways {
		if r.scope.Ways[i].Gateway == x.Offender {
			return true
		}
	}
	return false
}

// failed puts an error into an outcome.
func (r *run) failed(o *verdict.Outcome, err error) {
	// What ends with the diagnosis was not waited for to its end, but for long.
	if r.ctx.Err() == context.DeadlineExceeded {
		o.Result = fact.OutcomeTimeout
		return
	}
	fail(o, r.gateway, err)
}
