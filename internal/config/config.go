package config

import (
	"strconv"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/probes"
)

// A Config is every setting. Default returns one that is complete; the zero
// Config is not valid.
type Config struct {
	// Theme is "auto", "mono" or the name of a theme.
	Theme string
	// Glyphs is "auto", "unicode", "cp437" or "ascii".
	Glyphs string
	// NoColor is whether to do without colours whatever the terminal can.
	NoColor bool
	// Interface is the interface to which the machine's path is restricted, or
	// empty.
	Interface string
	// SettleDown and SettleUp are how long a raw status must hold before it is
	// settled, for a loss and for a gain.
	SettleDown, SettleUp time.Duration
	// MaxUnrest is how long an old "satisfied" may outlive steady unrest.
	MaxUnrest time.Duration
	// Flapping is when flapping is a condition of its own.
	Flapping Flapping
	// Grace is when settling waits longer.
	Grace Grace
	// Probes is what is probed, and how often.
	Probes Probes
	// Kernel is how the kernel's tables are mirrored.
	Kernel Kernel
	// History is what is kept.
	History History
	// UI is how the screen begins.
	UI UI
}

// Flapping is the damping penalty of RFC 2439.
type Flapping struct {
	// Penalty is added by each raw loss and halves in HalfLife.
	Penalty  float64
	HalfLife time.Duration
	// Raise is the penalty from which a scope is flapping, Clear the one below
	// which it no longer is; Clear is less than Raise.
	Raise, Clear float64
	// MaxHold bounds how long after its last loss a scope can be flapping.
	MaxHold time.Duration
}

// Grace is how long settling of a loss waits for a first answer.
type Grace struct {
	// Resume is the wait after a suspend.
	Resume time.Duration
	// Associate is the wait after an association to Wi-Fi.
	Associate time.Duration
	// Configure is how long after carrier an interface without an address
	// counts as being configured.
	Configure time.Duration
}

// Probes is what is probed, how often, and at what cost.
type Probes struct {
	// Enabled is whether anything is sent at all.
	Enabled bool
	// Diagnose is whether diagnoses are made without being asked for.
	Diagnose bool
	// DiagnoseInterval is how long after one that found nothing another one is.
	DiagnoseInterval time.Duration
	// GatewayInterval to PortalInterval are the time between two probes of one
	// target of that role.
	GatewayInterval, InternetInterval, ResolverInterval, PortalInterval time.Duration
	// CustomInterval is the same for the user's own targets.
	CustomInterval time.Duration
	// CalmAfter is after how long without trouble less is enough where nobody
	// watches, or 0 for never; the next three are the least intervals then, and
	// CalmMeteredInterval is that of all on a metered path.
	CalmAfter                                              time.Duration
	CalmInterval, CalmResolverInterval, CalmPortalInterval time.Duration
	CalmMeteredInterval                                    time.Duration
	// Timeout is when a probe without an answer is lost.
	Timeout time.Duration
	// Internet are the addresses that stand for the internet.
	Internet []string
	// PortalURL is fetched to find captive portals, and PortalExpect is what
	// it must answer: a status code, or the text that its body begins with.
	PortalURL, PortalExpect string
	// DNSName is the name that resolvers are asked for.
	DNSName string
	// Custom are the user's targets, in the forms of probes.ParseTarget.
	Custom []string
	// PacketsPerMinute and BytesPerMinute bound what all probes may cost,
	// answers included, and MeteredPercent is how much of that a metered path
	// may bear.
	PacketsPerMinute int
	BytesPerMinute   int64
	MeteredPercent   int
}

// Kernel is how the kernel's tables are mirrored.
type Kernel struct {
	// RouterModeRoutes is the number of routes above which the route mirror
	// narrows to what the path needs.
	RouterModeRoutes int
	// AuditInterval is the time between two audits for silent changes, and
	// LinkAuditInterval the time between two readings of links that are down.
	AuditInterval, LinkAuditInterval time.Duration
	// ReceiveBuffer is the wanted size of the socket's buffer in bytes.
	ReceiveBuffer int64
}

// History is what is kept of the past.
type History struct {
	// Enabled is whether a ring of recordings is kept on disk.
	Enabled bool
	// Dir is where, or empty for the default: see Config.HistoryDir.
	Dir string
	// MaxAge and MaxSize (bytes) bound the ring.
	MaxAge  time.Duration
	MaxSize int64
	// Memory is how far back the live screen scrolls.
	Memory time.Duration
}

// UI is how the screen begins.
type UI struct {
	// Span is how much time the axis shows at the start; 0 grows with the
	// data.
	Span time.Duration
	// Mouse is whether clicks and the wheel are for the screen.
	Mouse bool
	// Bell is whether the terminal's bell rings when the internet is lost.
	Bell bool
	// Lite is whether the live screen sleeps until something changes.
	Lite bool
}

// Default returns the settings used when nothing is configured.
func Default() Config {
	fold := path.DefaultSettings()
	return Config{
		Theme: "auto", Glyphs: "auto",
		SettleDown: fold.SettleDown, SettleUp: fold.SettleUp, MaxUnrest: fold.MaxUnrest,
		Flapping: Flapping{
			Penalty: fold.Damping.Penalty, HalfLife: fold.Damping.HalfLife,
			Raise: fold.Damping.Raise, Clear: fold.Damping.Clear, MaxHold: fold.Damping.MaxHold,
		},
		Grace:  Grace{Resume: fold.ResumeGrace, Associate: fold.AssociateGrace, Configure: fold.Configure},
		Probes: defaultProbes(),
		Kernel: Kernel{
			RouterModeRoutes: 20_000, AuditInterval: 45 * time.Second,
			LinkAuditInterval: 5 * time.Second, ReceiveBuffer: 32 << 20,
		},
		History: History{
			Enabled: true, MaxAge: 7 * 24 * time.Hour, MaxSize: 500_000_000, Memory: 24 * time.Hour,
		},
		UI: UI{Mouse: true},
	}
}

// defaultProbes returns in the words of the settings what package probes does
// by itself.
func defaultProbes() Probes {
	p := probes.DefaultConfig()
	return Probes{
		Enabled:          !p.Disabled,
		Diagnose:         true,
		DiagnoseInterval: time.Hour,
		GatewayInterval:  p.Intervals.Gateway, InternetInterval: p.Intervals.Internet,
		ResolverInterval: p.Intervals.Resolver, PortalInterval: p.Intervals.Portal,
		CustomInterval: p.Intervals.Custom,
		CalmAfter:      p.Calm.After,
		CalmInterval:   p.Calm.Intervals.Gateway, CalmResolverInterval: p.Calm.Intervals.Resolver,
		CalmPortalInterval: p.Calm.Intervals.Portal, CalmMeteredInterval: p.Calm.Metered,
		Timeout:   p.Timeout,
		Internet:  probes.DefaultInternet(),
		PortalURL: p.Portal.URL, PortalExpect: strconv.Itoa(p.Portal.Status),
		DNSName:          p.Query,
		PacketsPerMinute: p.Budget.Packets, BytesPerMinute: int64(p.Budget.Bytes),
		MeteredPercent: 100 * p.Metered.Packets / p.Budget.Packets,
	}
}

// Fold returns the settings by which a fold evaluates and settles.
func (c Config) Fold() path.Settings {
	s := path.DefaultSettings()
	s.Interface = fact.Untrusted(c.Interface)
	s.SettleDown, s.SettleUp, s.MaxUnrest = c.SettleDown, c.SettleUp, c.MaxUnrest
	s.ResumeGrace, s.AssociateGrace, s.Configure = c.Grace.Resume, c.Grace.Associate, c.Grace.Configure
	s.Damping = path.Damping{
		Penalty: c.Flapping.Penalty, HalfLife: c.Flapping.HalfLife,
		Raise: c.Flapping.Raise, Clear: c.Flapping.Clear, MaxHold: c.Flapping.MaxHold,
	}
	return s
}
