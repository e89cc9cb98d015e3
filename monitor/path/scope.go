package path

import (
	"flapscope/monitor/fact"
)

// A ScopeName names what a path is asked for: "machine", "ipv4", "ipv6" or
// "interface:NAME".
type ScopeName string

// The scopes that always exist.
const (
	ScopeMachine ScopeName = "machine"
	ScopeIPv4    ScopeName = "ipv4"
	ScopeIPv6    ScopeName = "ipv6"
)

// InterfaceScope returns the scope of the interface called name.
func InterfaceScope(name fact.Untrusted) ScopeName { return ScopeName("interface:" + name.Display()) }

// Whole reports whether the scope is the machine or one of its families, and not
// one of its interfaces, of which there may be thousands.
func (n ScopeName) Whole() bool {
	return n == ScopeMachine || n == ScopeIPv4 || n == ScopeIPv6
}
