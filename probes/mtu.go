package probes

import (
	"fmt"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

// largest is the largest packet that is sent: links with larger ones are made for
// what stays on them.
const largest = 9000

func mtuMethod() method {
	return method{
		name: fact.MethodMTU, forms: []string{"mtu:HOST"}, parse: target.MTU,
		// A message as large as a link of 1500 bytes takes it, and a small one, of 40
		// (IPv6) + 8 (ICMP) + 24 bytes, and both again.
		cost:     Budget{4, 3144},
		patience: 1,
		prober:   plain(measureMTU),
	}
}

// vanished says that large packets do.
func vanished(size int) fact.Untrusted {
	return fact.Untrusted(fmt.Sprintf("packets of %d bytes vanish", size))
}
