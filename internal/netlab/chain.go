//go:build linux

package netlab

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// A Chain is a host, its gateway and a server behind that:
//
//	l0 192.0.2.1 -- 192.0.2.2 l1, w0 198.51.100.1 -- 198.51.100.2 w1
//
// and the same in 2001:db8:1::/64 and 2001:db8:2::/64.
type Chain struct{ Here, Gateway, There *Namespace }

// NewChain makes a chain that lives as long as the test.
func NewChain(t testing.TB) Chain {
	t.Helper()
	l := Chain{New(t), New(t), New(t)}
	l.Gateway.IP(t, "link add l1 type veth peer name l0 netns "+l.Here.Name)
	l.Gateway.IP(t, "link add w0 type veth peer name w1 netns "+l.There.Name)
	for _, e := range []struct {
		ns     *Namespace
		dev    string
		addrs  string
		router string
	}{
		{l.Here, "l0", "192.0.2.1/24 2001:db8:1::1/64", "192.0.2.2 2001:db8:1::2"},
		{l.Gateway, "l1", "192.0.2.2/24 2001:db8:1::2/64", ""},
		{l.Gateway, "w0", "198.51.100.1/24 2001:db8:2::1/64", ""},
		{l.There, "w1", "198.51.100.2/24 2001:db8:2::2/64", "198.51.100.1 2001:db8:2::1"},
	} {
		for a := range strings.FieldsSeq(e.addrs) {
			nodad := ""
			if strings.Contains(a, ":") {
				nodad = " nodad"
			}
			e.ns.IP(t, "addr add "+a+" dev "+e.dev+nodad)
		}
		e.ns.IP(t, "link set "+e.dev+" up")
		for a := range strings.FieldsSeq(e.router) {
			e.ns.IP(t, "route add default via "+a)
		}
	}
	l.Gateway.Sysctl(t, "ipv4/ip_forward", "1")
	l.Gateway.SaysAgain(t)
	l.Gateway.Sysctl(t, "ipv6/conf/all/forwarding", "1")
	l.Here.AllowPingSockets(t)
	l.Here.Reaches(t, "198.51.100.2", "2001:db8:2::2")
	return l
}

// SaysAgain lets a router that has no way for IPv4 say so once a second. It counts
// such a message twice otherwise (ip_error and icmpv4_xrlim_allow in net/ipv4), and
// says nothing more after the first three, whatever became of those.
func (ns *Namespace) SaysAgain(t testing.TB) {
	t.Helper()
	ns.Sysctl(t, "ipv4/icmp_ratelimit", "0")
}

// Reaches returns when packets go to addresses and back: the kernel lets none out
// of an interface until it has reported the carrier, up to a second late (linkwatch).
func (ns *Namespace) Reaches(t testing.TB, addresses ...string) {
	t.Helper()
	if _, err := exec.LookPath("ping"); err != nil {
		return
	}
	for _, addr := range addresses {
		tries := 0
		for ns.Command("ping", "-n", "-c", "1", "-W", "1", addr).Run() != nil {
			if tries++; tries == 30 {
				t.Fatalf("%s can't be reached", addr)
			}
		}
	}
}

// Carrier returns when the kernel has reported of a link that it may carry, or may no
// longer: up to a second late (linkwatch).
func (ns *Namespace) Carrier(t testing.TB, link string, up bool) {
	t.Helper()
	Until(t, fmt.Sprintf("%s carries: %v", link, up), func() bool {
		return strings.Contains(ns.IP(t, "link show "+link), "state UP") == up
	})
}

// Filter loads rules of the packet filter.
func (ns *Namespace) Filter(t testing.TB, rules string) {
	t.Helper()
	c := ns.Command("nft", "-f", "-")
	c.Stdin = strings.NewReader(rules)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
