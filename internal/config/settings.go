package config

import "time"

// A setting is one key of the file. A dot separates table and key.
type setting struct {
	key string
	// doc says what it means.
	doc   string
	value value
}

const (
	day  = 24 * time.Hour
	hour = time.Hour
	// mega is a decimal megabyte, as "500MB" means.
	mega = 1_000_000
)

// settings is the table of settings, in the order in which they are printed,
// with values that live in c. Keys of one table are together.
func settings(c *Config) []setting {
	return []setting{
		{"theme", "Colours: auto asks the terminal for its background; a name is that of a theme of the program or of a file in themes/ beside this one.", word{&c.Theme, wantTheme, isTheme}},
		{"glyphs", "Characters to draw with; auto looks at TERM and the locale.", oneOf(&c.Glyphs, "auto", "unicode", "cp437", "ascii")},
		{"no_color", "Whether to do without colours whatever the terminal can.", boolean{&c.NoColor}},
		{"interface", "Restrict the machine's path to this interface; \"\" for all.", word{&c.Interface, wantInterface, isInterface}},
		{"settle_down", "How long a loss must hold before it is settled.", duration{&c.SettleDown, 0, time.Minute}},
		{"settle_up", "How long a gain must hold before it is settled.", duration{&c.SettleUp, 0, time.Minute}},
		{"max_unrest", "How long an old \"satisfied\" may outlive steady unrest.", duration{&c.MaxUnrest, time.Second, time.Minute}},

		{"flapping.penalty", "Penalty of each loss (RFC 2439).", number{&c.Flapping.Penalty, 1, 1e6}},
		{"flapping.half_life", "Time in which the penalty halves.", duration{&c.Flapping.HalfLife, time.Second, hour}},
		{"flapping.raise", "Penalty from which it is flapping.", number{&c.Flapping.Raise, 1, 1e6}},
		{"flapping.clear", "Penalty below which it no longer is; less than raise.", number{&c.Flapping.Clear, 1, 1e6}},
		{"flapping.max_hold", "How long after its last loss it can still be flapping.", duration{&c.Flapping.MaxHold, time.Second, hour}},

		{"grace.resume", "How long settling waits for a first answer after a suspend.", duration{&c.Grace.Resume, 0, 5 * time.Minute}},
		{"grace.associate", "The same after an association to Wi-Fi.", duration{&c.Grace.Associate, 0, 5 * time.Minute}},
		{"grace.configure", "How long after carrier a missing address is \"configuring\".", duration{&c.Grace.Configure, 0, 5 * time.Minute}},

		{"probes.enabled", "Whether anything is sent at all.", boolean{&c.Probes.Enabled}},
		{"probes.diagnose", "Whether what \"flapscope check\" asks is asked by itself: once on each network, at the beginning of each incident, now and then, and again while it finds what nothing else does. At most 20 times an hour, mostly 20 kB each and 65 kB at most; on a metered path at incidents only. A captive portal that the network names is asked too.", boolean{&c.Probes.Diagnose}},
		{"probes.diagnose_interval", "Time until the next one where all is well; none on a metered path.", duration{&c.Probes.DiagnoseInterval, 5 * time.Second, day}},
		{"probes.gateway_interval", "Time between two probes of one gateway.", interval(&c.Probes.GatewayInterval)},
		{"probes.internet_interval", "Time between two probes of one internet target.", interval(&c.Probes.InternetInterval)},
		{"probes.resolver_interval", "Time between two questions to one resolver.", interval(&c.Probes.ResolverInterval)},
		{"probes.portal_interval", "Time between two looks for a captive portal.", interval(&c.Probes.PortalInterval)},
		{"probes.custom_interval", "Time between two probes of one target of your own.", interval(&c.Probes.CustomInterval)},
		{"probes.calm_after", "How long without trouble until less is probed, where no screen shows it; 0s for never. A loss or a change of the path ends it at once.", duration{&c.Probes.CalmAfter, 0, hour}},
		{"probes.calm_interval", "Least time between two pings of one target then.", interval(&c.Probes.CalmInterval)},
		{"probes.calm_resolver_interval", "The same between two questions to one resolver.", interval(&c.Probes.CalmResolverInterval)},
		{"probes.calm_portal_interval", "The same between two looks for a captive portal.", interval(&c.Probes.CalmPortalInterval)},
		{"probes.calm_metered_interval", "The same for all targets on a metered path.", interval(&c.Probes.CalmMeteredInterval)},
		{"probes.timeout", "When a probe without an answer is lost.", duration{&c.Probes.Timeout, 100 * time.Millisecond, time.Minute}},
		{"probes.internet", "Addresses that stand for the internet, of more than one operator. Each is pinged, and its TCP port 443 tells a filter of pings from an outage.", list{&c.Probes.Internet, wantAddress, isAddress}},
		{"probes.portal_url", "What to fetch to find captive portals; \"\" for nothing.", word{&c.Probes.PortalURL, wantPortal, isPortal}},
		{"probes.portal_expect", "What it answers: a status code, or the start of its body.", word{&c.Probes.PortalExpect, wantPrintable, isPrintable}},
		{"probes.dns_name", "The name that resolvers are asked for.", word{&c.Probes.DNSName, wantName, isName}},
		{"probes.custom", "Targets of your own: " + targetForms() + ". They never decide health.", list{&c.Probes.Custom, targetForms(), isTarget}},
		{"probes.packets_per_minute", "What all probes together may cost, answers included.", integer{&c.Probes.PacketsPerMinute, 1, 1e6}},
		{"probes.bytes_per_minute", "The same in bytes.", size{&c.Probes.BytesPerMinute, 1000, 1000 * mega}},
		{"probes.metered_percent", "How much of that a metered path may bear.", integer{&c.Probes.MeteredPercent, 0, 100}},

		{"kernel.router_mode_routes", "Routes above which the mirror narrows to what the path needs.", integer{&c.Kernel.RouterModeRoutes, 100, 1e9}},
		{"kernel.audit_interval", "Time between two audits for changes that the kernel did not tell.", duration{&c.Kernel.AuditInterval, 5 * time.Second, hour}},
		{"kernel.link_audit_interval", "The same for links that are administratively down.", duration{&c.Kernel.LinkAuditInterval, time.Second, hour}},
		{"kernel.receive_buffer", "Limit of the netlink socket's buffer; it reserves nothing.", size{&c.Kernel.ReceiveBuffer, 65536, 1 << 30}},

		{"history.enabled", "Whether a ring of recordings is kept on disk.", boolean{&c.History.Enabled}},
		{"history.dir", "Where; \"\" is $XDG_STATE_HOME/flapscope.", word{&c.History.Dir, wantDir, isDir}},
		{"history.max_age", "Age at which recordings are removed.", duration{&c.History.MaxAge, hour, 3650 * day}},
		{"history.max_size", "Size that all recordings together may have.", size{&c.History.MaxSize, mega, 1_000_000 * mega}},
		{"history.memory", "How far back the live screen scrolls.", duration{&c.History.Memory, time.Minute, 30 * day}},

		{"ui.span", "Time that the axis shows at the start; 0s grows with the data.", duration{&c.UI.Span, 0, 30 * day}},
		{"ui.bell", "Whether the terminal's bell rings when the internet is lost.", boolean{&c.UI.Bell}},
		{"ui.mouse", "Whether clicks and the wheel are for the screen; most terminals select text then while shift is held.", boolean{&c.UI.Mouse}},
		{"ui.lite", "Whether the live screen is drawn only when something changed or a key was pressed, without the time of day and without counters.", boolean{&c.UI.Lite}},
	}
}

// interval is the time between two probes of a target. Once a tenth of a
// second is the most that a target can be expected to bear.
func interval(p *time.Duration) value { return duration{p, 100 * time.Millisecond, hour} }

// Validate returns what is wrong with c: the first key that is out of its
// range, and what is allowed. Flags that override keys are checked by it too.
func (c Config) Validate() error {
	for _, s := range settings(&c) {
		if err := s.value.check(); err != nil {
			return &keyError{keys: []string{s.key}, err: err}
		}
	}
	return c.together()
}

// together checks what no key can say for itself.
func (c *Config) together() error {
	if c.Flapping.Clear >= c.Flapping.Raise {
		return &keyError{
			keys: []string{"flapping.clear", "flapping.raise"},
			err:  wrong(c.Flapping.Clear, "less than flapping.raise, which is "+decimal(c.Flapping.Raise)),
		}
	}
	return nil
}

// A keyError is an error about the value of the first key, or about how it
// fits the others.
type keyError struct {
	keys []string
	err  error
}

func (e *keyError) Error() string { return e.keys[0] + ": " + e.err.Error() }
func (e *keyError) Unwrap() error { return e.err }
