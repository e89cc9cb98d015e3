package fold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// aCrowd is a machine with links links that have no address, known since an
// hour ago.
func aCrowd(t *testing.T, links int) *lab {
	l := newLab(t, path.DefaultSettings())
	for i := range links {
		l.put(facttest.LabLink(i+2, fmt.Sprintf("v%d", i), true, true))
	}
	l.put(&fact.Sync{Source: "kernel"})
	l.wait(time.Hour)
	l.events = nil
	return l
}

// TestCrowdIsSeenTogether: where thousands of links change within an instant,
// what it costs grows with the links, not with the links times the changes; and
// what each of them is in the end is seen.
func TestCrowdIsSeenTogether(t *testing.T) {
	const links = 500
	l := aCrowd(t, links)
	evaluated := 0
	var last *path.Evaluation
	for i := range links {
		l.put(facttest.LabLink(i+2, fmt.Sprintf("v%d", i), true, false))
		l.wait(time.Microsecond)
		if l.fold.eval != last {
			evaluated, last = evaluated+1, l.fold.eval
		}
	}
	if evaluated > 2*crowdBurst {
		t.Errorf("%d changes within %v: got %d evaluations, want at most %d", links, links*time.Microsecond, evaluated, 2*crowdBurst)
	}
	l.wait(200 * time.Millisecond)
	for i := range links {
		scope := path.InterfaceScope(fact.Untrusted(fmt.Sprintf("v%d", i)))
		if got := l.transitions(scope, PhaseRaw); len(got) != 1 || !strings.HasSuffix(got[0], string(path.ReasonNoCarrier)) {
			t.Fatalf("%s: got transitions %q, want one to %s", scope, got, path.ReasonNoCarrier)
		}
	}
	for _, e := range l.events {
		if tr := e.Transition; tr != nil && !tr.Scope.Whole() && len(tr.Path.Interfaces) != 1 {
			t.Fatalf("transition of %s: got the path of %d interfaces, want its own", tr.Scope, len(tr.Path.Interfaces))
		}
	}
	if l.fold.quality.Unexplained != 0 {
		t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
	}
}

// TestCrowdSeesOneChangeAtOnce: what changes alone is dated by itself, however
// many links there are.
func TestCrowdSeesOneChangeAtOnce(t *testing.T) {
	l := aCrowd(t, 500)
	at := l.now
	for range 3 {
		l.put(facttest.LabLink(7, "v5", true, false))
		l.wait(time.Millisecond)
		l.put(facttest.LabLink(7, "v5", true, true))
		l.wait(time.Millisecond)
	}
	var got []time.Duration
	for _, e := range l.events {
		if e.Transition != nil && e.Transition.Scope == path.InterfaceScope("v5") && e.Transition.Phase == PhaseRaw {
			got = append(got, e.Mono-at)
		}
	}
	if len(got) != 6 || got[0] != 0 || got[1] != time.Millisecond {
		t.Errorf("three losses of 1 ms: got transitions at %v, want six, a millisecond apart", got)
	}
}

// TestVersionsAreBounded: what is kept to explain a transition does not grow
// with what happened in the last second.
func TestVersionsAreBounded(t *testing.T) {
	var v versions
	for i := range 100_000 {
		at := time.Duration(i) * 10 * time.Microsecond
		v.push(at, path.Support{{Facet: path.Facet{Layer: fact.LayerCarrier}, Value: fmt.Sprint(i)}})
		if len(v) > 2*maxVersions+1 {
			t.Fatalf("after %v: got %d versions, want at most %d", at, len(v), 2*maxVersions+1)
		}
		if got := v.newest()[0].Value; got != fmt.Sprint(i) {
			t.Fatalf("newest version: got %s, want %d", got, i)
		}
	}
	if got, want := v.before(v[len(v)-1].at)[0].Value, "0"; got != want {
		t.Errorf("version of a second ago: got %s, want %s", got, want)
	}
}
