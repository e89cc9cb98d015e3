package checkup

import (
	"net/netip"
	"net/url"
	"slices"
	"time"

	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// A Config says who is asked.
type Config struct {
	// Internet are addresses that stand for the internet.
	Internet []netip.Addr
	// Portal is the page of the portal check, by plain HTTP; none if its URL is
	// empty.
	Portal probes.Portal
	// Query is a name that exists and that name servers are asked for where the
	// portal check has none.
	Query string
	// Raw is whether pings need a raw socket.
	Raw bool
	// Look calls a function with what the kernel's tables are now.
	Look func(func(*state.State))
	// Progress, where not nil, is told now and then what is known.
	Progress func(*verdict.Evidence, time.Duration)
}

// Stats is what a diagnosis cost.
type Stats struct {
	// Probes is how many questions were asked, Bytes about how much they and
	// their answers took.
	Probes, Bytes int
	Took          time.Duration
	// Hops are the ways to where the internet does not answer, by family.
	Hops [2][]Hop
}

// A Hop is one router on the way.
type Hop struct {
	Addr netip.Addr
	RTT  time.Duration
}

// An owner is who runs public addresses.
type owner struct {
	name     string
	prefixes []netip.Prefix
}

// owners are those whose addresses are known to be in several prefixes.
var owners = []owner{
	{"Cloudflare", prefixes("1.1.1.0/24", "1.0.0.0/24", "2606:4700::/32")},
	{"Google", prefixes("8.8.8.0/24", "8.8.4.0/24", "2001:4860::/32")},
	{"Quad9", prefixes("9.9.9.0/24", "149.112.112.0/24", "2620:fe::/32")},
	{"OpenDNS", prefixes("208.67.220.0/22", "2620:119::/32")},
}

func prefixes(all ...string) (out []netip.Prefix) {
	for _, p := range all {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// operator names who runs an address. Two unknown addresses are of one operator
// if they are in one network of the size that operators have.
func operator(a netip.Addr) string {
	if name := known(a); name != "" {
		return name
	}
	bits := 16
	if a.Is6() {
		bits = 32
	}
	p, _ := a.Prefix(bits)
	return p.String()
}

// known names the owner of an address whose certificate is known to be for that
// address, or returns "".
func known(a netip.Addr) string {
	for _, o := range owners {
		if slices.ContainsFunc(o.prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return o.name
		}
	}
	return ""
}

// operators numbers the operators of the internet targets.
func (c *Config) operators() (names []string) {
	for _, a := range c.Internet {
		if name := operator(a); !slices.Contains(names, name) && len(names) < 32 {
			names = append(names, name)
		}
	}
	return names
}

// host returns the host and the port of the portal check.
func (c *Config) host() (host, port string) {
	u, err := url.Parse(c.Portal.URL)
	if err != nil || u.Scheme != "http" {
		return "", ""
	}
	if port = u.Port(); port == "" {
		port = "80"
	}
	return u.Hostname(), port
}

// Name returns the name that name servers are asked for: that of the check, so
// that what they answer is used.
func (c *Config) Name() string {
	host, _ := c.host()
	if _, err := netip.ParseAddr(host); host == "" || err == nil {
		return c.Query
	}
	return host
}
