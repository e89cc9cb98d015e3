package probes

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// A method is all that is particular to one way to probe.
type method struct {
	name fact.Method
	// forms are how people write a target of this method. What stands before
	// the colon decides that a target is one.
	forms []string
	// parse reads a target. Scheme is what stood before the colon, and rest
	// what stood after it.
	parse func(scheme, rest string) (fact.Target, error)
	// cost is what one probe costs when all goes well over IPv6, the dearer
	// family: what is spent is known before it is sent. Lost probes cost less,
	// but for those on TCP, which sends its SYN again.
	cost Budget
	// patience is how long a probe may take, in timeouts of a ping. Those of
	// several round trips get more; those on TCP a second chance at least,
	// since a lost SYN is sent again after one second (RFC 6298 §2).
	patience float64
	// prober returns what asks the real world.
	prober func(Portal) Prober
}

// methods lists every method. It is complete: a test finds what a method lacks.
func methods() []method {
	return []method{
		pingMethod(),
		mtuMethod(),
		tcpMethod(),
		udpMethod(),
		tlsMethod(),
		dnsMethod(),
		httpMethod(),
	}
}

// byName is the table of methods by their names.
var byName = sync.OnceValue(func() map[fact.Method]method {
	all := map[fact.Method]method{}
	for _, m := range methods() {
		all[m.name] = m
	}
	return all
})

// byScheme is the table of methods by what targets of theirs begin with.
var byScheme = sync.OnceValue(func() map[string]method {
	all := map[string]method{}
	for _, m := range methods() {
		for _, form := range m.forms {
			scheme, _, _ := strings.Cut(form, ":")
			all[scheme] = m
		}
	}
	return all
})

// TargetForms returns how a target can be written, one form for each kind.
func TargetForms() []string {
	var all []string
	for _, m := range methods() {
		all = append(all, m.forms...)
	}
	return all
}

// ParseTarget parses a target of the user's:
//
//	ping:192.0.2.1           ping:fe80::1%eth0         ping:hq.example.net
//	mtu:192.0.2.1            mtu:[2001:db8::1]         mtu:hq.example.net
//	tcp:hq.example.net:22    tcp:[2001:db8::1]:443     tls:hq.example.net
//	udp:192.0.2.1            udp:[2001:db8::1]:33500
//	dns:192.0.2.53           dns:[2001:db8::53]:5353/www.example.net
//	http://example.net/up    https://example.net/up
//
// The result has the role RoleCustom and its canonical form as ID, which parses
// to the same target. It has no interval: the Runner gives it one. A name to
// ask is missing where dns: has none: the Runner asks its usual one.
func ParseTarget(s string) (fact.Target, error) {
	t, err := parseTarget(s)
	if err != nil {
		return fact.Target{}, fmt.Errorf("target %q: %w", fact.Untrusted(s).Display(), err)
	}
	t.Role = fact.RoleCustom
	if t.Addr.IsValid() {
		t.Family = family(t.Addr)
	}
	return t, nil
}

func parseTarget(s string) (fact.Target, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok {
		return fact.Target{}, fmt.Errorf("no method: want %s", text.Or(TargetForms()))
	}
	m, ok := byScheme()[scheme]
	if !ok {
		return fact.Target{}, fmt.Errorf("unknown method %q: want %s", fact.Untrusted(scheme).Display(), text.Or(TargetForms()))
	}
	return m.parse(scheme, rest)
}

// cost is what one probe of method m costs.
func cost(m fact.Method) Budget { return byName()[m].cost }

// timeout is how long a probe may take, where a ping may take ping.
func timeout(m fact.Method, ping time.Duration) time.Duration {
	return time.Duration(byName()[m].patience * float64(ping))
}

// probers returns the probers that ask the real world.
func probers(portal Portal) map[fact.Method]Prober {
	all := map[fact.Method]Prober{}
	for name, m := range byName() {
		all[name] = m.prober(portal)
	}
	return all
}

// plain is for methods whose probes depend on their target alone.
func plain(probe ProberFunc) func(Portal) Prober {
	return func(Portal) Prober { return probe }
}
