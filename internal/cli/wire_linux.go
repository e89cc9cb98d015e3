package cli

import (
	"flapscope/monitor"
	"flapscope/monitor/clock"
	"flapscope/monitor/kernel"
	"flapscope/monitor/live"
	"flapscope/monitor/resolver"
)

// newMonitor returns a monitor of this machine.
func (a *App) newMonitor(set settings, listeners ...live.Listener) *live.Monitor {
	return live.New(set.fold, live.Boottime, listeners...)
}

// sources returns what observes this machine, by the settings.
func sources(set settings) []monitor.Source {
	return []monitor.Source{
		kernel.New(kernel.Options{RouterModeRoutes: set.routerModeRoutes, Audit: set.audit}),
		resolver.New(resolver.Options{}),
		clock.New(),
	}
}
