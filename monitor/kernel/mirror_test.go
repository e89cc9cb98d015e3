//go:build linux

package kernel

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

func TestInterruptedDumpIsRepeatedAndNotSwept(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.turn(0, message(unix.RTM_NEWROUTE, unix.NLM_F_CREATE, routeBody("192.0.2.0/24", 0, gateway("10.0.0.1"))))
	r.turn(0, message(rtmNewNetconf, 0, netconfBody()))
	a := r.await(routes4)
	r.turn(0, done(a, unix.NLM_F_DUMP_INTR))
	if r.routes() != 1 {
		t.Fatalf("%d routes after an interrupted dump, want the one that was known", r.routes())
	}
	a = r.await(routes4)
	r.turn(0, done(a, 0))
	if r.routes() != 0 {
		t.Errorf("%d routes after a clean dump of none", r.routes())
	}
}

func TestRuleDumpsOfSeveralPartsMustAgree(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.turn(0, message(unix.RTM_NEWRULE, 0, ruleBody(10)), message(unix.RTM_NEWRULE, 0, ruleBody(20)))
	r.begin()
	r.m.wantNow(1 << rules4)
	r.turn(0)
	// The kernel skips rule 20 between two parts.
	a := r.await(rules4)
	r.turn(0, reply(a, unix.RTM_NEWRULE, unix.NLM_F_MULTI, ruleBody(10)), done(a, 0))
	if len(r.state.Rules) != 2 {
		t.Fatalf("%d rules after a dump that nothing confirms, want 2", len(r.state.Rules))
	}
	whole := func(a ask) {
		r.turn(0, reply(a, unix.RTM_NEWRULE, unix.NLM_F_MULTI, ruleBody(10)),
			reply(a, unix.RTM_NEWRULE, unix.NLM_F_MULTI, ruleBody(20)), done(a, 0))
	}
	whole(r.await(rules4))
	whole(r.await(rules4))
	if _, again := r.take(); again || len(r.state.Rules) != 2 {
		t.Errorf("%d rules, asked again: %v; want 2 and rest after two equal dumps", len(r.state.Rules), again)
	}
}

func TestClonedRoutesAreNotMirrored(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody("192.0.2.1/32", unix.RTM_F_CLONED, gateway("10.0.0.1"))))
	r.begin()
	r.m.wantNow(1 << routes4)
	r.turn(0)
	a := r.await(routes4)
	r.turn(0, reply(a, unix.RTM_NEWROUTE, unix.NLM_F_MULTI, routeBody("192.0.2.1/32", unix.RTM_F_CLONED)), done(a, 0))
	if r.routes() != 0 {
		t.Errorf("%d routes, want no cache entries", r.routes())
	}
}

func TestNotificationsDuringADump(t *testing.T) {
	r := newRig(t)
	r.sync()
	old, fresh := routeBody("192.0.2.0/24", 0, gateway("10.0.0.1")), routeBody("198.51.100.0/24", 0, gateway("10.0.0.1"))
	r.turn(0, message(unix.RTM_NEWROUTE, 0, old))
	r.begin()
	r.m.wantNow(1 << routes4)
	r.turn(0)
	a := r.await(routes4)
	// A new route is announced after its place in the dump has passed; the
	// end of another is announced before the kernel takes it out.
	r.turn(0, message(unix.RTM_NEWROUTE, 0, fresh), message(unix.RTM_DELROUTE, 0, old))
	r.turn(0, reply(a, unix.RTM_NEWROUTE, unix.NLM_F_MULTI, old), done(a, 0))
	if r.routes() != 2 {
		t.Fatalf("%d routes, want the new one and the ghost", r.routes())
	}
	a = r.await(routes4)
	r.turn(0, reply(a, unix.RTM_NEWROUTE, unix.NLM_F_MULTI, fresh), done(a, 0))
	if r.routes() != 1 {
		t.Errorf("%d routes, want the ghost laid by a second dump", r.routes())
	}
}

func TestUndecodableMessageCostsItself(t *testing.T) {
	r := newRig(t)
	r.sync()
	bad := routeBody("192.0.2.0/24", 0)
	bad[1] = 99 // a prefix of 99 bits
	good := message(unix.RTM_NEWROUTE, 0, routeBody("198.51.100.0/24", 0, gateway("10.0.0.1")))
	r.turn(time.Second, append(message(unix.RTM_NEWROUTE, 0, bad), good...), message(unix.RTM_NEWLINK, 0, nil))
	if r.routes() != 1 {
		t.Errorf("%d routes, want the good one", r.routes())
	}
	var gaps []*fact.Gap
	for _, o := range r.log {
		if g, ok := o.Fact.(*fact.Gap); ok {
			gaps = append(gaps, g)
		}
	}
	if len(gaps) != 1 || gaps[0].Reason != fact.GapUndecodable || gaps[0].Count != 2 {
		t.Fatalf("gaps %+v, want one of two undecodable messages", gaps)
	}
	r.await(routes6) // everything is read again
}

func TestForeignSequenceNumbersAreNotifications(t *testing.T) {
	r := newRig(t)
	a, ok := r.take()
	if !ok {
		t.Fatal("no dump was asked for")
	}
	b := message(unix.RTM_NEWROUTE, 0, routeBody("192.0.2.0/24", 0, gateway("10.0.0.1")))
	binary.NativeEndian.PutUint32(b[8:], a.Seq)
	binary.NativeEndian.PutUint32(b[12:], rigPort+1)
	r.turn(0, b)
	if r.routes() != 1 {
		t.Errorf("%d routes, want that of another process's change", r.routes())
	}
}

func TestStalledDumpBreaksTheSocket(t *testing.T) {
	r := newRig(t)
	r.turn(dumpPatience)
	if r.m.broken == "" {
		t.Error("a dump without an end did not break the socket")
	}
}

func TestMissingFamilyIsAnEmptyTable(t *testing.T) {
	r := newRig(t)
	for range int(numTables) {
		a, ok := r.take()
		if !ok {
			t.Fatal("no dump was asked for")
		}
		r.turn(0, reply(a, unix.NLMSG_ERROR, 0, errnoBody(unix.EOPNOTSUPP)))
	}
	for tab, a := range r.m.agendas {
		if !a.synced {
			t.Errorf("%s never synced", table(tab))
		}
	}
}

func TestMultipathRoute6(t *testing.T) {
	r := newRig(t)
	r.sync()
	const dst = "2001:db8::/32"
	send := func(typ, flags uint16, attrs ...func(*nlwire.Request)) {
		r.turn(0, message(typ, flags, routeBody(dst, 0, attrs...)))
	}
	send(unix.RTM_NEWROUTE, unix.NLM_F_CREATE, multipathOf("fe80::1"))
	send(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_APPEND, multipathOf("fe80::2", "fe80::1"))
	if r.routes() != 1 {
		t.Fatalf("%d routes, want one of two legs: a leg that was appended is not a second route", r.routes())
	}
	oif := func(q *nlwire.Request) { q.Attr32(unix.RTA_OIF, 2) }
	send(unix.RTM_DELROUTE, 0, gateway("fe80::2"), oif)
	for row := range r.state.Routes.All() {
		if len(row.Nexthops) != 0 || row.Gateway != netip.MustParseAddr("fe80::1") {
			t.Errorf("route %+v, want the leg that is left", row)
		}
	}
	send(unix.RTM_DELROUTE, 0, gateway("fe80::1"), oif)
	if r.routes() != 0 {
		t.Errorf("%d routes, want none after the last leg", r.routes())
	}
}

func TestRouterMode(t *testing.T) {
	r := newRig(t)
	r.sync()
	add := func(i byte) {
		r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody(netip.PrefixFrom(netip.AddrFrom4([4]byte{20, i, 0, 0}), 24).String(), 0)))
	}
	r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody("0.0.0.0/0", 0, gateway("10.0.0.1"))))
	for i := range byte(20) {
		add(i)
	}
	if !r.m.narrow || r.routes() != 1 || r.state.Notices["router_mode"] == nil {
		t.Fatalf("narrow %v, %d routes, notice %v; want the default route only, and told", r.m.narrow, r.routes(), r.state.Notices)
	}
	r.begin()
	r.m.wantNow(setRoutes)
	r.turn(0)
	dump := r.await(routes4)
	r.turn(0, reply(dump, unix.RTM_NEWROUTE, unix.NLM_F_MULTI, routeBody("0.0.0.0/0", 0, gateway("10.0.0.1"))), done(dump, 0))
	if r.m.narrow || r.state.Notices["router_mode"] != nil {
		t.Error("still narrow although the kernel has one route")
	}
}

func TestLookupAnswers(t *testing.T) {
	q := fact.Question{Family: fact.IPv4, Dst: netip.MustParseAddr("1.1.1.1"), OIF: 2}
	found := routeMessage{Route: fact.Route{
		Type: fact.RouteUnicast, Table: 254, Index: 2,
		Gateway: netip.MustParseAddr("10.0.0.1"), PrefSrc: netip.MustParseAddr("10.0.0.7"),
	}}
	matched := routeMessage{Route: fact.Route{Dst: netip.MustParsePrefix("0.0.0.0/0"), Metric: 100, MTU: 1400, Flags: fact.RouteLinkdown}}
	onLink := routeMessage{Route: fact.Route{Type: fact.RouteUnicast, Index: 2}}
	blocked := routeMessage{Route: fact.Route{Type: fact.RouteProhibit, Table: 254}}
	for _, tt := range []struct {
		name         string
		plain, match lookupAnswer
		want         fact.Lookup
	}{
		{"found", lookupAnswer{route: found}, lookupAnswer{route: matched}, fact.Lookup{
			Question: q, Type: fact.RouteUnicast,
			Table: 254, Index: 2, Gateway: found.Gateway, Source: found.PrefSrc, Match: matched.Dst, Metric: 100, MTU: 1400, Flags: fact.RouteLinkdown,
		}},
		{"no-route", lookupAnswer{errno: unix.ENETUNREACH}, lookupAnswer{errno: unix.ENETUNREACH}, fact.Lookup{Question: q, Err: "ENETUNREACH"}},
		{"bogus-on-link", lookupAnswer{route: onLink}, lookupAnswer{errno: unix.EHOSTUNREACH}, fact.Lookup{Question: q, Err: "ENETUNREACH"}},
		{"unreachable", lookupAnswer{errno: unix.EHOSTUNREACH}, lookupAnswer{errno: unix.EHOSTUNREACH}, fact.Lookup{Question: q, Err: "EHOSTUNREACH"}},
		{"blackhole", lookupAnswer{errno: unix.EINVAL}, lookupAnswer{errno: unix.EINVAL}, fact.Lookup{Question: q, Err: "EINVAL"}},
		{"prohibit-as-a-route", lookupAnswer{route: blocked}, lookupAnswer{route: matched}, fact.Lookup{
			Question: q, Err: "EACCES",
			Type: fact.RouteProhibit, Table: 254, Match: matched.Dst, Metric: 100, MTU: 1400, Flags: fact.RouteLinkdown,
		}},
		{"no-such-link", lookupAnswer{errno: unix.ENODEV}, lookupAnswer{errno: unix.ENODEV}, fact.Lookup{Question: q, Err: "ENETUNREACH"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pendingLookup{Question: q, plain: tt.plain, match: tt.match}
			if got := p.lookup(); *got != tt.want {
				t.Errorf("got %+v\nwant %+v", *got, tt.want)
			}
		})
	}
}

func TestLostLookupAnswersAreAskedForAgain(t *testing.T) {
	r := newRig(t)
	for range int(numTables) {
		a, _ := r.take()
		r.turn(0, done(a, 0))
	}
	r.asked = nil
	r.turn(2 * time.Millisecond)
	first := len(r.asked)
	r.asked = nil
	r.turn(lookupPatience)
	r.turn(2 * time.Millisecond)
	if len(r.asked) < first || first == 0 {
		t.Errorf("%d requests after the patience is over, %d before", len(r.asked), first)
	}
}

func TestAuditTellsWhatItRepaired(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody("192.0.2.0/24", 0, gateway("10.0.0.1"))))
	r.turn(r.m.opt.Audit)
	for range 40 {
		if a, ok := r.take(); ok {
			r.turn(0, done(a, 0))
		} else {
			r.turn(5 * time.Millisecond)
		}
	}
	var found *fact.Gap
	for _, o := range r.log {
		if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == fact.GapAudit {
			found = g
		}
	}
	if found == nil || found.Count != 1 || !strings.Contains(string(found.Text), "1 in IPv4 routes") {
		t.Errorf("audit told %+v, want one repaired IPv4 route", found)
	}
	if last := r.log[len(r.log)-2]; r.routes() != 0 || last.Via != fact.ViaAudit {
		t.Errorf("%d routes, last %+v; want the route gone by audit", r.routes(), last)
	}
}

// TestNameServersAreLookedUp asks about the servers that another source
// configures, with their interface, and again when a route covers one.
func TestNameServersAreLookedUp(t *testing.T) {
	r := newRig(t)
	r.sync()
	server := netip.MustParseAddr("192.0.2.53")
	r.state.Apply(fact.Observation{Op: fact.Put, Fact: &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{
		{Addr: server},
		{Addr: netip.MustParseAddr("127.0.0.53")},
		{Addr: netip.MustParseAddr("fe80::53%eth0"), Index: 2},
		{Addr: netip.MustParseAddr("fe80::54%eth0")},
	}}})
	asked := func() map[netip.Addr]int {
		r.asked = nil
		for range 12 {
			r.turn(time.Millisecond)
		}
		got := map[netip.Addr]int{}
		var answers [][]byte
		for _, a := range r.asked {
			var m routeMessage
			if _, err := decodeRoute(a.Body, &m); a.Type == unix.RTM_GETROUTE && err == nil {
				got[m.Dst.Addr()] = m.Index
				answers = append(answers, reply(a, unix.NLMSG_ERROR, 0, errnoBody(unix.ENETUNREACH)))
			}
		}
		r.turn(0, answers...)
		return got
	}
	got := asked()
	if index, ok := got[server]; !ok || index != 0 {
		t.Errorf("asked about %v, want %s", got, server)
	}
	if got[netip.MustParseAddr("fe80::53")] != 2 {
		t.Errorf("asked about %v, want fe80::53 by link 2", got)
	}
	for _, never := range []string{"127.0.0.53", "fe80::54"} {
		if _, ok := got[netip.MustParseAddr(never)]; ok {
			t.Errorf("asked about %s", never)
		}
	}
	r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody("198.51.100.0/24", 0, gateway("10.0.0.1"))))
	if got := asked(); len(got) > 0 {
		t.Errorf("asked about %v although no answer can have changed", got)
	}
	r.turn(0, message(unix.RTM_NEWROUTE, 0, routeBody("192.0.2.0/24", 0, gateway("10.0.0.1"))))
	if got := asked(); len(got) == 0 {
		t.Error("a route to the name server was not looked up")
	}
}

// TestAddressTwins replaces an IPv6 address whose prefix length changed: it
// exists once on a link.
func TestAddressTwins(t *testing.T) {
	r := newRig(t)
	r.sync()
	body := func(bits byte) []byte {
		q := nlwire.Request{Datagram: []byte{unix.AF_INET6, bits, 0x80, 0, 2, 0, 0, 0}}
		q.Attr(unix.IFA_ADDRESS, netip.MustParseAddr("2001:db8::1").AsSlice())
		return q.Datagram
	}
	r.turn(0, message(unix.RTM_NEWADDR, 0, body(64)), message(unix.RTM_NEWADDR, 0, body(128)))
	if len(r.state.Addresses) != 1 {
		t.Errorf("%d addresses, want one", len(r.state.Addresses))
	}
}

// TestPollsAfterALink checks that the carrier in use is asked for while the
// kernel may hold back what it knows of it, and that nothing wakes up after that.
func TestPollsAfterALink(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.begin()
	r.m.put(links, fact.ViaDump, &fact.Link{Index: 2, Name: "eth0", Flags: fact.FlagUp | fact.FlagLowerUp})
	q := fact.Question{Family: fact.IPv4, Dst: netip.MustParseAddr("1.1.1.1")}
	r.m.observe(fact.Put, fact.ViaDump, &fact.Lookup{Question: q, Type: fact.RouteUnicast, Index: 2})
	polls := func(pass time.Duration) (n int) {
		for end := r.now + pass; r.now < end; {
			r.asked = nil
			r.turn(50 * time.Millisecond)
			for _, a := range r.asked {
				if a.Type == unix.RTM_GETLINK && binary.NativeEndian.Uint32(a.Body[4:]) == 2 {
					n++
				}
			}
		}
		return n
	}
	polls(3 * time.Second)
	if n := polls(20 * time.Second); n > 0 {
		t.Errorf("asked %d times although no link was heard of", n)
	}
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], 9)
	r.turn(0, message(unix.RTM_NEWLINK, 0, body))
	if n := polls(3 * time.Second); n < 7 {
		t.Errorf("asked %d times in the two seconds after another link, want 8", n)
	}
	if n := polls(10 * time.Second); n > 0 {
		t.Errorf("asked %d times later", n)
	}
}
