//go:build linux

package netlab

import (
	"fmt"
	"net"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv6"
)

// Advertise sends a router advertisement out of an interface of the namespace.
func (ns *Namespace) Advertise(t testing.TB, name string, message []byte) {
	t.Helper()
	err := ns.Do(func() error {
		c, err := icmp.ListenPacket("ip6:ipv6-icmp", "::")
		if err != nil {
			return fmt.Errorf("raw ICMPv6 socket: %w", err)
		}
		defer c.Close()
		p := c.IPv6PacketConn()
		if err := p.SetMulticastHopLimit(255); err != nil {
			return err
		}
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			return err
		}
		// The kernel computes the checksum of a raw ICMPv6 socket.
		_, err = p.WriteTo(message, &ipv6.ControlMessage{IfIndex: ifi.Index},
			&net.IPAddr{IP: net.IPv6linklocalallnodes, Zone: name})
		return err
	})
	if err != nil {
		t.Fatalf("advertise out of %s: %v", name, err)
	}
}
