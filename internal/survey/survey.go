package survey

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/checkup"
	"flapscope/probes/stalled"
)

// When a diagnosis is made. One sends 65 kB at most, mostly 20.
const (
	// attachAfter is how long after a path is settled the network is looked at:
	// its first probes know the way by then.
	attachAfter = 2 * time.Second
	// leastApart is the least time between two diagnoses, one takes up to four seconds,
	// and apartExpensive that where traffic costs money.
	leastApart     = 5 * time.Second
	apartExpensive = 10 * time.Minute
	// againFirst is how long after one that found something it is looked whether
	// that is still so, twice as long each time, and againLast the most.
	againFirst = 30 * time.Second
	againLast  = 10 * time.Minute
	// doubtFor is how long after trouble what is doubtful of a name server is asked
	// again: dnsmasq gives up on a question after ten seconds.
	doubtFor = 15 * time.Second
	// mostAnHour bounds the diagnoses of one hour, whatever happens.
	mostAnHour = 20
	// sameNetwork is how long a network that was looked at is known.
	sameNetwork = time.Hour
)

// A Survey listens to a monitor and is a source of it. Make one with New.
type Survey struct {
	config   checkup.Config
	settings path.Settings
	// every is how long after a diagnosis that found nothing there is another one.
	every time.Duration
	// now is CLOCK_BOOTTIME.
	now    func() time.Duration
	wanted chan fact.CheckTrigger
	// attached is the network that was looked at last; asked are the incidents that
	// were looked into. They belong to the monitor's lock.
	attached   network
	attachedAt time.Duration
	asked      int
	// queued is when packets were last seen to wait in this machine.
	queued time.Duration
	// The rest belongs to Run.
	last  *fact.Check
	made  []time.Duration
	again time.Duration
	// troubled is when a diagnosis was made in trouble last, or 0.
	troubled time.Duration
	// secured is the network where TLS was made last.
	secured network
}

// A network is where a path goes out.
type network struct {
	index    int
	gateways [2]netip.Addr
}

// networkOf returns that of a path.
func networkOf(p *path.Path) network {
	return network{p.Index, [2]netip.Addr{p.IPv4.Gateway, p.IPv6.Gateway}}
}

// New returns a survey that asks as a configuration says, and again every so often
// where nothing is found; now reads CLOCK_BOOTTIME.
func New(c checkup.Config, set path.Settings, every time.Duration, now func() time.Duration) *Survey {
	return &Survey{config: c, settings: set, every: every, now: now, wanted: make(chan fact.CheckTrigger, 1)}
}

// Observed implements fold.Listener.
func (s *Survey) Observed(o fact.Observation, st *state.State) {
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		switch {
		case s.suspicious(o.Mono, f, st):
			s.want(fact.CheckTrouble)
		case reconnects(f, st):
			s.want(fact.CheckAgain)
		}
	case *fact.Translator:
		if o.Op == fact.Put && st.Translators[f.Index] == nil {
			s.want(fact.CheckAttached)
		}
	case *fact.Resolvers:
		if old := st.Resolvers[f.Source]; old != nil && (len(old.Servers) == 0) != (len(f.Servers) == 0) {
			s.want(fact.CheckAttached) // What is written anew may be empty for a moment.
		}
	}
}

// Brief implements fold.Briefed: it needs no tables.
func (*Survey) Brief() bool { return true }

// Happened implements fold.Listener.
func (s *Survey) Happened(e fold.Event, _ func() *fold.Snapshot) {
	switch {
	case e.Transition != nil && e.Transition.Scope == path.ScopeMachine && e.Transition.Phase == fold.PhaseSettled && e.Transition.To == path.Satisfied:
		on := networkOf(e.Transition.Path)
		if s.attached == on && e.Mono-s.attachedAt < sameNetwork {
			return
		}
		s.attached, s.attachedAt = on, e.Mono
		s.want(fact.CheckAttached)
	case e.Incident != nil && e.Incident.Phase == fold.PhaseOpen && !e.Incident.Note() && e.Incident.ID > s.asked:
		s.asked = e.Incident.ID
		s.want(fact.CheckTrouble)
	}
}

// want asks for a diagnosis, unless one is wanted already.
func (s *Survey) want(t fact.CheckTrigger) {
	select {
	case s.wanted <- t:
	default:
	}
}

// Run implements state.Source.
func (s *Survey) Run(ctx context.Context, h state.Host) error {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		trigger := fact.CheckAgain
		select {
		case <-ctx.Done():
			return nil
		case trigger = <-s.wanted:
		case <-timer.C:
		}
		if !wait(ctx, s.delay(trigger)) {
			return nil
		}
		if s.may(trigger, h) {
			s.check(ctx, h, trigger)
		}
		timer.Stop()
		if s.again != 0 {
			timer.Reset(s.again)
		}
	}
}

// delay is how long a diagnosis waits: until probes know the way, or until the one
// before is over for long enough. An incident has no second beginning to look at, and
// no second end.
func (s *Survey) delay(trigger fact.CheckTrigger) time.Duration {
	switch {
	case trigger == fact.CheckAttached:
		return attachAfter
	case len(s.made) > 0:
		return s.made[len(s.made)-1] + leastApart - s.now()
	}
	return 0
}

// wait waits, and reports whether it was not interrupted.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// may reports whether there may be one more diagnosis now.
func (s *Survey) may(trigger fact.CheckTrigger, h state.Host) bool {
	now := s.now()
	apart := leastApart
	h.Update(func(st *state.State, _ fact.Emit) {
		if p := path.Evaluate(st, s.settings, st.Mono).Path; p.Expensive {
			apart = apartExpensive
		}
	})
	if apart == apartExpensive && trigger != fact.CheckTrouble {
		return false
	}
	s.made = slices.DeleteFunc(s.made, func(at time.Duration) bool { return now-at > time.Hour })
	if n := len(s.made); n >= mostAnHour || n > 0 && now-s.made[n-1] < apart && trigger != fact.CheckAttached {
		return false
	}
	s.made = append(s.made, now)
	return true
}

// check makes one diagnosis, and reports it.
func (s *Survey) check(ctx context.Context, h state.Host, trigger fact.CheckTrigger) {
	conf := s.config
	conf.Look = func(fn func(*state.State)) { h.Update(func(st *state.State, _ fact.Emit) { fn(st) }) }
	var scope checkup.Scope
	var on network
	satisfied := false
	conf.Look(func(st *state.State) {
		p := path.Evaluate(st, s.settings, st.Mono).Path
		if satisfied = p.Status == path.Satisfied; s.settings.Interface != "" {
			scope = checkup.NewScope(st, p, p.Index, conf.Name())
		} else {
			scope = checkup.NewScope(st, p, 0, conf.Name())
		}
		on = networkOf(p)
	})
	if !satisfied {
		return // The tables say it all.
	}
	out := &fact.Check{Trigger: trigger, Begun: s.now(), Index: on.index}
	evidence, stats := checkup.Run(ctx, conf, scope)
	if ctx.Err() != nil {
		return
	}
	var report verdict.Report
	verdict.Judge(evidence, &report)
	out.Took, out.Bytes = stats.Took, stats.Bytes
	out.State, out.Text = string(report.State), fact.Untrusted(report.Text())
	if slices.ContainsFunc(report.Legs, func(l verdict.Leg) bool { return l.Name == verdict.LegTLS && l.State == verdict.LegOK }) {
		s.secured = on
	}
	if out.Findings = s.findings(&report, on, out.Begun); !report.Explained() {
		out.Findings = append(out.Findings, s.hidden(on.index)...)
	}
	if trigger == fact.CheckTrouble {
		out.Evidence = lines(&report, &stats)
		all := stalled.List()
		conf.Look(func(st *state.State) { out.Evidence = append(out.Evidence, connections(st, all)...) })
	}
	doubtful := s.doubts(out)
	if s.plan(out); doubtful {
		s.again = doubtFor
	}
	s.last = out
	h.Update(func(_ *state.State, emit fact.Emit) { emit(fact.Observation{Op: fact.Put, Fact: out}) })
}

// findings are those of a report on a network that nothing but a diagnosis makes.
func (s *Survey) findings(r *verdict.Report, on network, begun time.Duration) (all []fact.CheckFinding) {
	add := func(f *verdict.Finding, note bool) {
		// Probes find a walled garden too, later.
		if f.What == "" || !f.OnlyChecked() && f.What != verdict.WalledGarden {
			return
		}
		x := fact.CheckFinding{
			What: string(f.What), Leg: string(f.Leg), Family: f.Family, Index: f.Index, Note: note,
			Detail: fact.Untrusted(f.Detail()), Since: begun,
		}
		switch f.What {
		case verdict.ResolverLies, path.ResolverFailed, path.Latency:
			x.Addr = f.Addr
		case verdict.HTTPSBlocked:
			if f.Why == verdict.WhyCut || f.Why == verdict.WhyNotTLS {
				x.Family = 0 // TLS is asked for in one.
				// Where it was never made nothing broke: this may be how the network is.
				x.Note = note || s.secured != on
			}
		case verdict.TranslatedIPv4, verdict.TranslatorSilent: // It is of IPv4.
		case verdict.CertificateInvalid:
			x.Addr, x.Family = f.Addr, 0
		default:
			x.Family = 0 // Who says so is of some family; it holds for both.
		}
		s.date(&x)
		all = append(all, x)
	}
	add(&r.Root, false)
	if r.Explained() {
		for i := range r.Notes {
			add(&r.Notes[i], true)
		}
	}
	return all
}

// hidden are the findings that a diagnosis which found other trouble says nothing of:
// those of the one before on the same interface, since what hides them does not end
// them. A walled garden hides the others itself.
func (s *Survey) hidden(index int) []fact.CheckFinding {
	if s.last == nil || s.last.Index != index {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.last.Findings), func(x fact.CheckFinding) bool { return x.What == string(verdict.WalledGarden) })
}

// date says since when a finding is made, by the diagnosis before.
func (s *Survey) date(x *fact.CheckFinding) {
	if s.last == nil {
		return
	}
	x.Before = s.last.Begun
	for _, old := range s.last.Findings {
		if old.What == x.What && old.Addr == x.Addr && old.Index == x.Index && old.Note == x.Note {
			x.Since, x.Before = old.Since, old.Before
		}
	}
}

// doubts reports whether a diagnosis is made in trouble, or so soon after that it is
// doubtful, and leaves out what is.
func (s *Survey) doubts(c *fact.Check) bool {
	if c.Trigger == fact.CheckTrouble {
		s.troubled = c.Begun
	}
	return s.troubled != 0 && c.Begun-s.troubled < doubtFor && doubt(c)
}

// doubt leaves out of a diagnosis that was made in trouble, or soon after, that a name
// server fails or is slow, which is new, and reports whether that was so. One that
// forwards waits for a question that was lost on its way, and gives nobody else who
// asks the same an answer until it gives up.
func doubt(c *fact.Check) bool {
	n := len(c.Findings)
	c.Findings = slices.DeleteFunc(slices.Clone(c.Findings), func(x fact.CheckFinding) bool {
		return (x.What == string(path.ResolverFailed) || x.What == string(path.Latency)) && x.Since == c.Begun
	})
	return len(c.Findings) < n
}

// plan says when to look again: soon after something was found or there was trouble,
// later and later while it stays, and now and then where all is well, since a network
// that is watched for days may begin to lie.
func (s *Survey) plan(c *fact.Check) {
	switch {
	case len(c.Findings) == 0:
		s.again = s.every
	case s.last == nil || len(s.last.Findings) == 0 || c.Trigger != fact.CheckAgain:
		s.again = againFirst
	default:
		s.again = min(2*s.again, againLast)
	}
}
