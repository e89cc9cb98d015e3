package kernel

import (
	"net/netip"
	"testing"

	"flapscope/internal/netlab"
	"flapscope/monitor"
)

func TestSourceSyncs(t *testing.T) {
	ns := netlab.New(t)
	ns.IP(t, "link add v0 type veth peer name v1")
	ns.IP(t, "link set v0 up")
	ns.IP(t, "link set v1 up")
	ns.IP(t, "addr add 192.0.2.7/24 dev v0")
	ns.IP(t, "route add default via 192.0.2.1")
	h := ns.Start(t, New(Options{}))
	h.Synced(t, sourceName)
	h.View(func(s *monitor.State, _ []monitor.Observation) {
		if len(s.Links) != 3 || len(s.Rules) != 5 || len(s.Netconfs) != 10 {
			t.Errorf("%d links, %d rules, %d settings, want 3, 5, 10",
				len(s.Links), len(s.Rules), len(s.Netconfs))
		}
		q := monitor.Question{Family: monitor.IPv4, Dst: monitor.Destinations(monitor.IPv4)[0]}
		l := s.Lookups[q]
		if l == nil || s.Name(l.Index) != "v0" || l.Gateway != netip.MustParseAddr("192.0.2.1") ||
			l.Source != netip.MustParseAddr("192.0.2.7") || l.Table != 254 {
			t.Errorf("lookup of %v is %+v", q, l)
		}
		q = monitor.Question{Family: monitor.IPv6, Dst: monitor.Destinations(monitor.IPv6)[0]}
		if l := s.Lookups[q]; l == nil || l.Err != "ENETUNREACH" {
			t.Errorf("lookup of %v is %+v, want ENETUNREACH", q, l)
		}
	})
}
