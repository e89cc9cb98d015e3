package probes

import (
	"context"
	"net/netip"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

// The modes of a ping target.
const (
	// ModeUnprivileged is a ping socket, which the sysctl
	// net.ipv4.ping_group_range allows to groups of users (icmp(7)). It counts
	// for IPv6 too.
	ModeUnprivileged = "unprivileged"
	// ModeRaw is a raw socket, which takes CAP_NET_RAW.
	ModeRaw = "raw"
)

func pingMethod() method {
	return method{
		name: fact.MethodPing, forms: []string{"ping:HOST"}, parse: target.Ping,
		// Two messages of 40 (IPv6) + 8 (ICMP) + 24 bytes.
		cost:     Budget{2, 144},
		patience: 1,
		prober:   func(Portal) Prober { return newPinger() },
	}
}

// resolve returns the address of t.
func resolve(ctx context.Context, w *stopwatch, t *fact.Target) (netip.Addr, error) {
	if t.Addr.IsValid() {
		return t.Addr, nil
	}
	w.start(&w.resolving)
	defer w.stop(&w.resolving, &w.phases.Resolve)
	addrs, err := addresses(ctx, t)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0].Unmap(), nil
}
