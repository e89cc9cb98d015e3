package probes

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

// answerFrom answers each echo request that reaches a namespace from the
// addresses given, in that order, until the test ends.
func answerFrom(t *testing.T, ns *netlab.Namespace, from ...string) {
	t.Helper()
	var in net.PacketConn
	var out []net.PacketConn
	if err := ns.Do(func() (err error) {
		if in, err = net.ListenPacket("ip4:icmp", "0.0.0.0"); err != nil {
			return err
		}
		for _, a := range from {
			c, err := net.ListenPacket("ip4:icmp", a)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range append(out, in) {
			c.Close()
		}
	})
	go func() {
		buf := make([]byte, 1500)
		for {
			n, to, err := in.ReadFrom(buf)
			if err != nil {
				return
			}
			m, err := icmp.ParseMessage(ipv4.ICMPTypeEcho.Protocol(), buf[:n])
			if err != nil || m.Type != ipv4.ICMPTypeEcho {
				continue
			}
			m.Type = ipv4.ICMPTypeEchoReply
			reply, err := m.Marshal(nil)
			if err != nil {
				continue
			}
			for _, c := range out {
				c.WriteTo(reply, to)
				time.Sleep(20 * time.Millisecond)
			}
		}
	}()
}

// Whoever sees a request can answer it: only the address that was asked counts.
func TestPingIgnoresStrangers(t *testing.T) {
	for name, tt := range map[string]struct {
		from    []string
		outcome fact.Outcome
		detail  fact.Untrusted
	}{
		"a-stranger":     {[]string{"192.0.2.9"}, fact.OutcomeTimeout, "answered by 192.0.2.9"},
		"stranger-first": {[]string{"192.0.2.9", "192.0.2.2"}, fact.OutcomeOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := pair(t)
			there.IP(t, "addr add 192.0.2.9/24 dev v1")
			there.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
			answerFrom(t, there, tt.from...)
			modes(t, here, func(t *testing.T, p Prober, mode string) {
				got := probeIn(t, here, time.Second, p, echoTarget("192.0.2.2", mode, 0))
				if got.Outcome != tt.outcome || got.Detail != tt.detail {
					t.Errorf("%s %q, want %s %q", got.Outcome, got.Detail, tt.outcome, tt.detail)
				}
			})
		})
	}
}
