package survey

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes/checkup"
)

// TestSuspicion: connections that are lost at every operator call for a diagnosis,
// once, and so do packets that wait in this machine and a portal.
func TestSuspicion(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	st := state.NewState()
	at := time.Hour
	for _, id := range []string{"tcp:1.1.1.1:443", "tcp:8.8.8.8:443", "ping:1.1.1.1"} {
		target := &fact.Target{ID: id, Method: fact.MethodTCP, Role: fact.RoleInternet, Family: fact.IPv4}
		if id == "ping:1.1.1.1" {
			target.Method = fact.MethodPing
		}
		st.Apply(fact.Observation{Mono: at, Op: fact.Put, Fact: target})
	}
	st.Apply(fact.Observation{Mono: at, Op: fact.Put, Fact: &fact.Target{ID: "portal", Method: fact.MethodHTTP, Role: fact.RolePortal}})
	for i, tt := range []struct {
		id      string
		outcome fact.Outcome
		queue   time.Duration
		want    bool
	}{
		{"tcp:1.1.1.1:443", fact.OutcomeOK, 0, false},
		{"ping:1.1.1.1", fact.OutcomeTimeout, 0, false},
		{"tcp:1.1.1.1:443", fact.OutcomeRefused, 0, false},
		{"tcp:8.8.8.8:443", fact.OutcomeRefused, 0, true},
		{"tcp:8.8.8.8:443", fact.OutcomeRefused, 0, false},
		{"ping:1.1.1.1", fact.OutcomeOK, 300 * time.Millisecond, true},
		{"ping:1.1.1.1", fact.OutcomeOK, 300 * time.Millisecond, false},
		{"portal", fact.OutcomeOK, 0, false},
		{"portal", fact.OutcomePortal, 0, true},
		{"portal", fact.OutcomePortal, 0, false},
	} {
		at += time.Second
		o := fact.Observation{Mono: at, Op: fact.Put, Fact: &fact.ProbeResult{Target: tt.id, Outcome: tt.outcome, Sent: at, Queue: tt.queue}}
		s.Observed(o, st)
		st.Apply(o)
		got := len(s.wanted) > 0
		if got != tt.want {
			t.Errorf("%d: wants a diagnosis: %v", i, got)
		}
		for len(s.wanted) > 0 {
			<-s.wanted
		}
	}
}

// TestReconnects: a connection that is made again calls for a diagnosis where the newest
// one has found that none are, and only there.
func TestReconnects(t *testing.T) {
	const id = "tcp:1.1.1.1:443"
	for _, tt := range []struct {
		found    path.What
		before   fact.Outcome
		now      fact.Outcome
		expected bool
	}{
		{verdict.HTTPSBlocked, fact.OutcomeRefused, fact.OutcomeOK, true},
		{verdict.HTTPSBlocked, fact.OutcomeRefused, fact.OutcomeRefused, false},
		{verdict.HTTPSBlocked, fact.OutcomeRefused, fact.OutcomeNoData, false},
		{verdict.HTTPSBlocked, fact.OutcomeOK, fact.OutcomeOK, false},
		{verdict.ClockWrong, fact.OutcomeRefused, fact.OutcomeOK, false},
	} {
		s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
		st := state.NewState()
		put := func(at time.Duration, f fact.Fact) {
			o := fact.Observation{Mono: at, Op: fact.Put, Fact: f}
			s.Observed(o, st)
			st.Apply(o)
		}
		put(time.Hour, &fact.Target{ID: id, Method: fact.MethodTCP, Role: fact.RoleInternet, Family: fact.IPv4})
		put(time.Hour, &fact.ProbeResult{Target: id, Outcome: tt.before, Sent: time.Hour})
		put(time.Hour+time.Second, &fact.Check{Begun: time.Hour, Findings: []fact.CheckFinding{{What: string(tt.found)}}})
		put(time.Hour+2*time.Second, &fact.ProbeResult{Target: id, Outcome: tt.now, Sent: time.Hour + 2*time.Second})
		if got := len(s.wanted) > 0; got != tt.expected {
			t.Errorf("%s, %s after %s: wants a diagnosis: %v", tt.found, tt.now, tt.before, got)
		}
	}
}

// TestNameServersGone: that there is no name server any more calls for a diagnosis, as
// does that there is one again.
func TestNameServersGone(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	st := state.NewState()
	server := fact.Server{Addr: netip.MustParseAddr("192.0.2.1")}
	for i, tt := range []struct {
		servers []fact.Server
		want    bool
	}{{[]fact.Server{server}, false}, {nil, true}, {nil, false}, {[]fact.Server{server}, true}, {[]fact.Server{server, server}, false}} {
		o := fact.Observation{Mono: time.Hour, Op: fact.Put, Fact: &fact.Resolvers{Source: "resolv.conf", Servers: tt.servers}}
		s.Observed(o, st)
		st.Apply(o)
		if got := len(s.wanted) > 0; got != tt.want {
			t.Errorf("%d: wants a diagnosis: %v", i, got)
		}
		for len(s.wanted) > 0 {
			<-s.wanted
		}
	}
}

// TestHidden: an outage does not end what was found before it, and another network does.
func TestHidden(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	if got := s.hidden(2); got != nil {
		t.Errorf("before the first diagnosis: %v", got)
	}
	s.last = &fact.Check{Index: 2, Findings: []fact.CheckFinding{{What: "https_blocked", Since: time.Minute}}}
	if got := s.hidden(2); len(got) != 1 || got[0].Since != time.Minute {
		t.Errorf("on the same interface: %v", got)
	}
	if got := s.hidden(3); got != nil {
		t.Errorf("on another interface: %v", got)
	}
}

// TestGarden: a walled garden is found beside what it hides, and ends with the first
// diagnosis that does not find it, whatever that finds.
func TestGarden(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	garden := &verdict.Report{State: path.HealthPortal, Root: verdict.Finding{What: verdict.WalledGarden, Leg: path.LegPortal, Index: 2}}
	got := s.findings(garden, network{index: 2}, time.Minute)
	if garden.Explained() || len(got) != 1 || got[0].What != string(path.WalledGarden) || got[0].Since != time.Minute {
		t.Fatalf("found %+v", got)
	}
	s.last = &fact.Check{Index: 2, Findings: append(got, fact.CheckFinding{What: "clock_wrong"})}
	if got := s.hidden(2); len(got) != 1 || got[0].What != "clock_wrong" {
		t.Errorf("hidden: %+v", got)
	}
}

// TestSecured: TLS that is cut is trouble where it was made before, and a note on a
// network that is new, though it is reached by the same interface.
func TestSecured(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	home := network{2, [2]netip.Addr{netip.MustParseAddr("192.0.2.1")}}
	guest := network{2, [2]netip.Addr{netip.MustParseAddr("198.51.100.1")}}
	s.secured = home
	r := &verdict.Report{Root: verdict.Finding{What: verdict.HTTPSBlocked, Why: verdict.WhyCut, Index: 2}}
	for on, note := range map[network]bool{home: false, guest: true} {
		if got := s.findings(r, on, 0); len(got) != 1 || got[0].Note != note {
			t.Errorf("on %v: %+v, want one that is a note: %v", on, got, note)
		}
	}
}

// TestTroubleSoonAfter: an incident that begins right after a diagnosis is looked
// into as soon as that may be, rather than never; and no more than so many are made
// in an hour.
func TestTroubleSoonAfter(t *testing.T) {
	now := time.Hour
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return now })
	h := netlab.NewHost()
	if !s.may(fact.CheckAttached, h) {
		t.Fatal("the first one may not be made")
	}
	now += time.Second
	if s.may(fact.CheckTrouble, h) {
		t.Error("two within a second")
	}
	if d := s.delay(fact.CheckTrouble); d != leastApart-time.Second {
		t.Errorf("waits %v, want %v", d, leastApart-time.Second)
	} else if now += d; !s.may(fact.CheckTrouble, h) {
		t.Error("it may not be made after the wait")
	}
	if d := s.delay(fact.CheckAgain); d != leastApart {
		t.Errorf("another look waits %v, want %v", d, leastApart)
	}
	made := 2
	for range 100 {
		if now += leastApart; s.may(fact.CheckTrouble, h) {
			made++
		}
	}
	if made != mostAnHour {
		t.Errorf("%d are made within an hour, want %d", made, mostAnHour)
	}
	if now += time.Hour; !s.may(fact.CheckTrouble, h) {
		t.Error("none is made an hour later")
	}
}

// TestAgain: a network is looked at now and then while all is well, soon after
// something was found, and later and later while that stays.
func TestAgain(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), 2*time.Hour, func() time.Duration { return time.Hour })
	well := &fact.Check{}
	found := &fact.Check{Trigger: fact.CheckAgain, Findings: []fact.CheckFinding{{What: "clock_wrong"}}}
	// What is found in trouble may be over with it.
	inTrouble := &fact.Check{Trigger: fact.CheckTrouble, Findings: found.Findings}
	for i, step := range []struct {
		made *fact.Check
		want time.Duration
	}{
		{well, 2 * time.Hour},
		{found, againFirst},
		{found, 2 * againFirst},
		{found, 4 * againFirst},
		{inTrouble, againFirst},
		{found, 2 * againFirst},
		{well, 2 * time.Hour},
		{well, 2 * time.Hour},
		{found, againFirst},
	} {
		s.plan(step.made)
		if s.last = step.made; s.again != step.want {
			t.Errorf("after diagnosis %d: again in %v, want %v", i, s.again, step.want)
		}
	}
}

// TestDoubt: that a name server fails for one family is doubtful in the midst of
// trouble where it is new, and nothing else is.
func TestDoubt(t *testing.T) {
	const now = time.Minute
	failed, lies := fact.CheckFinding{What: "resolver_failed", Since: now}, fact.CheckFinding{What: "resolver_lies", Since: now}
	known := failed
	known.Since = time.Second
	c := &fact.Check{Begun: now, Findings: []fact.CheckFinding{failed, lies}}
	if !doubt(c) || len(c.Findings) != 1 || c.Findings[0] != lies {
		t.Errorf("left %+v", c.Findings)
	}
	if c.Findings = []fact.CheckFinding{known, lies}; doubt(c) || len(c.Findings) != 2 {
		t.Errorf("left %+v", c.Findings)
	}
}

// TestDoubtLasts: what a name server does soon after trouble is as doubtful as in it,
// whatever asks for the diagnosis.
func TestDoubtLasts(t *testing.T) {
	s := New(checkup.Config{}, path.DefaultSettings(), time.Hour, func() time.Duration { return time.Hour })
	for _, step := range []struct {
		at      time.Duration
		trigger fact.CheckTrigger
		want    bool
	}{
		{time.Minute, fact.CheckAgain, false},
		{2 * time.Minute, fact.CheckTrouble, true},
		{2*time.Minute + 5*time.Second, fact.CheckAgain, true},
		{2*time.Minute + doubtFor, fact.CheckAgain, false},
		{3 * time.Minute, fact.CheckTrouble, true},
	} {
		c := &fact.Check{Trigger: step.trigger, Begun: step.at, Findings: []fact.CheckFinding{{What: "resolver_failed", Since: step.at}}}
		if got := s.doubts(c); got != step.want || (len(c.Findings) == 0) != step.want {
			t.Errorf("%s at %v: doubtful %v, left %v", step.trigger, step.at, got, c.Findings)
		}
	}
}
