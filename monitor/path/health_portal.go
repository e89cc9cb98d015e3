package path

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// portal judges the captive-portal check by its last outcome. That it can't be
// reached is no portal; what it is instead, others say.
func (e *healthEvaluator) portal() {
	for _, t := range e.targets {
		if t.Role != fact.RolePortal || e.judge(t) == state.VerdictUnknown || t.Lost > 0 {
			continue
		}
		// Where plain HTTP is rewritten and TLS is not, that is a proxy.
		if t.Captive != nil && !e.diagnosed(HTTPProxy, t.Captive.Since) {
			e.captive(t)
		} else if e.out.Portal == state.VerdictUnknown {
			e.out.Portal = state.VerdictOK
		}
	}
}

// captive takes in that somebody else answers in the name of a portal target. Where
// connections to port 443 are made, a diagnosis that is on its way may show that it
// is a proxy: until then nobody claims that it was trouble, nor that all was well
// where that was never seen.
func (e *healthEvaluator) captive(t *state.TargetState) {
	f := Finding{
		Root:  Root{What: CaptivePortal, Leg: LegPortal, Index: e.path.Index, Entity: portalName(t)},
		Since: t.Captive.Since, Before: t.Captive.Before,
		Name: "captive portal", Detail: portalDetail(t), Targets: []*state.TargetState{t},
	}
	until := t.Captive.Since + diagnosisPatience
	if c := e.state.Check(); e.now < until && e.connects() && (c == nil || c.Begun < t.Captive.Since) {
		e.wake(until)
		e.suspects = append(e.suspects, f)
		e.strange = e.strange || t.Captive.Before == 0
		return
	}
	e.out.Portal = state.VerdictDown
	e.found(f)
}

// diagnosisPatience is how long what calls for a diagnosis waits for it: one begins
// within 5 s of the one before, and where TLS is answered it takes less than one.
const diagnosisPatience = 7 * time.Second

// diagnosed reports whether the newest diagnosis of this path was made since an instant,
// and has found something.
func (e *healthEvaluator) diagnosed(what What, since time.Duration) bool {
	c := e.state.Check()
	return c != nil && c.Index == e.path.Index && c.Begun >= since &&
		slices.ContainsFunc(c.Findings, func(x fact.CheckFinding) bool { return What(x.What) == what })
}

// connects reports whether connections to somebody who stands for the internet are
// made.
func (e *healthEvaluator) connects() bool {
	return slices.ContainsFunc(e.targets, func(t *state.TargetState) bool {
		return t.Role == fact.RoleInternet && t.Method == fact.MethodTCP && t.Answered > 0 && t.Lost == 0
	})
}

// capport takes in what the API of the network's portal says: where to sign in, of a
// portal that was met, or that there is one.
func (e *healthEvaluator) capport() {
	c := e.state.Capports[e.path.Index]
	if c == nil || c.Asked == 0 || !c.Captive {
		e.portalEnds(c)
		return
	}
	detail := ""
	if c.SignIn != "" {
		detail = "sign in at " + c.SignIn.Display()
	}
	e.out.Portal = state.VerdictDown
	for i := range e.findings {
		if f := &e.findings[i]; f.Leg == LegPortal {
			f.Detail = cmp.Or(detail, f.Detail)
			return
		}
	}
	e.found(Finding{
		Root:  Root{What: CaptivePortal, Leg: LegPortal, Index: e.path.Index, Entity: "the web"},
		Since: c.Since, Checked: c.Asked, Name: "captive portal", Detail: detail,
	})
}

// endsSoon is how long before the announced end of access it is worth a note.
const endsSoon = 10 * time.Minute

// portalEnds notes that access by a portal ends soon, as the network has announced.
func (e *healthEvaluator) portalEnds(c *fact.Capport) {
	if c == nil || c.Until == 0 || e.now >= c.Until {
		return
	}
	e.wake(c.Until)
	if e.now < c.Until-endsSoon {
		e.wake(c.Until - endsSoon)
		return
	}
	e.Notes = append(e.Notes, Finding{
		Root: Root{What: PortalEnds, Leg: LegPortal, Interface: e.state.Name(c.Index), Index: c.Index},
		Note: true, Since: max(c.Since, c.Until-endsSoon), Checked: c.Asked, Name: "access by the portal", Words: "ends soon",
	})
}

// portalName is the host that the check asks for.
func portalName(t *state.TargetState) fact.Untrusted { return cmp.Or(t.Host, t.Query) }

// portalDetail is what the portal answered with.
func portalDetail(t *state.TargetState) string {
	if t.Last == nil || t.Last.Outcome != fact.OutcomePortal {
		return ""
	}
	return string(t.Last.Detail)
}

// awaitsPortal reports whether the very first look for a portal is not over though
// others have answered: behind many portals pings pass. A moment later the rest is
// believed without it.
func (e *healthEvaluator) awaitsPortal() bool {
	asked, first := false, time.Duration(0)
	for _, t := range e.targets {
		switch {
		case t.Role == fact.RolePortal && t.Last != nil:
			return false
		case t.Role == fact.RolePortal:
			asked = true
		case t.Role == fact.RoleInternet && len(t.Recent) > 0 && (first == 0 || t.Recent[0].Sent < first):
			first = t.Recent[0].Sent
		}
	}
	until := first + proofPatience
	if !asked || first == 0 || e.now >= until {
		return false
	}
	e.wake(until)
	return true
}

// enclosed takes in that the page of the portal check passes where the internet is
// silent. Where connections are tried after that and not made, that is a walled
// garden: chosen sites are let through. Before they are, it may as well be the first
// answer of an internet that is back. Where none are tried, pings are filtered.
func (e *healthEvaluator) enclosed() {
	page, passed := e.page()
	if page == nil {
		return
	}
	var tried, untried bool
	again := true
	for _, t := range e.targets {
		if t.Role == fact.RoleInternet && t.Method != fact.MethodPing {
			tried, untried = tried || t.Lost > 0, untried || t.Last == nil
			again = again && (t.Lost == 0 || t.Bad > passed)
		}
	}
	switch {
	case tried && page.Captive == nil:
		e.garden(page, again)
	case !tried && !untried && e.out.Portal == state.VerdictOK:
		e.out.Internet = state.VerdictFiltered
		e.findings = slices.DeleteFunc(e.findings, beyondGateway)
	}
}

// beyondGateway reports whether a finding is of all that is not on the link.
func beyondGateway(f Finding) bool { return f.Leg == LegInternet || f.Leg == LegTunnel }

// garden takes in a walled garden, which lets the page of a target through, if that is
// certain. One that lets it through no longer may only have lost the newest question.
func (e *healthEvaluator) garden(page *state.TargetState, certain bool) {
	f := Finding{
		Root: Root{What: WalledGarden, Leg: LegPortal, Index: e.path.Index, Entity: portalName(page)},
		Name: "walled garden",
	}
	for i := range e.findings {
		if x := &e.findings[i]; beyondGateway(*x) {
			if f.Since == 0 || x.Since < f.Since {
				f.Since, f.Before = x.Since, x.Before
			}
			f.Targets = append(f.Targets, x.Targets...)
		}
	}
	if !certain || e.out.Portal != state.VerdictOK && !e.diagnosed(WalledGarden, page.LostSince) {
		e.suspects = append(e.suspects, f)
		return
	}
	e.out.Portal = state.VerdictDown
	e.found(f)
}

// page returns the portal target whose page was answered to a question asked after
// every internet target had fallen silent, and not by way of a family that has no path
// any more, or by a diagnosis since, and when that was first known to be asked; or nil.
func (e *healthEvaluator) page() (page *state.TargetState, passed time.Duration) {
	since := e.silence(func(t *state.TargetState) bool { return t.Role == fact.RoleInternet })
	for _, t := range e.targets {
		if t.Role == fact.RoleInternet && t.Family != 0 && e.path.Family(t.Family).Status != Satisfied {
			since = max(since, t.Asked+t.Interval)
		}
	}
	diagnosed := e.diagnosed(WalledGarden, since)
	i := slices.IndexFunc(e.targets, func(t *state.TargetState) bool {
		return t.Role == fact.RolePortal && (t.Asked >= since || diagnosed)
	})
	if i < 0 {
		return nil, 0
	}
	page = e.targets[i]
	if passed = page.Asked; passed < since {
		passed = e.now
	}
	for _, x := range page.Recent {
		if !x.Lost && x.Sent >= since {
			passed = min(passed, x.Sent)
		}
	}
	if diagnosed {
		c := e.state.Check()
		passed = min(passed, c.Begun+c.Took)
	}
	return page, passed
}
