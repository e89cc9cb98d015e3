//go:build linux

package kernel

import (
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A lab is a namespace with two uplinks, v0 and v1, whose other ends p0 and p1
// are elsewhere. Two sources watch it: the real one, and one that only follows
// notifications.
type lab struct {
	t       *testing.T
	ns, far *netlab.Namespace
	// exact and naive are the hosts of the sources.
	exact, naive *netlab.Host
}

// newLab makes a lab, without duplicate address detection, prepares it, and
// starts the sources.
func newLab(t *testing.T, prepare ...string) *lab {
	t.Helper()
	l := &lab{t: t, ns: netlab.New(t), far: netlab.New(t)}
	for _, c := range []string{"all", "default"} {
		l.ns.Sysctl(t, "ipv6/conf/"+c+"/accept_dad", "0")
		l.far.Sysctl(t, "ipv6/conf/"+c+"/accept_dad", "0")
		l.ns.Sysctl(t, "ipv6/conf/"+c+"/accept_ra", "0")
	}
	for _, n := range []string{"0", "1"} {
		l.ns.IP(t, "link add v"+n+" type veth peer name p"+n+" netns "+l.far.Name)
		l.far.IP(t, "link set p"+n+" up")
		l.ns.IP(t, "link set v"+n+" up")
		l.ns.IP(t, "addr add 10."+n+".0.7/24 dev v"+n)
		l.ns.IP(t, "-6 addr add 2001:db8:"+n+"::7/64 dev v"+n+" nodad")
	}
	for _, c := range prepare {
		l.do(c)
	}
	time.Sleep(1200 * time.Millisecond) // the kernel's linkwatch runs once a second
	opt := Options{Audit: time.Hour, LinkAudit: 500 * time.Millisecond}
	l.naive = l.ns.Start(t, naive{New(opt)})
	l.exact = l.ns.Start(t, New(opt))
	l.naive.Synced(t, sourceName)
	l.exact.Synced(t, sourceName)
	return l
}

// do carries out one step: an ip command, "far: " one at the other ends, or
// "sysctl KEY VALUE".
func (l *lab) do(step string) {
	l.t.Helper()
	if c, ok := strings.CutPrefix(step, "far: "); ok {
		l.far.IP(l.t, c)
		return
	}
	if c, ok := strings.CutPrefix(step, "sysctl "); ok {
		key, value, _ := strings.Cut(c, " ")
		l.ns.Sysctl(l.t, key, value)
		return
	}
	l.ns.IP(l.t, step)
}

// drift returns how the tables of a host differ from the kernel's.
func (l *lab) drift(h *netlab.Host) []string {
	kernel := kernelLines(l.t, l.ns)
	var d []string
	h.View(func(s *state.State, _ []fact.Observation) { d = difference(kernel, mirrorLines(s.Tables)) })
	return d
}

// agree wants the exact mirror to equal the kernel's tables twice, a second
// apart, since the linkwatch may still have something to say.
func (l *lab) agree() {
	l.t.Helper()
	var d []string
	equal := 0
	for range 12 {
		time.Sleep(1100 * time.Millisecond)
		if d = l.drift(l.exact); len(d) > 0 {
			equal = 0
			continue
		}
		if equal++; equal == 2 {
			return
		}
	}
	l.t.Fatalf("the mirror differs (- kernel, + mirror):\n%s", strings.Join(d, "\n"))
}

// TestSilent makes each change of which the kernel does not say everything.
// The mirror must equal the kernel afterwards; where a row of a table changes
// silently, the mirror that follows notifications only must not.
func TestSilent(t *testing.T) {
	const (
		v4default  = "route add default via 10.0.0.1"
		v4table    = "route add default via 10.0.0.1 table 100"
		v6default  = "-6 route add default via 2001:db8::1"
		nexthop    = "nexthop add id 5 via 10.0.0.1 dev v0"
		viaNexthop = "route add 198.51.100.0/24 nhid 5"
		multipath  = "route add default nexthop via 10.0.0.1 nexthop via 10.1.0.1"
		multipath6 = "-6 route add default nexthop via 2001:db8::1 nexthop via 2001:db8:1::1"
	)
	for _, row := range []struct {
		name    string
		prepare []string
		change  []string
		// reported is whether notifications suffice.
		told bool
	}{
		{"01-link-down", []string{v4default, v4table, v6default, nexthop, viaNexthop}, []string{"link set v0 down"}, false},
		{"02-link-up", []string{v4default, "link set v0 down"}, []string{"link set v0 up"}, true},
		{"03-carrier-lost", []string{v4default, v6default}, []string{"far: link set p0 down"}, false},
		{"03-carrier-lost-nexthop", []string{nexthop, viaNexthop}, []string{"far: link set p0 down"}, false},
		{"04-carrier-back", []string{v4default, v6default, "far: link set p0 down"}, []string{"far: link set p0 up"}, false},
		{
			"05-ignore-linkdown-ipv4",
			[]string{v4default, "far: link set p0 down"},
			[]string{"sysctl ipv4/conf/v0/ignore_routes_with_linkdown 1"},
			false,
		},
		{
			"05-ignore-linkdown-ipv6",
			[]string{v6default, "far: link set p0 down"},
			[]string{"sysctl ipv6/conf/v0/ignore_routes_with_linkdown 1"},
			false,
		},
		{"06-last-address-deleted", []string{v4default, v4table}, []string{"addr del 10.0.0.7/24 dev v0"}, false},
		{"07-preferred-source-deleted", []string{
			"addr add 10.0.0.8/24 dev v0", "route add default via 10.0.0.1 src 10.0.0.8",
			"route add default via 10.0.0.1 src 10.0.0.8 table 100",
		}, []string{"addr del 10.0.0.8/24 dev v0"}, true},
		{"08-primary-deleted", []string{"addr add 10.0.0.8/24 dev v0", v4default}, []string{"addr del 10.0.0.7/24 dev v0"}, false},
		{
			"08-primary-deleted-promoted",
			[]string{"sysctl ipv4/conf/all/promote_secondaries 1", "addr add 10.0.0.8/24 dev v0", v4default},
			[]string{"addr del 10.0.0.7/24 dev v0"},
			true,
		},
		{
			"09-link-deleted",
			[]string{v4default, v4table, nexthop, viaNexthop, "rule add iif v0 table 100 priority 50"},
			[]string{"link del v0"},
			false,
		},
		{
			"09-link-moved",
			[]string{v4default, v4table, "rule add oif v0 table 100 priority 50"},
			[]string{"link set v0 netns FAR"},
			false,
		},
		{
			"10-renamed",
			[]string{"rule add iif v0 table 100 priority 50", "rule add iif r0 table 100 priority 51"},
			[]string{"link set v0 name r0"},
			false,
		},
		{"11-nexthop-deleted", []string{nexthop, viaNexthop}, []string{"nexthop del id 5"}, false},
		{
			"12-nexthop-replaced",
			[]string{nexthop, viaNexthop, "-6 nexthop add id 6 via fe80::9 dev v0", "-6 route add 2001:db8:9::/48 nhid 6"},
			[]string{"nexthop replace id 5 via 10.1.0.1 dev v1"},
			true,
		},
		{
			"12-nexthop-replaced-incompatible",
			[]string{"sysctl ipv4/nexthop_compat_mode 0", nexthop, viaNexthop},
			[]string{"nexthop replace id 5 via 10.1.0.1 dev v1"},
			true,
		},
		{"13-leg-down", []string{multipath, multipath6}, []string{"link set v0 down"}, false},
		{"13-leg-without-carrier", []string{multipath, multipath6}, []string{"far: link set p0 down"}, false},
		{"13-last-leg-down", []string{multipath, multipath6}, []string{"link set v0 down", "link set v1 down"}, false},
		{
			"14-route-replaced",
			[]string{v4default, v6default},
			[]string{"route replace default via 10.1.0.1", "-6 route replace default via 2001:db8:1::1"},
			false,
		},
		{
			"14-route-alias-replaced",
			[]string{v4default, "route append default via 10.1.0.1"},
			[]string{"route replace default via 10.0.0.9"},
			false,
		},
		{"15-leg-appended", []string{v6default}, []string{"-6 route append default via 2001:db8:1::1"}, false},
		{"15-leg-deleted", []string{multipath6}, []string{"-6 route del default via 2001:db8:1::1"}, false},
		{"18-down-alias", []string{"link set v0 down"}, []string{
			"link set v0 alias one",
			"link property add dev v0 altname other", "link set v0 group 7",
		}, false},
		{"20-address-expired", []string{v4default}, []string{
			"addr change 10.0.0.7/24 dev v0 valid_lft 2 preferred_lft 1",
			"-6 addr change 2001:db8::7/64 dev v0 valid_lft 2 preferred_lft 1",
		}, false},
		{"23-goto-resolved", []string{"rule add goto 60 priority 50"}, []string{"rule add table 100 priority 60"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, row.prepare...)
			for _, c := range row.change {
				l.do(strings.ReplaceAll(c, "FAR", l.far.Name))
			}
			if row.name == "20-address-expired" {
				time.Sleep(3 * time.Second) // lives last
			}
			l.agree()
			d := l.drift(l.naive)
			for range 20 {
				if len(d) == 0 || !row.told {
					break
				}
				time.Sleep(250 * time.Millisecond) // the last notification may be on its way
				d = l.drift(l.naive)
			}
			if len(d) == 0 != row.told {
				t.Errorf("by notifications alone, %d rows differ; want some: %v\n%s", len(d), !row.told, strings.Join(d, "\n"))
			}
		})
	}
}

// TestSilentInferred shows that a loss is published before any dump.
func TestSilentInferred(t *testing.T) {
	t.Parallel()
	l := newLab(t, "route add default via 10.0.0.1")
	l.ns.IP(t, "link set v0 down")
	l.exact.Await(t, "the default route is gone by inference", func(_ *state.State, log []fact.Observation) bool {
		for _, o := range log {
			if r, ok := o.Fact.(*fact.Route); ok && r.Default() && o.Op == fact.Delete && o.Via == fact.ViaInferred {
				return true
			}
		}
		return false
	})
}

// TestSilentRouteExpiry is row 16: an IPv6 route ends when its life does, not
// when the kernel collects it, up to half a minute later.
func TestSilentRouteExpiry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.ns.IP(t, "-6 route add default via 2001:db8::1 expires 1")
	l.exact.Await(t, "the route expired by the source's own timer", func(s *state.State, log []fact.Observation) bool {
		for _, o := range log {
			if r, ok := o.Fact.(*fact.Route); ok && r.Default() && o.Op == fact.Delete {
				return o.Via == fact.ViaExpired
			}
		}
		return false
	})
	l.agree()
	if d := l.drift(l.naive); len(d) == 0 {
		t.Error("the mirror by notifications alone noticed the expiry")
	}
}

// TestSilentTentative is row 19: a link-local address is tentative without a
// notification.
func TestSilentTentative(t *testing.T) {
	t.Parallel()
	l := newLab(t, "link set v0 down", "sysctl ipv6/conf/all/accept_dad 1", "sysctl ipv6/conf/v0/accept_dad 1")
	l.ns.IP(t, "link set v0 up")
	l.exact.Await(t, "the link-local address was tentative, then usable", func(_ *state.State, log []fact.Observation) bool {
		tentative := false
		for _, o := range log {
			a, ok := o.Fact.(*fact.Address)
			if !ok || !a.Local.IsLinkLocalUnicast() || o.Op != fact.Put {
				continue
			}
			if a.Flags&fact.AddrTentative != 0 {
				tentative = true
			} else if tentative {
				return true
			}
		}
		return false
	})
	l.agree()
}

// TestSilentNeighbour is rows 22 and 25: which of several equal default routes
// the kernel uses depends on their gateways, without a notification of a route.
func TestSilentNeighbour(t *testing.T) {
	t.Parallel()
	l := newLab(t, "neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v0 nud reachable",
		"neigh add 10.1.0.1 lladdr 02:00:00:00:00:02 dev v1 nud reachable",
		"route add default via 10.0.0.1", "route append default via 10.1.0.1")
	q := fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}
	uses := func(gateway string) {
		t.Helper()
		l.exact.Await(t, "lookups go by "+gateway, func(s *state.State, _ []fact.Observation) bool {
			return s.Lookups[q] != nil && s.Lookups[q].Gateway == netip.MustParseAddr(gateway)
		})
	}
	uses("10.0.0.1")
	l.ns.IP(t, "neigh change 10.0.0.1 lladdr 02:00:00:00:00:01 dev v0 nud failed")
	uses("10.1.0.1")
	if out := l.ns.IP(t, "route get "+q.Dst.String()); !strings.Contains(out, "10.1.0.1") {
		t.Errorf("ip route get says %s", out)
	}
	l.agree()
}

// TestFoldedOutage is what the counter of carrier changes is for: the kernel
// merges a loss and a return into one notification that says "up".
func TestFoldedOutage(t *testing.T) {
	t.Parallel()
	l := newLab(t, "route add default via 10.0.0.1")
	for range 6 {
		batch(t, l.far, "link set p0 down\nlink set p0 up")
	}
	l.agree()
	changes, lost := strings.TrimSpace(l.read("/sys/class/net/v0/carrier_changes")), 0
	l.exact.View(func(s *state.State, log []fact.Observation) {
		for _, link := range s.Links {
			if link.Name == "v0" && strconv.Itoa(int(link.CarrierChanges)) != changes {
				t.Errorf("%d carrier changes, the kernel counted %s", link.CarrierChanges, changes)
			}
		}
		for _, o := range log {
			if link, ok := o.Fact.(*fact.Link); ok && link.Name == "v0" && !link.LowerUp() {
				lost++
			}
		}
	})
	if lost == 0 {
		t.Error("no outage was observed")
	}
}

// read returns a file of sysfs as the namespace shows it.
func (l *lab) read(path string) string {
	l.t.Helper()
	out, err := l.ns.Command("cat", path).Output()
	if err != nil {
		l.t.Fatalf("read %s: %v", path, err)
	}
	return string(out)
}

// TestNoIPv6 runs where IPv6 is switched off.
func TestNoIPv6(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/sys/net/ipv6"); err != nil {
		t.Skip("SKIPPED: this kernel has no IPv6 to switch off")
	}
	l := newLab(t, "sysctl ipv6/conf/all/disable_ipv6 1")
	l.agree()
}
