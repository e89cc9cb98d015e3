package fold

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// The parts of the way that can be seen to work while another fails.
const (
	partGateway = iota
	partGateway6
	partDNS
	partIPv4
	partIPv6
	partHTTP
	parts
)

// partWords are the words of the parts, partNames what people call them.
var (
	partWords = [parts]string{"gateway", "gateway", "dns", "ipv4", "ipv6", "http"}
	partNames = [parts]string{"the gateway", "the gateway", "DNS", "IPv4", "IPv6", "HTTP"}
)

// observeWorks notes what answers now to probes sent since the trouble began:
// earlier answers say nothing about it. Once all targets were looked at, only
// the one of which something was observed says anything new.
func (t *trouble) observeWorks(s *state.State, target *state.TargetState) {
	switch {
	case t.Note():
	case !t.looked:
		for _, x := range s.AllTargets() {
			t.observeTarget(s, x)
		}
		t.looked = true
	case target != nil:
		t.observeTarget(s, target)
	}
}

// try notes whether a target was asked since the trouble began, and did not answer.
// Without a path there is nothing to ask.
func (t *trouble) try(x *state.TargetState) {
	if t.tried == nil {
		t.tried, t.untried = map[string]bool{}, map[string]bool{}
	}
	if t.faults[0].finding == nil || x.Bad >= t.began.Mono-workMargin {
		t.tried[x.ID] = true
		delete(t.untried, x.ID)
	}
	if !t.tried[x.ID] {
		t.untried[x.ID] = true
	}
}

func (t *trouble) observeTarget(s *state.State, x *state.TargetState) {
	if x.Role == fact.RoleStandby {
		t.observeStandby(s, x)
		return
	}
	i := workPart(x)
	if i >= 0 {
		t.try(x)
		since, back := t.back(x.Family)
		t.again[i] = back && (t.again[i] || x.Lost == 0 && x.AnsweredSince(since) != 0)
	}
	switch {
	case i < 0:
	case x.Lost > 0 && x.Lost >= x.Enough() && i <= partDNS:
		t.failed[i] = true
	case t.worked[i] == 0 && x.Lost == 0 && x.Captive == nil && s.Mono-x.Heard < x.StaleAfter():
		t.worked[i] = x.AnsweredSince(t.began.Mono + workMargin)
	}
}

// workMargin is how long after the begin of a trouble, and before its end, what
// answers shows that it works in spite of it: all targets are not asked at one
// instant.
const workMargin = 1500 * time.Millisecond

// seen are the parts that worked, of a trouble that ended or goes on at an
// instant.
func (t *trouble) seen(end time.Duration) (out [parts]bool) {
	for i, at := range t.worked {
		out[i] = at != 0 && at+workMargin <= end && !t.failed[i]
	}
	if t.Root.Family == 0 && (t.failed[partGateway] || t.failed[partGateway6]) {
		// One that works does not make up for the other.
		out[partGateway], out[partGateway6] = false, false
	}
	for i, family := range fact.Families {
		_, back := t.back(family)
		out[partIPv4+i] = out[partIPv4+i] || back && t.again[partIPv4+i]
	}
	return out
}

// workPart is the part of the way that a target stands for, or -1.
func workPart(t *state.TargetState) int {
	switch {
	case t.Role == fact.RoleGateway && t.Family == fact.IPv6:
		return partGateway6
	case t.Role == fact.RoleGateway:
		return partGateway
	case t.Role == fact.RoleResolver && !t.Addr.IsLoopback():
		return partDNS
	case t.Role == fact.RoleInternet && t.Family == fact.IPv4:
		return partIPv4
	case t.Role == fact.RoleInternet && t.Family == fact.IPv6:
		return partIPv6
	case t.Role == fact.RolePortal:
		return partHTTP
	}
	return -1
}

// besides reports whether a part is not what a root is about. What is slow or
// lossy on the link itself is so for everything, and the gateway of one family
// says nothing about the other.
func besides(r *path.Root, part int) bool {
	partly := r.What == path.Loss || r.What == path.Latency
	switch {
	case partly && r.Leg == path.LegGateway:
		return false
	case partly && r.Leg == path.LegInternet && (part == partIPv4 && r.Family != fact.IPv6 || part == partIPv6 && r.Family != fact.IPv4):
		return false
	}
	switch part {
	case partHTTP:
		// A page says something where nothing else came from the internet.
		return r.Leg == path.LegInternet && r.Family == 0
	case partDNS:
		return r.Leg != path.LegDNS
	case partGateway:
		return r.Leg != path.LegGateway && r.Family != fact.IPv6
	case partGateway6:
		return r.Leg != path.LegGateway && r.Family != fact.IPv4
	}
	return true
}

// back returns since when a family has its path again that was lost at the root of the
// trouble, which goes on, and whether it has.
func (t *trouble) back(family fact.Family) (since time.Duration, back bool) {
	for _, f := range t.faults {
		if f.key.family != family || !t.lostPath(f) {
			continue
		}
		if !f.over {
			return 0, false
		}
		since = max(since, f.until.Mono)
	}
	return since, since != 0 && t.state == troubleOn
}

// lostPath reports whether a fault is a path that was lost at the root of the trouble.
func (t *trouble) lostPath(f *fault) bool {
	return f.key.path && !f.weak && !f.note && f.Leg == t.Root.Leg
}

// mends reports whether the trouble goes on, and a path that was lost is back or on its
// way: its root is not what it was any more.
func (t *trouble) mends() bool {
	return t.state == troubleOn && slices.ContainsFunc(t.faults, func(f *fault) bool {
		return t.lostPath(f) && (f.over || f.passed.at.Mono != 0)
	})
}
