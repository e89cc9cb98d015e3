package state

import "flapscope/monitor/fact"

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
