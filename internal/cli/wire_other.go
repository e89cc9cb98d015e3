//go:build !linux

package cli

import (
	"fmt"
	"net/netip"
	"runtime"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor/live"
	"flapscope/monitor/state"
)

// newMonitor returns a monitor that no source feeds.
func (a *App) newMonitor(c config.Config) *live.Monitor {
	m := live.New(c.Fold(), live.Boottime)
	m.Listen(&openedListener{a.Cage})
	if a.Monitored != nil {
		a.Monitored(m)
	}
	return m
}

// sources says that only recordings can be read here.
func sources(config.Config, bool, ...netip.Addr) ([]state.Source, error) {
	return nil, fmt.Errorf("observing needs Linux, and this is %s; replay, state FILE and events FILE read recordings here, and check TARGET asks one", runtime.GOOS)
}

// hostFacts is for headers of recordings, which are not made here.
func hostFacts() session.Host { return session.Host{} }
