package target

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"flapscope/monitor/fact"
)

// Ping reads what stands after "ping:".
func Ping(_, rest string) (fact.Target, error) {
	t := fact.Target{Method: fact.MethodPing}
	host, err := SetHost(&t, strings.Trim(rest, "[]"))
	t.ID, t.Name = "ping:"+host, fact.Untrusted(host)
	return t, err
}

// MTU reads what stands after "mtu:".
func MTU(_, rest string) (fact.Target, error) {
	t := fact.Target{Method: fact.MethodMTU}
	host, err := SetHost(&t, strings.Trim(rest, "[]"))
	t.ID, t.Name = "mtu:"+host, fact.Untrusted(host)
	return t, err
}

// Port reads what stands after "tcp:" and the like: a host and a port.
func Port(scheme, rest string) (fact.Target, error) {
	t := fact.Target{Method: fact.Method(scheme)}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return t, fmt.Errorf("want %s:HOST:PORT, with [] around an IPv6 address", scheme)
	}
	if err := SetPort(&t, port); err != nil {
		return t, err
	}
	host, err = SetHost(&t, host)
	t.Name = fact.Untrusted(net.JoinHostPort(host, strconv.Itoa(int(t.Port))))
	t.ID = scheme + ":" + string(t.Name)
	return t, err
}

// PortOr returns what reads the rest of targets whose port may be left out: an
// address or a name, with [] around an IPv6 address that has a port.
func PortOr(usual uint16) func(scheme, rest string) (fact.Target, error) {
	return func(scheme, rest string) (fact.Target, error) {
		t := fact.Target{Method: fact.Method(scheme), Port: usual}
		host, err := setHostPort(&t, rest, scheme+":HOST[:PORT]")
		if err != nil {
			return t, err
		}
		t.Name = fact.Untrusted(net.JoinHostPort(host, strconv.Itoa(int(t.Port))))
		t.ID = scheme + ":" + string(t.Name)
		return t, nil
	}
}

// setHostPort sets the host of t, and its port if there is one, and returns the
// host. Form is how the whole is written.
func setHostPort(t *fact.Target, rest, form string) (string, error) {
	host := strings.Trim(rest, "[]")
	if _, err := netip.ParseAddr(host); err != nil && strings.Contains(rest, ":") {
		var port string
		if host, port, err = net.SplitHostPort(rest); err != nil {
			return "", fmt.Errorf("want %s, with [] around an IPv6 address that has a port", form)
		}
		if err := SetPort(t, port); err != nil {
			return "", err
		}
	}
	return SetHost(t, host)
}

// Server reads what stands after "dns:": a name server and a name to ask.
func Server(_, rest string) (fact.Target, error) {
	t := fact.Target{Method: fact.MethodDNS, Port: 53}
	server, name, asked := strings.Cut(rest, "/")
	host, err := setHostPort(&t, server, "dns:SERVER[:PORT][/NAME]")
	if err != nil {
		return t, err
	}
	t.Name, t.ID = fact.Untrusted(host), "dns:"+host
	if t.Port != 53 {
		t.Name = fact.Untrusted(net.JoinHostPort(host, strconv.Itoa(int(t.Port))))
		t.ID = "dns:" + string(t.Name)
	}
	if !asked {
		return t, nil
	}
	if _, ok := dns.IsDomainName(name); !ok || !printable(name) {
		return t, fmt.Errorf("bad name to ask %q", fact.Untrusted(name).Display())
	}
	t.Query = fact.Untrusted(dns.CanonicalName(name))
	t.ID += "/" + string(t.Query)
	return t, nil
}

// Page reads a URL.
func Page(scheme, rest string) (fact.Target, error) {
	s := scheme + ":" + rest
	t := fact.Target{Method: fact.MethodHTTP}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return t, errors.Unwrap(err)
	case u.Hostname() == "" || !printable(s):
		return t, errors.New("want a URL with a host and without white space")
	case u.User != nil:
		return t, errors.New("a URL with a password would end up in every recording: leave it out")
	}
	u.Fragment, u.RawFragment = "", ""
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if err := SetPort(&t, port); err != nil {
		return t, err
	}
	if _, err := SetHost(&t, u.Hostname()); err != nil {
		return t, err
	}
	t.Name, t.Query = fact.Untrusted(u.Host+u.Path), fact.Untrusted(u.String())
	t.ID = string(t.Query)
	return t, nil
}

// SetHost sets the address or the name of t and returns the canonical form.
func SetHost(t *fact.Target, host string) (string, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if err := checkName(host); err != nil {
			return "", err
		}
		host = strings.ToLower(host)
		t.Host = fact.Untrusted(host)
		return host, nil
	}
	addr = addr.Unmap()
	switch {
	case addr.IsUnspecified(), addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "", fmt.Errorf("%s is not the address of one host", addr)
	case addr.Is6() && addr.IsLinkLocalUnicast() && addr.Zone() == "":
		return "", fmt.Errorf("%s is link-local: say on which interface, as in %s%%eth0", addr, addr)
	case !printable(addr.Zone()):
		return "", errors.New("bad interface name after %")
	}
	t.Addr = addr
	return addr.String(), nil
}

// checkName rejects what can't be the name of a host (RFC 1123 §2.1, and the
// underscore, which is seen in private networks). A name that looks like an
// IPv4 address is a mistyped one.
func checkName(name string) error {
	shown := fact.Untrusted(name).Display()
	if _, ok := dns.IsDomainName(name); !ok || name == "." || name == "" {
		return fmt.Errorf("bad host %q: want an address or a name", shown)
	}
	digits := true
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9', r == '.':
			continue
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_':
			digits = false
		default:
			return fmt.Errorf("bad host %q: want letters, digits, dots and hyphens (xn--… for others)", shown)
		}
	}
	if digits || strings.HasPrefix(name, "-") {
		return fmt.Errorf("bad host %q: neither an address nor a name", shown)
	}
	return nil
}

// SetPort sets the port of t.
func SetPort(t *fact.Target, port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("bad port %q: want 1 to 65535", fact.Untrusted(port).Display())
	}
	t.Port = uint16(n)
	return nil
}

// printable reports whether s is of visible ASCII characters only.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
