package checkup

import (
	"cmp"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
)

// maxServers bounds the name servers that a diagnosis asks; the library of C takes
// three (resolv.conf(5)).
const maxServers = 4

// A Server is a name server, as programs of this machine ask it.
type Server struct {
	fact.Server
	// Interface is that which it belongs to, if any, and Tunnel whether that is one.
	Interface fact.Untrusted
	Tunnel    bool
	// Aside is whether others are asked for the name in question, and Domain one whose
	// names this one is asked for.
	Aside  bool
	Domain fact.Untrusted
}

// Servers returns the name servers that programs ask: those of resolv.conf, and
// behind a local stub those that it asks, each with whether it is asked for a name.
func Servers(s *state.State, name string) (out []Server) {
	var all []fact.Server
	if conf := s.Resolvers["resolv.conf"]; conf != nil {
		all = append(all, conf.Servers...)
	}
	all = append(all, state.EffectiveResolvers(s)...)
	for _, server := range all {
		asked, domain := state.DomainOf(s, server, name)
		x := Server{Server: server, Aside: !asked, Domain: domain}
		x.Addr, x.Port = x.Addr.Unmap(), cmp.Or(x.Port, 53)
		if zone := x.Addr.Zone(); zone != "" && x.Index == 0 {
			x.Index = indexOf(s, zone)
		}
		x.Addr = x.Addr.WithZone("")
		if l := s.Links[server.Index]; l != nil {
			x.Interface, x.Tunnel = l.Name, l.Type == fact.TypeTunnel
		}
		known := slices.ContainsFunc(out, func(o Server) bool { return o.Addr == x.Addr && o.Port == x.Port })
		if !known {
			out = append(out, x)
		}
	}
	return out
}

func indexOf(s *state.State, name string) int {
	for _, l := range s.Links {
		if string(l.Name) == name {
			return l.Index
		}
	}
	return 0
}

// idle reports whether nobody asks a name server for anything.
func (s *Server) idle() bool { return s.Aside && s.Domain == "" }

// outcome begins the outcome of a question to it.
func (s *Server) outcome(ask verdict.Ask) verdict.Outcome {
	o := verdict.Outcome{Ask: ask, Role: fact.RoleResolver, Family: fact.FamilyOf(s.Addr), Addr: s.Addr}
	if s.Interface != "" {
		o.Interface, o.Index, o.Tunnel = s.Interface, s.Index, s.Tunnel
	}
	if s.Aside {
		o.Domain = s.Domain
	}
	return o
}
