package cli

import (
	"net/netip"

	"flapscope/internal/config"
	"flapscope/monitor/state"
)

// settings returns the configuration: the file, then the flags over it.
func (a *App) settings() (config.Config, error) {
	path, required := a.flags.config, true
	if path == "" {
		var err error
		if path, err = config.Path(a.Env); err != nil {
			// Without a home there is no file to read, and all is default.
			path = ""
		}
		required = false
	}
	c := config.Default()
	if path != "" {
		var err error
		if c, err = config.Load(path, required); err != nil {
			return c, usageError{err}
		}
	}
	a.flags.over(&c)
	if err := c.Validate(); err != nil {
		return c, usagef("command line: %w", err)
	}
	themes, err := a.themesWith(c.Theme)
	if err != nil {
		return c, usageError{err}
	}
	a.themes = themes
	return c, nil
}

// observing returns the configuration of a command that observes this machine,
// and the sources that it observes by; counting is whether they count traffic.
func (a *App) observing(noProbes, counting bool, to ...netip.Addr) (config.Config, []state.Source, error) {
	set, err := a.settings()
	if err != nil {
		return set, nil, err
	}
	set.Probes.Enabled = set.Probes.Enabled && !noProbes
	list, err := sources(set, counting, to...)
	return set, list, err
}
