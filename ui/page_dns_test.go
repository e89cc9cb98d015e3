package ui

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// A page without a resolver says why, each in its own words, and what is configured
// all the same.
func TestNoResolver(t *testing.T) {
	feed := sceneOf(t, "good")
	snap := *feed.Snapshot()
	snap.Resolvers = map[string]*fact.Resolvers{"resolved": {Source: "resolved", Servers: []fact.Server{{Addr: netip.MustParseAddr("198.51.100.53")}}, Search: []fact.Untrusted{"lan"}}}
	snap.Targets = nil
	p := startScope(feed, Options{}, 80, 24)
	p.snap = &snap
	f := p.frame()
	f.targets = slices.DeleteFunc(f.targets, func(r targetRow) bool { return r.Role == fact.RoleResolver })
	if v := f.dnsView(); v.why == "" || !slices.Equal(v.unasked, []string{"198.51.100.53"}) || v.search != "lan" {
		t.Errorf("%q, not asked %v, search %q", v.why, v.unasked, v.search)
	}
	for story, want := range map[string]string{"noroute": "no resolver is asked: there is no path to one", "empty": "no resolver"} {
		m := start(sceneOf(t, story), Options{}, 80, 24)
		press(t, m, "6")
		expect(t, m, want)
	}
	m := start(nothing{}, Options{}, 80, 24)
	press(t, m, "6", "down", "t")
	expect(t, m, "waiting for the kernel's first answer")
}

// Up and down choose among the resolvers alone, and the way to the chosen one is
// traced.
func TestChooseResolver(t *testing.T) {
	traced := ""
	o := Options{Trace: func(to *fact.Target, _ int) ([]string, error) { traced = to.ID; return []string{"x"}, nil }}
	m := start(sceneOf(t, "dns"), o, 120, 40)
	press(t, m, "6", "down", "down", "down")
	if want := "dns:192.0.2.54"; m.scope.target != want {
		t.Errorf("chose %q, want %q", m.scope.target, want)
	}
	press(t, m, "up", "t")
	if want := "dns:192.0.2.53"; traced != want {
		t.Errorf("traced %q, want %q", traced, want)
	}
}

// More resolvers than there is room for are counted, and the chosen one is shown.
func TestManyResolvers(t *testing.T) {
	p := startScope(sceneOf(t, "dns"), Options{Width: 10 * time.Minute}, 80, 24)
	f := p.frame()
	one := f.targets[slices.IndexFunc(f.targets, func(r targetRow) bool { return r.Role == fact.RoleResolver })]
	for i := range 20 {
		to := *one.Target
		to.ID, to.Name = to.ID+num(int64(i)), to.Name+fact.Untrusted(num(int64(i)))
		f.targets = append(f.targets, targetRow{Target: &to})
	}
	f.target = one.ID + "19"
	v := f.dnsView()
	m := start(sceneOf(t, "dns"), Options{}, 80, 24)
	a := m.grid.Area()
	a.Fill(' ', m.styles.Text)
	v.drawBlocks(a, f)
	expect(t, m, string(one.Name)+"19")
	expect(t, m, "18 more")
}
