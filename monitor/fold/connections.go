package fold

import (
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// The kinds of events of a connection.
const (
	KindViability  fact.Kind = "viability"
	KindBetterPath fact.Kind = "better_path"
)

// A ConnectionEvent says how a program would do that holds a connection: whether it
// is viable (its interface and address still carry it), and whether a new one would
// get a better path. Both are facts of the path, not of what answers.
type ConnectionEvent struct {
	// For is what it is for: "internet", an address of a target, or a requirement.
	For fact.Untrusted `json:"for"`
	// Viable is that of a viability, and Available that of a better path.
	Viable    *bool `json:"viable,omitempty"`
	Available *bool `json:"available,omitempty"`
	// Initial is whether nothing was known before.
	Initial   bool           `json:"initial,omitempty"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	Family    string         `json:"family,omitempty"`
	Source    netip.Addr     `json:"source,omitzero"`
	// Reason is why it is not viable.
	Reason path.Reason `json:"reason,omitempty"`
	// Better is the interface of a better path that there is.
	Better fact.Untrusted `json:"better,omitempty"`
}

// Internet is what a connection is for that goes to no host in particular.
const Internet fact.Untrusted = "internet"

// Kind is that of the event.
func (e *ConnectionEvent) Kind() fact.Kind {
	if e.Viable != nil {
		return KindViability
	}
	return KindBetterPath
}

// Words says it in words.
func (e *ConnectionEvent) Words() fact.Untrusted {
	switch {
	case e.Viable != nil && *e.Viable:
		return e.For + ": viable on " + e.Interface
	case e.Viable != nil && e.Interface == "":
		return e.For + ": not viable, " + fact.Untrusted(e.Reason)
	case e.Viable != nil:
		return e.For + ": not viable any more on " + e.Interface + ", " + fact.Untrusted(e.Reason)
	case *e.Available:
		return e.For + ": " + e.Better + " would be a better path than " + e.Interface
	}
	return e.For + ": no better path than " + e.Interface + " any more"
}

// A Connection is how the connection of one purpose does now.
type Connection struct {
	For fact.Untrusted
	// Path is what it goes by, or why there is none, and Since from when on.
	Path  path.Connection
	Since fact.Instant
	// Better is the interface that a new one would go by, where that is another.
	Better fact.Untrusted
}

// Viable reports whether it can go on.
func (c *Connection) Viable() bool { return c.Path.Status == path.Satisfied }

// connections follow what there is to connect to: the internet, the targets of the
// user's and what is required.
type connections struct {
	list []*connection
	// stale is whether targets came or went.
	stale bool
}

// A connection is one that is followed.
type connection struct {
	Connection
	request path.Request
	// ofTarget is whether it follows from a target, and ends with that.
	ofTarget, known bool
	// better is the index of the interface of the better path, or 0.
	better int
}

func newConnections() connections {
	return connections{list: []*connection{{Connection: Connection{For: Internet}}}}
}

// require adds what is required by name.
func (c *connections) require(name fact.Untrusted, r *path.Request) {
	c.list = append(c.list, &connection{Connection: Connection{For: name}, request: *r})
}

// maxConnections bounds how many targets are followed.
const maxConnections = 32

// follow follows the user's targets of a fixed address: a name is looked up for each
// probe, and says not where it leads.
func (c *connections) follow(s *state.State) {
	c.stale = false
	var to []netip.Addr
	for _, t := range s.AllTargets() {
		if len(to) < maxConnections && t.Role == fact.RoleCustom && t.Addr.IsValid() && !t.Addr.IsLoopback() && !t.Addr.IsLinkLocalUnicast() && !slices.Contains(to, t.Addr) {
			to = append(to, t.Addr)
		}
	}
	c.list = slices.DeleteFunc(c.list, func(x *connection) bool { return x.ofTarget && !slices.Contains(to, x.request.To[0]) })
	for _, a := range to {
		if !slices.ContainsFunc(c.list, func(x *connection) bool { return x.ofTarget && x.request.To[0] == a }) {
			c.list = append(c.list, &connection{
				Connection: Connection{For: fact.Untrusted(a.String())}, request: path.Request{To: []netip.Addr{a}}, ofTarget: true,
			})
		}
	}
}

// step compares what the newest evaluation of s, with path p, gives to each with
// what it had.
func (c *connections) step(now fact.Instant, k *path.Evaluator, s *state.State, p *path.Path) (out []Event) {
	if c.stale {
		c.follow(s)
	}
	for _, x := range c.list {
		out = append(out, x.step(now, k, s, p)...)
	}
	return out
}

func (x *connection) step(now fact.Instant, k *path.Evaluator, s *state.State, p *path.Path) (out []Event) {
	next := k.Connect(s, p, &x.request)
	if x.known && x.Viable() {
		if next.Status == path.Satisfied && next.Index == x.Path.Index && next.Source == x.Path.Source {
			x.Path = next
			return x.prefer(now, 0, "")
		}
		lost := k.Loses(s, p, &x.request, &x.Path)
		if lost == path.ReasonNone {
			if next.Status != path.Satisfied || next.Index == x.Path.Index {
				return x.prefer(now, 0, "")
			}
			return x.prefer(now, next.Index, next.Interface)
		}
		was := x.Path
		x.Path.Status, x.Path.Reason, x.Since = path.Unsatisfied, lost, now
		x.better, x.Better = 0, ""
		out = append(out, x.viability(now, &was))
	}
	first := !x.known
	x.known = true
	if next.Status != path.Satisfied {
		x.Path.Reason = next.Reason
		if first {
			x.Path, x.Since = next, now
			e := x.viability(now, &path.Connection{})
			e.Connection.Initial = true
			out = append(out, e)
		}
		return out
	}
	x.Path, x.Since = next, now
	e := x.viability(now, &x.Path)
	e.Connection.Initial = first
	return append(out, e)
}

// viability is the event that a connection by a path became viable, or ceased to be.
func (x *connection) viability(now fact.Instant, by *path.Connection) Event {
	viable := x.Viable()
	e := &ConnectionEvent{For: x.For, Viable: &viable, Interface: by.Interface, Source: by.Source, Reason: x.Path.Reason}
	if by.Interface != "" {
		e.Family = by.Family.Scope()
	}
	return Event{Time: now.Time, Mono: now.Mono, Connection: e}
}

// prefer takes in that an interface would be better, or none for 0.
func (x *connection) prefer(now fact.Instant, index int, name fact.Untrusted) []Event {
	if index == x.better {
		return nil
	}
	x.better, x.Better = index, name
	available := index != 0
	return []Event{{Time: now.Time, Mono: now.Mono, Connection: &ConnectionEvent{
		For: x.For, Available: &available, Interface: x.Path.Interface, Family: x.Path.Family.Scope(), Source: x.Path.Source, Better: name,
	}}}
}

// all returns how each does.
func (c *connections) all() []Connection {
	out := make([]Connection, 0, len(c.list))
	for _, x := range c.list {
		if x.known {
			out = append(out, x.Connection)
		}
	}
	return out
}
