package redact

import (
	"errors"
	"strconv"
	"strings"
	"sync"
)

// maxNames bounds the names that one recording has pseudonyms for.
const maxNames = 1 << 16

// maxNameBytes bounds all values that are looked for after redaction.
const maxNameBytes = 8 << 20

// errNames means that a recording has more names than any machine.
var errNames = errors.New("more names than any machine has: this is no recording of a machine")

// names are the pseudonyms of one class, in the order in which they were needed.
type names struct {
	prefix string
	of     map[string]string
	next   int
}

// name returns the pseudonym of a value: always the same one.
func (r *Redactor) name(c Class, prefix, value string) string {
	if value == "" {
		return ""
	}
	n := r.names[c]
	if n == nil {
		n = &names{prefix: prefix, of: map[string]string{}}
		r.names[c] = n
	}
	// Names of machines are the same in any case.
	key := value
	if c == Host {
		key = strings.ToLower(strings.TrimSuffix(value, "."))
	}
	if known, ok := n.of[key]; ok {
		r.original(value)
		return known
	}
	if r.named++; r.named > maxNames {
		r.err = errNames
		return n.prefix
	}
	for {
		n.next++
		if p := n.prefix + "-" + strconv.Itoa(n.next); !r.avoid[p] {
			n.of[key] = p
			r.original(value)
			return p
		}
	}
}

// The names that kernels and their drivers give to interfaces, which are the
// same on many machines: by order, by slot and by port, with a VLAN (systemd,
// net-naming-scheme(7)).
var (
	ordered = lazily(`^(eth|wlan|wwan|usb|tun|tap|wg|ppp|br|bond|team|dummy|docker|virbr|vnet|sit|gre|gretap|erspan|ip6tnl|ip6gre|tunl|ip_vti|ip6_vti|vlan|macvlan|macvtap|ipvlan|vrf|can|ib|ifb|nlmon|vxlan|geneve|lxcbr|lxdbr|tailscale|utun|bnep|hso|rmnet|veth)\d{0,3}(\.\d{1,4})?$`)
	slotted = lazily(`^(en|wl|ww|ib|sl)(P\d+)?(o\d+|s\d+|p\d+s\d+)(f\d+)?(np?\d+|d\d+)?(u\d+)*(c\d+)?(i\d+)?(v\d+)?(\.\d{1,4})?$`)
	// byAddress are those that systemd gives by the hardware address.
	byAddress = lazily(`^(en|wl|ww)x([0-9a-f]{12})$`)
)

// interfaceName returns the pseudonym of the name of an interface.
func (r *Redactor) interfaceName(s string) string {
	if s == "" || s == "lo" || ordered.MatchString(s) || slotted.MatchString(s) {
		return s
	}
	if m := byAddress.FindStringSubmatch(s); m != nil {
		b, _ := parseHardware(formatPairs(m[2]))
		mac := r.macs.six([6]byte(b))
		r.original(s)
		return m[1] + "x" + strings.ReplaceAll(formatHardware(mac[:]), ":", "")
	}
	if r.level == Colleague {
		if len(r.interfaces) < maxNames {
			r.interfaces[s] = true
		}
		return s
	}
	return r.name(Interface, "if", s)
}

func formatPairs(digits string) string {
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}

// label returns the pseudonym of the name of an interface with a label behind it
// ("eth0:1"), which ifconfig(8) reads as one of its own.
func (r *Redactor) label(s string) string {
	name, label, labelled := strings.Cut(s, ":")
	switch {
	case !labelled:
		return r.interfaceName(s)
	case strings.Contains(label, ":"):
		return r.text(s) // an address is no label of an interface "fe80"
	}
	if _, err := strconv.ParseUint(label, 10, 8); err != nil && label != "" {
		label = r.name(Label, "label", label)
	}
	return r.interfaceName(name) + ":" + label
}

// wellKnownHosts are asked by many machines.
var wellKnownHosts = map[string]bool{
	"connectivitycheck.gstatic.com": true, "www.gstatic.com": true, "clients3.google.com": true, "captive.apple.com": true,
	"detectportal.firefox.com": true, "nmcheck.gnome.org": true, "network-test.debian.org": true, "fedoraproject.org": true,
	"ping.archlinux.org": true, "connectivity-check.ubuntu.com": true, "www.msftconnecttest.com": true, "example.com": true,
	"example.org": true, "example.net": true, "localhost": true, "dns.google": true, "one.one.one.one": true,
}

// wellKnownLabels are what those names are made of.
var wellKnownLabels = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for name := range wellKnownHosts {
		for label := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '.' || c == '-' }) {
			m[label] = true
		}
	}
	return m
})

// host returns the pseudonym of the name of a machine or a domain.
func (r *Redactor) host(s string) string {
	bare, dot := strings.CutSuffix(s, ".")
	if wellKnownHosts[strings.ToLower(bare)] {
		return s
	}
	if p, ok := r.spelled(bare); ok {
		return p
	}
	p := r.name(Host, "host", s)
	if dot && p != "" {
		p += "."
	}
	return p
}
