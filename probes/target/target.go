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

	"flapscope/monitor"
)

// targetForms is what Parse takes, for its errors.
const targetForms = "ping:HOST, tcp:HOST:PORT, tls:HOST:PORT, dns:SERVER[/NAME], http://… or https://…"

// Parse parses a target of the user's:
//
//	ping:192.0.2.1           ping:fe80::1%eth0         ping:hq.example.net
//	tcp:hq.example.net:22    tcp:[2001:db8::1]:443     tls:hq.example.net:443
//	dns:192.0.2.53           dns:[2001:db8::53]:5353/www.example.net
//	http://example.net/up    https://example.net/up
//
// The result has the role RoleCustom and its canonical form as ID, which parses
// to the same target. It has no interval: the Runner gives it one. A name to
// ask is missing where dns: has none: the Runner asks its usual one.
func Parse(s string) (monitor.Target, error) {
	t, err := parse(s)
	if err != nil {
		return monitor.Target{}, fmt.Errorf("target %q: %w", monitor.Untrusted(s).Display(), err)
	}
	t.Role = monitor.RoleCustom
	if t.Addr.Is4() {
		t.Family = monitor.IPv4
	} else if t.Addr.Is6() {
		t.Family = monitor.IPv6
	}
	return t, nil
}

func parse(s string) (monitor.Target, error) {
	method, rest, ok := strings.Cut(s, ":")
	if !ok {
		return monitor.Target{}, fmt.Errorf("no method: want %s", targetForms)
	}
	switch m := monitor.Method(method); m {
	case monitor.MethodPing:
		return parsePing(rest)
	case monitor.MethodTCP, monitor.MethodTLS:
		return parsePort(m, rest)
	case monitor.MethodDNS:
		return parseServer(rest)
	case monitor.MethodHTTP, "https":
		return parsePage(s)
	}
	return monitor.Target{}, fmt.Errorf("unknown method %q: want %s", monitor.Untrusted(method).Display(), targetForms)
}

func parsePing(rest string) (monitor.Target, error) {
	t := monitor.Target{Method: monitor.MethodPing}
	host, err := setHost(&t, strings.Trim(rest, "[]"))
	t.ID, t.Name = "ping:"+host, monitor.Untrusted(host)
	return t, err
}

func parsePort(m monitor.Method, rest string) (monitor.Target, error) {
	t := monitor.Target{Method: m}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return t, fmt.Errorf("want %s:HOST:PORT, with [] around an IPv6 address", m)
	}
	if err := setPort(&t, port); err != nil {
		return t, err
	}
	host, err = setHost(&t, host)
	t.Name = monitor.Untrusted(net.JoinHostPort(host, strconv.Itoa(int(t.Port))))
	t.ID = string(m) + ":" + string(t.Name)
	return t, err
}

func parseServer(rest string) (monitor.Target, error) {
	t := monitor.Target{Method: monitor.MethodDNS, Port: 53}
	server, name, asked := strings.Cut(rest, "/")
	host := strings.Trim(server, "[]")
	if _, err := netip.ParseAddr(host); err != nil && strings.Contains(server, ":") {
		var port string
		if host, port, err = net.SplitHostPort(server); err != nil {
			return t, errors.New("want dns:SERVER[:PORT][/NAME], with [] around an IPv6 address that has a port")
		}
		if err := setPort(&t, port); err != nil {
			return t, err
		}
	}
	host, err := setHost(&t, host)
	if err != nil {
		return t, err
	}
	t.Name, t.ID = monitor.Untrusted(host), "dns:"+host
	if t.Port != 53 {
		t.Name = monitor.Untrusted(net.JoinHostPort(host, strconv.Itoa(int(t.Port))))
		t.ID = "dns:" + string(t.Name)
	}
	if !asked {
		return t, nil
	}
	if _, ok := dns.IsDomainName(name); !ok || !printable(name) {
		return t, fmt.Errorf("bad name to ask %q", monitor.Untrusted(name).Display())
	}
	t.Query = monitor.Untrusted(dns.CanonicalName(name))
	t.ID += "/" + string(t.Query)
	return t, nil
}

func parsePage(s string) (monitor.Target, error) {
	t := monitor.Target{Method: monitor.MethodHTTP}
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
	if err := setPort(&t, port); err != nil {
		return t, err
	}
	if _, err := setHost(&t, u.Hostname()); err != nil {
		return t, err
	}
	t.Name, t.Query = monitor.Untrusted(u.Host+u.Path), monitor.Untrusted(u.String())
	t.ID = string(t.Query)
	return t, nil
}

// setHost sets the address or the name of t and returns the canonical form.
func setHost(t *monitor.Target, host string) (string, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if err := checkName(host); err != nil {
			return "", err
		}
		host = strings.ToLower(host)
		t.Host = monitor.Untrusted(host)
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
	shown := monitor.Untrusted(name).Display()
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

func setPort(t *monitor.Target, port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("bad port %q: want 1 to 65535", monitor.Untrusted(port).Display())
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
