package monitor

import "net/netip"

// EffectiveResolvers returns the servers that queries end up at: those of
// systemd-resolved where resolv.conf only names its stub, otherwise those of
// resolv.conf.
func EffectiveResolvers(s *State) []Server {
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
func onlyStub(servers []Server) bool {
	for _, s := range servers {
		if !s.Addr.IsLoopback() {
			return false
		}
	}
	return true
}

// resolvers fills in the machine's DNS attributes.
func (e *evaluator) resolvers() {
	p := e.out.Path
	p.Resolvers = []netip.Addr{}
	for _, s := range EffectiveResolvers(e.state) {
		p.Resolvers = append(p.Resolvers, s.Addr)
		if e.reachable(s) {
			p.DNS = true
		}
	}
}

// reachable reports whether the kernel has a way to a server. A stub on the
// loopback network counts: where it forwards to is not known here.
func (e *evaluator) reachable(s Server) bool {
	if s.Addr.IsLoopback() {
		return true
	}
	f := IPv6
	if s.Addr.Is4() || s.Addr.Is4In6() {
		f = IPv4
	}
	for _, oif := range [2]int{0, s.Index} {
		if l := e.state.Lookups[Question{Family: f, Dst: s.Addr.WithZone(""), OIF: oif}]; l != nil {
			v := e.view(l.Index)
			return l.Err == "" && (l.Type == RouteLocal || v != nil && v.linkReason == ReasonNone)
		}
	}
	return e.out.Path.Family(f).Status == Satisfied
}
