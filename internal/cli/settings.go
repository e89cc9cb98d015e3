package cli

import (
	"time"

	"flapscope/monitor"
)

// settings are what the commands need of the configuration and the flags.
type settings struct {
	fold             monitor.Settings
	routerModeRoutes int
	audit            time.Duration
	probes           bool
	theme, glyphs    string
	noColor          bool
}

// settings returns the configuration with the flags applied.
func (a *App) settings() (settings, error) {
	set := settings{fold: monitor.DefaultSettings(), probes: true}
	f := &a.flags
	if f.set.Changed("settle-down") {
		set.fold.SettleDown = f.settleDown
	}
	if f.set.Changed("settle-up") {
		set.fold.SettleUp = f.settleUp
	}
	set.fold.Interface = monitor.Untrusted(f.iface)
	set.theme, set.glyphs, set.noColor = f.theme, f.glyphs, f.noColor
	return set, nil
}
