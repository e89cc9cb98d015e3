package path

import (
	"time"

	"flapscope/monitor/fact"
)

// Settings are the values by which a fold evaluates and settles. All durations
// are on the CLOCK_BOOTTIME axis.
type Settings struct {
	// Interface restricts the machine's path to one interface, or is empty.
	Interface fact.Untrusted `json:"interface,omitempty"`
	// SettleDown and SettleUp are how long a raw status must hold before it is
	// settled, for a loss and for a gain.
	SettleDown time.Duration `json:"settle_down_ns"`
	SettleUp   time.Duration `json:"settle_up_ns"`
	// MaxUnrest is how long an old "satisfied" may outlive steady unrest.
	MaxUnrest time.Duration `json:"max_unrest_ns"`
	// ResumeGrace and AssociateGrace are how long settling of a loss waits
	// after a resume from suspend and after an association, for the first
	// answer of a probe.
	ResumeGrace    time.Duration `json:"resume_grace_ns"`
	AssociateGrace time.Duration `json:"associate_grace_ns"`
	// Configure is how long after carrier an interface without an address
	// counts as being configured.
	Configure time.Duration `json:"configure_ns"`
	// Damping is when flapping is a condition of its own.
	Damping Damping `json:"damping"`
}

// DefaultSettings returns the values used when nothing is configured.
func DefaultSettings() Settings {
	return Settings{
		SettleDown: time.Second, SettleUp: 500 * time.Millisecond,
		MaxUnrest: 5 * time.Second, ResumeGrace: 30 * time.Second,
		AssociateGrace: 10 * time.Second, Configure: DefaultConfigure,
		Damping: DefaultDamping(),
	}
}

// DefaultConfigure is how long after carrier an interface without an address
// counts as being configured.
const DefaultConfigure = 10 * time.Second
