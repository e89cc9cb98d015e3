package probes

import (
	"cmp"
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// A Config says what is probed, how often and at what cost.
type Config struct {
	// Disabled is whether nothing is probed at all.
	Disabled bool
	// Internet are targets beyond the gateway, in the forms of ParseTarget.
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
	// Calm is how often where nobody watches and nothing is amiss.
	Calm Calm
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

// A Calm says how often is enough when nothing is amiss. A loss or a change of
// the path ends it at once.
type Calm struct {
	// After is how long nothing may have been amiss, or 0 for never calm: where
	// somebody watches.
	After time.Duration
	// Intervals are the least ones, and Metered is on a path that costs money,
	// for all roles together: a modem stays awake for seconds after each burst.
	Intervals Intervals
	Metered   time.Duration
}

// DefaultConfig returns what is probed when nothing is configured.
//
// Name servers are asked for a name that RFC 2606 reserves: the question says
// nothing of who asks, and the answer is small.
//
// Unstretched and not calm, with a gateway and two name servers in each of two families, all
// of that plans with some 900 packets and 80 kB a minute.
func DefaultConfig() Config {
	budget := Budget{Packets: 1500, Bytes: 250_000}
	return Config{
		Internet: Internet(DefaultInternet()),
		// The page is Android's.
		Portal: Portal{URL: "http://connectivitycheck.gstatic.com/generate_204", Status: 204},
		Query:  "example.com",
		Intervals: Intervals{
			Gateway: time.Second, Internet: time.Second, Check: CheckInterval,
			Resolver: 5 * time.Second, Portal: 30 * time.Second, Custom: 5 * time.Second,
		},
		Calm: Calm{
			After: time.Minute,
			Intervals: Intervals{
				Gateway: 5 * time.Second, Internet: 5 * time.Second, Check: CalmCheckInterval,
				Resolver: 30 * time.Second, Portal: 5 * time.Minute, Custom: 5 * time.Second,
			},
			Metered: time.Minute,
		},
		// More is dead for people; Wi-Fi, cellular and satellite links stay below.
		Timeout: 2 * time.Second,
		Budget:  budget,
		Metered: budget.Percent(25),
	}
}

// CheckInterval is how often an internet target that is not pinged is asked.
// It is no setting: lost pings bring the question forward.
const CheckInterval = 10 * time.Second

// CalmCheckInterval is the same when nothing is amiss.
const CalmCheckInterval = time.Minute

// mtuInterval is how often a large packet is sent to each internet target, and calmMTUInterval when nothing is amiss. They are no settings, either.
const (
	mtuInterval     = time.Minute
	calmMTUInterval = 5 * time.Minute
)

// DefaultInternet returns the addresses that stand for the internet when
// nothing is configured: public name servers of two operators (Cloudflare,
// Google), in both families, so that the trouble of one is not this machine's.
// Both answer pings and TCP.
func DefaultInternet() []string {
	return []string{"1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2001:4860:4860::8888"}
}

// Internet returns the targets by which addresses stand for the internet: each
// is pinged, its TCP port 443 tells a filter of pings from an outage, and now and
// then a ping is as large as the link takes it.
func Internet(addresses []string) []string {
	var targets []string
	for _, address := range addresses {
		targets = append(targets, "ping:"+address)
		if a, err := netip.ParseAddr(address); err == nil {
			targets = append(targets, "tcp:"+netip.AddrPortFrom(a, 443).String(), "mtu:"+address)
		}
	}
	return targets
}

// interval returns how often a target is probed.
func (i Intervals) of(t *fact.Target) time.Duration {
	switch t.Role {
	case fact.RoleGateway:
		return i.Gateway
	case fact.RoleResolver:
		return i.Resolver
	case fact.RolePortal:
		return i.Portal
	case fact.RoleMTU:
		return mtuInterval
	case fact.RoleStandby:
		return standbyInterval
	case fact.RoleInternet:
		if t.Method != fact.MethodPing {
			return i.Check
		}
		return i.Internet
	}
	return i.Custom
}

// interval returns how often a target is probed when it is calm, or not, on a
// path that is expensive, or not.
func (c *Config) interval(t *fact.Target, calm, expensive bool) time.Duration {
	every := max(leastInterval, c.Intervals.of(t))
	switch {
	case calm && t.Role == fact.RoleMTU:
		every = calmMTUInterval
	case calm && t.Role == fact.RoleStandby:
		every = calmStandbyInterval
	case calm:
		every = max(every, c.Calm.Intervals.of(t))
	}
	if calm && expensive {
		every = max(every, c.Calm.Metered)
	}
	return every
}

// limit returns the budget in force.
func (c *Config) limit(expensive bool) Budget {
	if expensive {
		return c.Metered
	}
	return c.Budget
}

// BytesPerDay returns what regular probing costs in a day, with a gateway and a
// name server in each of two families; calm, if it ever is.
func (c Config) BytesPerDay(expensive bool) int64 {
	targets, _ := c.fixed() // What is no target costs nothing.
	for _, f := range []fact.Family{fact.IPv4, fact.IPv6} {
		targets = append(targets,
			fact.Target{Method: fact.MethodPing, Role: fact.RoleGateway, Family: f},
			fact.Target{Method: fact.MethodDNS, Role: fact.RoleResolver, Family: f})
	}
	p := plan{limit: c.limit(expensive)}
	for i := range targets {
		t := &targets[i]
		if t.Role == fact.RoleMTU && expensive {
			continue
		}
		t.Interval = c.interval(t, c.Calm.After > 0, expensive)
		p.targets = append(p.targets, t)
	}
	p.stretch()
	sum := 0.0
	for _, t := range p.targets {
		sum += float64(cost(t.Method).Bytes) * float64(24*time.Hour) / float64(t.Interval)
	}
	return int64(sum)
}

// query returns the name that name servers are asked for.
func (c *Config) query() fact.Untrusted {
	portal, _ := ParseTarget(c.Portal.URL)
	return cmp.Or(fact.Untrusted(c.Query), portal.Host, ".")
}

// Addresses returns those of targets, in the forms of ParseTarget, which are beyond
// this machine and the link: of what has a name only it is not known.
func Addresses(targets []string) (out []netip.Addr) {
	for _, spec := range targets {
		t, err := ParseTarget(spec)
		if err == nil && t.Addr.IsValid() && !t.Addr.IsLoopback() && !t.Addr.IsLinkLocalUnicast() {
			out = append(out, t.Addr.Unmap())
		}
	}
	return out
}

// fixed returns the targets that do not depend on the state, without interval.
// Of two with the same ID the first counts.
func (c *Config) fixed() ([]fact.Target, error) {
	var out []fact.Target
	add := func(role fact.Role, specs ...string) error {
		for _, s := range specs {
			t, err := ParseTarget(s)
			if err != nil {
				return err
			}
			switch t.Role = role; {
			case role == fact.RolePortal:
				t.Name = "portal"
			case role == fact.RoleInternet && t.Method == fact.MethodMTU:
				t.Role = fact.RoleMTU
				t.Name += " large"
			}
			if t.Method == fact.MethodDNS {
				t.Query = cmp.Or(t.Query, c.query())
			}
			out = append(out, t)
		}
		return nil
	}
	errs := []error{add(fact.RoleInternet, c.Internet...)}
	if c.Portal.URL != "" {
		errs = append(errs, add(fact.RolePortal, c.Portal.URL))
	}
	errs = append(errs, add(fact.RoleCustom, c.Custom...))
	return out, cmp.Or(errs...)
}
