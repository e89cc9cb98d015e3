package fold

import (
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestUpstreamAbsent: that the gateway has no way for IPv6 is a note as long as IPv4
// works, since whoever tries is told at once; where that fails too, it is an outage.
func TestUpstreamAbsent(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	absent := damage{what: path.UpstreamAbsent, family: fact.IPv6, from: at(60), to: at(120)}
	both := absent
	both.family = 0
	const note = "the IPv6 internet beyond gateway fe80::1 on eth0 was absent, said the gateway; programs took IPv4 at once"
	for _, tt := range []struct {
		name   string
		damage []damage
		want   []string
	}{
		{"ipv6-alone", []damage{absent}, []string{"1m0s-2m0s note 1× " + note}},
		{"both", []damage{both}, []string{"1m0s-2m0s outage 1× the internet beyond gateway 192.0.2.1 and fe80::1 on eth0 was unreachable, said the gateway; the gateway and DNS worked"}},
	} {
		got := lines(incidentsOf(newWorld(3, tt.damage...).observations(3*time.Minute), 3*time.Minute))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}
