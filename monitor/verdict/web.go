package verdict

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// portal judges the page of the portal check beside TLS: nobody can answer TLS
// in the name of another, and anybody can answer plain HTTP.
func (j *judge) portal() {
	v4, v6 := &j.tallies[0], &j.tallies[1]
	secure := v4.trusted|v6.trusted != 0 ||
		v4.secured|v6.secured == 0 && v4.accepted|v6.accepted != 0
	for i := range j.tallies {
		t := &j.tallies[i]
		if t.page == nil {
			continue
		}
		got := j.of(path.CaptivePortal, path.LegPortal, t.page)
		switch {
		case t.page.ok():
			j.walled(t)
		case t.page.Result == fact.OutcomePortal && !secure:
			j.portals = true
			j.found(got)
		case t.page.Result == fact.OutcomePortal:
			got.What = HTTPProxy
			j.note(got)
		case !t.alive() || t.page.Addr.IsPrivate() || t.page.silent() && j.strained(t):
			// It says nothing that the internet leg, the name server's or the queue does not.
		case t.page.Result == fact.OutcomeRefused || t.page.Result == fact.OutcomeTimeout || t.page.Result == fact.OutcomeUnreachable:
			got.What = HTTPBlocked
			j.note(got)
		case t.page.Result == fact.OutcomeBadAnswer:
			got.What = CheckServer
			j.note(got)
		}
	}
}

// walled judges a portal check that passes where nothing else does.
func (j *judge) walled(t *tally) {
	v4, v6 := &j.tallies[0], &j.tallies[1]
	if t.asked() && !v4.alive() && !v6.alive() {
		j.garden = true
		j.found(j.of(WalledGarden, path.LegPortal, t.page))
	}
}

// https judges port 443, and what is said there, at all operators together:
// trouble at one of them is its own.
func (j *judge) https() {
	for i := range j.tallies {
		t := &j.tallies[i]
		if t.pongs != 0 && t.accepted == 0 && t.promised.many(t.promised) && (t.local == nil || t.local.Why != WhyPorts) {
			j.blocked(t)
		}
	}
	var all secured
	for i := range j.tallies {
		t := &j.tallies[i]
		all.asked, all.foreign, all.invalid = all.asked|t.secured, all.foreign|t.foreign, all.invalid|t.invalid
		all.cut, all.trusted = all.cut|t.cut, all.trusted|t.trusted
	}
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		if o.Ask == Secure && o.Result != "" && !o.ok() && o.Result != fact.OutcomeNoData {
			j.insecure(o, &all)
		}
	}
}

// secured are the operators of which TLS was asked, in both families, by what
// came of it.
type secured struct{ asked, foreign, invalid, cut, trusted set }

// insecure judges TLS that did not end as it should.
func (j *judge) insecure(o *Outcome, all *secured) {
	t := &j.tallies[index(o.Family)]
	if t.accepted&(1<<o.Operator) == 0 || o.silent() && j.strained(t) {
		return // Without a connection there is no TLS.
	}
	f := j.of(HTTPSBlocked, LegTLS, o)
	switch {
	case all.foreign.many(all.asked):
		f.What = TLSIntercepted
	case o.Why == WhyClock:
		f.What, f.Took = ClockWrong, o.Skew
	case all.invalid.many(all.asked):
		f.What = CertificateInvalid
	case !all.cut.many(all.asked) || all.trusted != 0:
		f.What = OneOperator
		j.note(f)
		return
	case j.otherTLS:
		j.onlyOthers(f)
		return
	case f.Why != WhyNotTLS:
		f.Why = WhyCut // The connection was made.
	}
	j.found(f)
}

// blocked judges port 443 where pings are answered, and no connection is.
func (j *judge) blocked(t *tally) {
	o := j.first(t, Connect)
	f := j.of(HTTPSBlocked, LegTLS, o)
	f.Why = ""
	switch {
	case t.refused == t.connected:
		f.Why = WhyReset
	case t.barred == t.connected:
		f.Why = WhyProhibited
	}
	switch {
	case f.Why == "" && t.lossy():
	case j.otherTLS:
		j.onlyOthers(f)
	default:
		j.found(f)
	}
}

// onlyOthers notes that port 443 works, and not that of those who stand for the
// internet: all are name servers, which some networks block.
func (j *judge) onlyOthers(f Finding) {
	f.What, f.Leg, f.Why, f.Operator = DoHBlocked, path.LegDNS, "", ""
	j.note(f)
}

// private judges DNS over TLS at those who promise it: it is blocked where several
// take connections to port 443 and none to port 853.
func (j *judge) private() {
	for i := range j.tallies {
		t := &j.tallies[i]
		asked := t.sealed & t.accepted
		if asked.many(asked) && t.unsealed&asked == 0 && !j.strained(t) {
			f := j.of(DoTBlocked, path.LegDNS, t.seal)
			f.Family, f.Operator = 0, "" // It is asked for in one.
			j.note(f)
		}
	}
}

// clock compares ours with those of others: with one that TLS vouches for, or
// with two of different operators.
func (j *judge) clock() {
	var one, other *Outcome
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		switch {
		case !o.Dated:
		case o.Ask == Secure && o.ok():
			j.skewed(o)
			return
		case one == nil:
			one = o
		case other == nil && (o.Role != one.Role || o.Operator != one.Operator):
			other = o
		}
	}
	if one != nil && other != nil && abs(one.Skew-other.Skew) < clockNoted {
		j.skewed(one)
	}
}

func (j *judge) skewed(o *Outcome) {
	f := j.of(ClockWrong, LegTLS, o)
	f.Took = o.Skew
	switch {
	case abs(o.Skew) >= clockBad:
		j.found(f)
	case abs(o.Skew) >= clockNoted:
		f.Took = f.Took.Round(time.Second)
		j.note(f)
	}
}
