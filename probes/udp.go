package probes

import (
	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

// closedPort is the first port that traceroute sends to: nobody listens there.
const closedPort = 33434

// knockPayload says who knocks, for whoever wonders. It is short: a router sends
// eight bytes of it back at least.
const knockPayload = "flapscope"

func udpMethod() method {
	return method{
		name: fact.MethodUDP, forms: []string{"udp:HOST[:PORT]"}, parse: target.PortOr(closedPort),
		// 40 (IPv6) + 8 (UDP) + 9 bytes, and the same within 40 + 8 (ICMP).
		cost:     Budget{2, 162},
		patience: 1,
		prober:   plain(knock),
	}
}
