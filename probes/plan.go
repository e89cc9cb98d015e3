package probes

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A plan is what a state calls for.
type plan struct {
	// targets are in the order in which they are first probed.
	targets []*fact.Target
	// limit is the budget in force.
	limit Budget
	// calm is whether probes are few, and leave together.
	calm bool
	// way names the paths there are; when it changes, all targets that are
	// probed seldom are asked at once.
	way string
}

// A planner turns states into plans. It is pure.
type planner struct {
	config Config
	fixed  []fact.Target
	query  fact.Untrusted
}

const (
	// noPingInterval is how often a target that can't be pinged says so.
	noPingInterval = 30 * time.Second
	// knockInterval is how often a gateway is asked that can't be pinged: Linux
	// says once a second to a host that nobody listens (icmp_ratelimit), and
	// others may ask it too.
	knockInterval = 2 * time.Second
)

// leastInterval is the shortest interval: more often is a load test.
const leastInterval = 100 * time.Millisecond

// plan returns what to probe in state s, where pings are sent in the given mode.
// Calm is whether nothing has been amiss for long enough.
func (p *planner) plan(s *state.State, mode string, calm bool) plan {
	v := newView(s)
	out := plan{limit: p.config.limit(v.expensive), way: v.way, calm: calm}
	targets := slices.Concat(v.gateways(mode), p.resolvers(v), p.reachable(v), v.standbys(mode))
	seen := map[string]bool{}
	for i := range targets {
		t := &targets[i]
		if seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		t.Interval = max(p.config.interval(t, calm, v.expensive), v.spares(t))
		switch {
		case pings(t) && mode == "":
			t.Interval = max(t.Interval, noPingInterval)
		case pings(t):
			t.Mode = mode
		case t.Role == fact.RoleGateway:
			t.Interval = max(t.Interval, knockInterval)
		}
		out.targets = append(out.targets, t)
	}
	out.stretch()
	return out
}

// pings reports whether probes of a target are pings.
func pings(t *fact.Target) bool { return t.Method == fact.MethodPing || t.Method == fact.MethodMTU }

// stretch keeps the plan within its budget.
func (p *plan) stretch() {
	factor := p.limit.stretch(p.targets)
	if factor == 1 {
		return
	}
	// The large ones go first.
	p.targets = slices.DeleteFunc(p.targets, func(t *fact.Target) bool { return t.Role == fact.RoleMTU })
	factor = p.limit.stretch(p.targets)
	for _, t := range p.targets {
		// A longer interval than an hour is as good as none, and does not
		// overflow.
		t.Interval = time.Duration(min(factor*float64(t.Interval), float64(time.Hour))).Round(100 * time.Millisecond)
	}
}

// resolvers returns the name servers that queries go to: those of resolv.conf,
// and behind a local stub those that it asks.
func (p *planner) resolvers(v *view) []fact.Target {
	var servers []fact.Server
	if conf := v.state.Resolvers["resolv.conf"]; conf != nil {
		servers = append(servers, conf.Servers...)
	}
	servers = append(servers, state.EffectiveResolvers(v.state)...)
	var out []fact.Target
	for _, s := range servers {
		t := fact.Target{
			Method: fact.MethodDNS, Role: fact.RoleResolver, Family: family(s.Addr),
			Addr: s.Addr.Unmap(), Port: cmp.Or(s.Port, 53), Query: p.query,
		}
		if asked, domain := state.DomainOf(v.state, s, string(p.query)); domain != "" {
			t.Query = domain // Of another name it may say what it likes.
		} else if !asked {
			continue
		}
		if !t.Addr.IsLoopback() {
			t.Index = cmp.Or(s.Index, v.index(t.Addr.Zone()))
		}
		if t.Index != 0 {
			t.Addr = t.Addr.WithZone("") // The index says it better.
		}
		if !v.reaches(&t) || len(v.ways) == 0 && t.Addr.IsLoopback() {
			continue // A stub without upstreams answers, but not for DNS.
		}
		name := t.Addr.String()
		if t.Port != 53 {
			name = net.JoinHostPort(name, strconv.Itoa(int(t.Port)))
		}
		t.Name, t.ID = fact.Untrusted(name), "dns:"+name+v.zone(t.Index)
		out = append(out, t)
	}
	return out
}

// reachable returns the fixed targets that there is a path to.
func (p *planner) reachable(v *view) []fact.Target {
	var out []fact.Target
	for _, t := range p.fixed {
		if t.Role == fact.RoleMTU && v.expensive {
			continue // It is large.
		}
		if v.reaches(&t) {
			out = append(out, t)
		}
	}
	return out
}

// A view is what a plan needs to know of a state.
type view struct {
	state *state.State
	// ways are the usable answers to unbound lookups, in the order of their
	// destinations.
	ways      []*fact.Lookup
	way       string
	expensive bool
	// prefixes are those that are on a link, once somebody asked.
	prefixes map[netip.Prefix]bool
}

func newView(s *state.State) *view {
	v := &view{state: s}
	for q, l := range s.Lookups {
		link := s.Links[l.Index]
		// A link-local source is no path (RFC 6724 picks it for want of a
		// better one), nor is a link that can't carry.
		usable := q.OIF == 0 && q.Mark == 0 && l.Err == "" && l.Type == fact.RouteUnicast &&
			link != nil && link.Carrier() && !l.Source.IsLinkLocalUnicast()
		if usable && representative(q) {
			v.ways = append(v.ways, l)
			expensive, _ := s.Costs(link)
			v.expensive = v.expensive || expensive
		}
	}
	slices.SortFunc(v.ways, func(a, b *fact.Lookup) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), a.Dst.Compare(b.Dst))
	})
	for _, l := range v.ways {
		v.way += l.Dst.String() + " " + l.Gateway.String() + v.zone(l.Index) + " " + l.Source.String() + "\n"
	}
	return v
}

// representative reports whether a question is one that stands for the
// internet.
func representative(q fact.Question) bool {
	return slices.Contains(fact.Destinations(q.Family), q.Dst)
}

// gateways returns the distinct next hops. Where nobody may ping, they get a
// datagram for a port on which nobody listens: what they say of it comes to
// everybody, and if they say nothing, so does what the neighbour table says.
func (v *view) gateways(mode string) []fact.Target {
	var out []fact.Target
	for _, l := range v.ways {
		if !l.Gateway.IsValid() {
			continue
		}
		out = append(out, v.gateway(l, mode))
	}
	return out
}

// gateway returns the target that the next hop of a lookup is.
func (v *view) gateway(l *fact.Lookup, mode string) fact.Target {
	t := fact.Target{
		Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway,
		Family: l.Family, Addr: l.Gateway.WithZone(""), Index: l.Index,
	}
	if l.Family == fact.IPv6 {
		t.Name = "gateway v6"
	}
	if mode == "" {
		t.Method, t.Port = fact.MethodUDP, closedPort
	}
	t.ID = string(t.Method) + ":" + t.Addr.String() + v.zone(l.Index)
	return t
}

// zone returns "%NAME" of an interface, or "" for none.
func (v *view) zone(index int) string {
	if index == 0 {
		return ""
	}
	return "%" + cmp.Or(v.state.Name(index).Display(), strconv.Itoa(index))
}

// index returns the index of the interface of that name, or 0.
func (v *view) index(name string) int {
	for _, l := range v.state.Links {
		if name != "" && string(l.Name) == name {
			return l.Index
		}
	}
	return 0
}

// reaches reports whether probes of t would have a way: to this machine itself,
// on the link, or by a default route of its family.
func (v *view) reaches(t *fact.Target) bool {
	if t.Addr.IsLoopback() {
		return true
	}
	if t.Addr.Is6() && t.Addr.IsLinkLocalUnicast() {
		link := v.state.Links[cmp.Or(t.Index, v.index(t.Addr.Zone()))]
		return link != nil && link.Carrier()
	}
	for _, l := range v.ways {
		if t.Family == 0 || l.Family == t.Family {
			return true
		}
	}
	return v.onLink(t.Addr)
}

// onLink reports whether a is in the prefix of an address of this machine.
func (v *view) onLink(a netip.Addr) bool {
	if v.prefixes == nil {
		v.prefixes = v.carried()
	}
	for p := range v.prefixes {
		if p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// carried returns the prefixes of the addresses of links that can carry. Thousands
// of links have one in common, that of link-local addresses.
func (v *view) carried() map[netip.Prefix]bool {
	found := map[netip.Prefix]bool{}
	for own := range v.state.Addresses {
		p, err := own.Local.Prefix(int(own.PrefixLen))
		if err != nil || found[p] {
			continue
		}
		if link := v.state.Links[own.Index]; link != nil && link.Carrier() {
			found[p] = true
		}
	}
	return found
}

// family returns the family of an address.
func family(a netip.Addr) fact.Family {
	if a.Unmap().Is4() {
		return fact.IPv4
	}
	return fact.IPv6
}
