package state

import (
	"slices"
	"strings"

	"flapscope/monitor/fact"
)

// EffectiveResolvers returns the servers that queries end up at: those of
// systemd-resolved where resolv.conf only names its stub, otherwise those of
// resolv.conf.
func EffectiveResolvers(s *State) []fact.Server {
	conf, resolved := s.Resolvers["resolv.conf"], s.Resolvers["resolved"]
	if resolved != nil && len(resolved.Servers) > 0 && (conf == nil || onlyStub(conf.Servers)) {
		return resolved.Servers
	}
	if conf == nil {
		return nil
	}
	return conf.Servers
}

// onlyStub reports whether every server is on the loopback network.
func onlyStub(servers []fact.Server) bool {
	for _, s := range servers {
		if !s.Addr.IsLoopback() {
			return false
		}
	}
	return true
}

// DomainOf returns whether the servers of an interface are asked for a name, and if they
// are not, a domain whose names they are asked for, or "". systemd-resolved asks those
// with the longest domain that the name is in, and where there is none all that are not
// set aside (dns_scope_good_domain in resolved).
func DomainOf(s *State, server fact.Server, name string) (asked bool, domain fact.Untrusted) {
	r := s.Resolvers["resolved"]
	if r == nil || !slices.Contains(r.Servers, server) {
		return true, ""
	}
	best := 0
	for _, other := range r.Servers {
		best = max(best, closeness(r, other.Index, name))
	}
	if best == closeness(r, server.Index, name) {
		return true, ""
	}
	for _, d := range r.Domains {
		if d.Index == server.Index && strings.Trim(string(d.Name), ".") != "" {
			return false, d.Name
		}
	}
	return false, ""
}

// closeness is how well the servers of an interface suit a name: the labels of the
// longest of their domains that it is in, and one; 0 where it is in none; -1 where they
// are not asked for others.
func closeness(r *fact.Resolvers, index int, name string) (most int) {
	if slices.Contains(r.Aside, index) {
		most = -1
	}
	for _, d := range r.Domains {
		if d.Index == index && within(name, string(d.Name)) {
			most = max(most, 1+labels(string(d.Name)))
		}
	}
	return most
}

// within reports whether a name is that of a domain or in it.
func within(name, domain string) bool {
	name, domain = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToLower(strings.Trim(domain, "."))
	return domain == "" || name == domain || strings.HasSuffix(name, "."+domain)
}

func labels(domain string) int {
	domain = strings.Trim(domain, ".")
	if domain == "" {
		return 0
	}
	return 1 + strings.Count(domain, ".")
}
