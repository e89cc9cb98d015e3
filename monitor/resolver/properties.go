package resolver

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
)

// maxBusServers bounds the servers taken from the service: global ones and
// those of every link.
const maxBusServers = 64

// maxDomains bounds the domains taken from the service.
const maxDomains = 256

// The elements of the Manager's properties (org.freedesktop.resolve1(5)). An
// interface index of 0 means all links.
type (
	// A busServer is an element of DNS, a(iiay).
	busServer struct {
		Index, Family int32
		Address       []byte
	}
	// A busServerEx is an element of DNSEx, a(iiayqs), since systemd 246.
	busServerEx struct {
		Index, Family int32
		Address       []byte
		Port          uint16
		Name          string
	}
	// A busDomain is an element of Domains, a(isb).
	busDomain struct {
		Index  int32
		Domain string
		// RouteOnly is whether the domain only chooses servers ("~example.net")
		// and is not searched.
		RouteOnly bool
	}
)

// decode returns what the Manager's properties say.
func decode(props map[string]dbus.Variant) (*fact.Resolvers, error) {
	var all []busServerEx
	if _, ok := props["DNSEx"]; ok {
		if err := property(props, "DNSEx", "a(iiayqs)", &all); err != nil {
			return nil, err
		}
	} else {
		var plain []busServer
		if err := property(props, "DNS", "a(iiay)", &plain); err != nil {
			return nil, err
		}
		for _, p := range plain {
			all = append(all, busServerEx{Index: p.Index, Family: p.Family, Address: p.Address})
		}
	}
	r := &fact.Resolvers{}
	for _, s := range all[:min(len(all), maxBusServers)] {
		if srv, ok := s.server(); ok {
			r.Servers = append(r.Servers, srv)
		}
	}
	var domains []busDomain
	if err := property(props, "Domains", "a(isb)", &domains); err != nil {
		return nil, err
	}
	for _, d := range domains[:min(len(domains), maxDomains)] {
		if !d.RouteOnly && len(r.Search) < maxSearch {
			r.Search = append(r.Search, fact.Untrusted(d.Domain))
		}
		if d.Index < 0 {
			continue
		}
		r.Domains = append(r.Domains, fact.Domain{Name: fact.Untrusted(d.Domain), Index: int(d.Index)})
		if d.RouteOnly && d.Index > 0 && d.Domain != "." && !slices.Contains(r.Aside, int(d.Index)) {
			r.Aside = append(r.Aside, int(d.Index))
		}
	}
	return r, nil
}

// aside brings up to date which interfaces' servers are asked for names in their own
// domains alone: those of which the service says so (DefaultRoute, since systemd 240),
// and without that those with a domain that is not searched
// (dns_scope_is_default_route in resolved).
func aside(r *fact.Resolvers, preferred func(index int) (bool, error)) {
	for _, s := range r.Servers {
		if s.Index == 0 {
			continue
		}
		is, err := preferred(s.Index)
		if err != nil {
			continue
		}
		known := slices.Index(r.Aside, s.Index)
		switch {
		case is && known >= 0:
			r.Aside = slices.Delete(r.Aside, known, known+1)
		case !is && known < 0:
			r.Aside = append(r.Aside, s.Index)
		}
	}
	slices.Sort(r.Aside)
}

// property stores the property called name in dest, or leaves dest alone where
// the service does not have it.
func property(props map[string]dbus.Variant, name, signature string, dest any) error {
	v, ok := props[name]
	if !ok {
		return nil
	}
	if got := v.Signature().String(); got != signature {
		return fmt.Errorf("property %s has type %q, want %q", name, got, signature)
	}
	if err := v.Store(dest); err != nil {
		return fmt.Errorf("property %s: %w", name, err)
	}
	return nil
}

// server returns the server as an observation has it: a link-local address
// with its zone, and port 53 where none is configured.
func (s busServerEx) server() (fact.Server, bool) {
	a, ok := netip.AddrFromSlice(s.Address)
	if !ok || s.Index < 0 {
		return fact.Server{}, false
	}
	srv := fact.Server{Addr: a.Unmap(), Port: s.Port, Index: int(s.Index)}
	if srv.Port == 0 {
		srv.Port = 53
	}
	if srv.Addr.IsLinkLocalUnicast() && srv.Addr.Is6() && s.Index > 0 {
		srv.Addr = safeZone(srv.Addr.WithZone(zone(int(s.Index))), int(s.Index))
	}
	return srv, true
}

// zone returns the name of the interface, or its number when it has gone.
func zone(index int) string {
	if ifi, err := net.InterfaceByIndex(index); err == nil {
		return ifi.Name
	}
	return strconv.Itoa(index)
}
