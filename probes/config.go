package probes

import (
	"cmp"
	"time"

	"flapscope/monitor"
	"flapscope/probes/target"
)

// A Config says what is probed, how often and at what cost.
type Config struct {
	// Disabled is whether nothing is probed at all.
	Disabled bool
	// Internet are targets beyond the gateway, in the forms of target.Parse.
	Internet []string
	// Custom are the user's own targets, in the same forms. They never decide
	// health.
	Custom []string
	// Portal is the captive-portal check.
	Portal Portal
	// Query is the name that name servers are asked for. Empty means the host
	// of the portal check, or the root where that is off.
	Query string
	// Intervals are how often each role is probed.
	Intervals Intervals
	// Timeout is when a ping without an answer is lost; methods that take
	// several round trips get up to two and a half times that.
	Timeout time.Duration
	// Budget bounds the cost of all probes together, and Metered does so where
	// the path is expensive.
	Budget  Budget
	Metered Budget
}

// Intervals are the times between two probes of one target.
type Intervals struct {
	Gateway  time.Duration
	Internet time.Duration
	// Check is for internet targets that are not pinged: they only tell a
	// filter from an outage, and are asked at once when pings are lost.
	Check    time.Duration
	Resolver time.Duration
	Portal   time.Duration
	Custom   time.Duration
}

// DefaultConfig returns what is probed when nothing is configured.
//
// The internet targets are public name servers of three operators (Cloudflare,
// Quad9, Google), which answer pings and TCP from everywhere, in both families;
// one operator's trouble is not this machine's. The portal check is Android's.
//
// Name servers are asked for the host of the portal check: it is resolved on
// this machine anyway, so that nobody else learns of it; its answers are small;
// and they live for minutes only, so that a name server whose own upstream is
// dead can't answer from its cache for long, as it could for the root.
//
// Unstretched, all of that costs some 1000 packets and 70 kB a minute with two
// families. The metered budget is some 17 MB a day.
func DefaultConfig() Config {
	return Config{
		Internet: []string{
			"ping:1.1.1.1", "ping:9.9.9.9", "tcp:8.8.8.8:443",
			"ping:2606:4700:4700::1111", "ping:2620:fe::fe", "tcp:[2001:4860:4860::8888]:443",
		},
		Portal: Portal{URL: "http://connectivitycheck.gstatic.com/generate_204", Status: 204},
		Intervals: Intervals{
			Gateway: time.Second, Internet: time.Second, Check: 10 * time.Second,
			Resolver: 5 * time.Second, Portal: 30 * time.Second, Custom: 5 * time.Second,
		},
		// More is dead for people; Wi-Fi, cellular and satellite links stay below.
		Timeout: 2 * time.Second,
		Budget:  Budget{Packets: 2000, Bytes: 256 << 10},
		Metered: Budget{Packets: 120, Bytes: 12 << 10},
	}
}

// interval returns how often a target is probed.
func (i Intervals) interval(t *monitor.Target) time.Duration {
	switch t.Role {
	case monitor.RoleGateway:
		return i.Gateway
	case monitor.RoleResolver:
		return i.Resolver
	case monitor.RolePortal:
		return i.Portal
	case monitor.RoleInternet:
		if t.Method != monitor.MethodPing {
			return i.Check
		}
		return i.Internet
	}
	return i.Custom
}

// query returns the name that name servers are asked for.
func (c *Config) query() monitor.Untrusted {
	portal, _ := target.Parse(c.Portal.URL)
	return cmp.Or(monitor.Untrusted(c.Query), portal.Host, ".")
}

// fixed returns the targets that do not depend on the state, without interval.
// Of two with the same ID the first counts.
func (c *Config) fixed() ([]monitor.Target, error) {
	var out []monitor.Target
	add := func(role monitor.Role, specs ...string) error {
		for _, s := range specs {
			t, err := target.Parse(s)
			if err != nil {
				return err
			}
			if t.Role = role; role == monitor.RolePortal {
				t.Name = "portal"
			}
			if t.Method == monitor.MethodDNS {
				t.Query = cmp.Or(t.Query, c.query())
			}
			out = append(out, t)
		}
		return nil
	}
	errs := []error{add(monitor.RoleInternet, c.Internet...)}
	if c.Portal.URL != "" {
		errs = append(errs, add(monitor.RolePortal, c.Portal.URL))
	}
	errs = append(errs, add(monitor.RoleCustom, c.Custom...))
	return out, cmp.Or(errs...)
}
