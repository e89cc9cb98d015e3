package lan

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
)

// servicesName lists the types of services on a link (RFC 6763 §9).
const servicesName = "_services._dns-sd._udp.local."

// The most that is kept of what a link announces.
const (
	maxTypes     = 128
	maxInstances = 1024
	maxNames     = 4096
)

// A directory is what was announced on a link. It takes messages and says what to
// ask next; it neither sends nor waits.
type directory struct {
	types     map[string]bool
	instances map[string]*instance
	// addrs are those of a host name, and hosts the name of an address, as reverse
	// lookups gave it.
	addrs map[string][]netip.Addr
	hosts map[netip.Addr]string
	// asked are the questions that were returned.
	asked map[dns.Question]bool
}

// An instance is one service.
type instance struct {
	title  fact.Untrusted
	kind   string
	target string
	port   uint16
}

func newDirectory() *directory {
	return &directory{
		types: map[string]bool{}, instances: map[string]*instance{}, addrs: map[string][]netip.Addr{},
		hosts: map[netip.Addr]string{}, asked: map[dns.Question]bool{},
	}
}

// take takes an answer in.
func (d *directory) take(m *dns.Msg) {
	if !m.Response {
		return
	}
	records := slices.Concat(m.Answer, m.Extra)
	// A service may stand before what says that there is one.
	for _, rr := range records {
		if r, ok := rr.(*dns.PTR); ok {
			d.pointer(strings.ToLower(r.Hdr.Name), r.Ptr)
		}
	}
	for _, rr := range records {
		name := strings.ToLower(rr.Header().Name)
		switch r := rr.(type) {
		case *dns.SRV:
			if i := d.instances[name]; i != nil {
				i.target, i.port = strings.ToLower(r.Target), r.Port
			}
		case *dns.A:
			if a, ok := netip.AddrFromSlice(r.A.To4()); ok {
				d.address(name, a)
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(r.AAAA); ok {
				d.address(name, a)
			}
		}
	}
}

// pointer takes a PTR record in: of a type, of an instance or of an address.
func (d *directory) pointer(name, to string) {
	switch {
	case name == servicesName:
		if to = strings.ToLower(to); len(d.types) < maxTypes && strings.HasSuffix(to, ".local.") && strings.HasPrefix(to, "_") {
			d.types[to] = true
		}
	case d.types[name]:
		key := strings.ToLower(to)
		if d.instances[key] == nil && len(d.instances) < maxInstances && strings.HasSuffix(key, "."+name) {
			d.instances[key] = &instance{title: label(to[:len(to)-len(name)-1]), kind: name}
		}
	default:
		if a, ok := reversed(name); ok && len(d.hosts) < maxNames {
			d.hosts[a] = to
		}
	}
}

func (d *directory) address(name string, a netip.Addr) {
	if len(d.addrs) < maxNames && len(d.addrs[name]) < maxAddrs && !slices.Contains(d.addrs[name], a) {
		d.addrs[name] = append(d.addrs[name], a)
	}
}

// reversed returns the IPv4 address that a name asks for the host of (RFC 1035
// §3.5).
func reversed(name string) (netip.Addr, bool) {
	rest, ok := strings.CutSuffix(name, ".in-addr.arpa.")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 4 {
		return netip.Addr{}, false
	}
	slices.Reverse(parts)
	a, err := netip.ParseAddr(strings.Join(parts, "."))
	return a, err == nil
}

// questions returns what is still to be asked: the types first, then who is of
// them, and where those are.
func (d *directory) questions() (out []dns.Question) {
	ask := func(name string, typ uint16) {
		q := dns.Question{Name: name, Qtype: typ, Qclass: dns.ClassINET}
		if !d.asked[q] {
			d.asked[q] = true
			out = append(out, q)
		}
	}
	ask(servicesName, dns.TypePTR)
	for t := range d.types {
		ask(t, dns.TypePTR)
	}
	for name, i := range d.instances {
		if i.target == "" {
			ask(name, dns.TypeSRV)
		} else if len(d.addrs[i.target]) == 0 {
			ask(i.target, dns.TypeA)
			ask(i.target, dns.TypeAAAA)
		}
	}
	slices.SortFunc(out, func(a, b dns.Question) int { return strings.Compare(a.Name, b.Name) + int(a.Qtype) - int(b.Qtype) })
	return out
}

// reverse returns the questions for the names of addresses.
func (d *directory) reverse(all []*Host) (out []dns.Question) {
	for _, x := range all {
		for _, a := range x.Addrs {
			if name, err := dns.ReverseAddr(a.WithZone("").String()); err == nil && a.Is4() && len(out) < MaxAsked {
				out = append(out, dns.Question{Name: name, Qtype: dns.TypePTR, Qclass: dns.ClassINET})
			}
		}
	}
	return out
}

// fill gives the hosts their names and services.
func (d *directory) fill(h *hosts) {
	for a, name := range d.hosts {
		if x := h.byAddr[a]; x != nil && x.Name == "" {
			x.Name = hostOf(name)
		}
	}
	for _, i := range d.instances {
		x := h.of(d.addrs[i.target])
		if x == nil || len(x.Services) >= maxAddrs {
			continue
		}
		if x.Name == "" {
			x.Name = hostOf(i.target)
		}
		x.Services = append(x.Services, Service{
			Instance: i.title, Type: fact.Untrusted(strings.TrimSuffix(i.kind, ".local.")), Port: i.port,
		})
	}
	for _, x := range h.all {
		slices.SortFunc(x.Services, func(a, b Service) int {
			return strings.Compare(string(a.Type)+"\x00"+string(a.Instance), string(b.Type)+"\x00"+string(b.Instance))
		})
	}
}

// of returns the host that has one of some addresses, or nil.
func (h *hosts) of(addrs []netip.Addr) *Host {
	for _, a := range addrs {
		if x := h.byAddr[a]; x != nil {
			return x
		}
	}
	return nil
}

// hostOf is a host's name without its domain's dot.
func hostOf(name string) fact.Untrusted { return label(strings.TrimSuffix(name, ".")) }

// label is a name as it is, without the escapes of the form for zone files
// (RFC 1035 §5.1).
func label(s string) fact.Untrusted {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && digit(s[i+1]) && digit(s[i+2]) && digit(s[i+3]) {
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
			continue
		}
		i++
		b.WriteByte(s[i])
	}
	return fact.Untrusted(b.String())
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
