package cli

import (
	"net/netip"

	"flapscope/internal/config"
	"flapscope/monitor/clock"
	"flapscope/monitor/kernel"
	"flapscope/monitor/live"
	"flapscope/monitor/resolver"
	"flapscope/monitor/state"
	"flapscope/monitor/wireless"
	"flapscope/probes"
)

// newMonitor returns a monitor of this machine.
func (a *App) newMonitor(c config.Config) *live.Monitor {
	m := live.New(c.Fold(), live.Boottime)
	m.Listen(&openedListener{a.Cage})
	if a.Monitored != nil {
		a.Monitored(m)
	}
	return m
}

// maxAsked bounds the targets of the user's of which the kernel is asked: each is
// asked about by every interface after every change.
const maxAsked = 8

// sources returns what observes this machine, by the configuration; counting is
// whether the traffic of its interfaces is, too, and to are destinations of which
// the kernel is asked which way they go.
func sources(c config.Config, counting bool, to ...netip.Addr) ([]state.Source, error) {
	own := probes.Addresses(c.Probes.Custom)
	to = append(to, own[:min(len(own), maxAsked)]...)
	list := []state.Source{
		kernel.New(kernel.Options{
			RouterModeRoutes: c.Kernel.RouterModeRoutes, Audit: c.Kernel.AuditInterval,
			LinkAudit: c.Kernel.LinkAuditInterval, ReceiveBuffer: int(c.Kernel.ReceiveBuffer), Traffic: counting,
			Destinations: to,
		}),
		resolver.New(resolver.Options{}),
		resolver.NewMetering(""),
		resolver.NewManagers(""),
		clock.New(),
		wireless.New(wireless.Options{Watched: counting}),
	}
	if !c.Probes.Enabled {
		return list, nil
	}
	runner, err := probes.New(probeConfig(&c.Probes))
	if err != nil {
		return nil, usagef("probes: %w", err)
	}
	return append(list, runner), nil
}
