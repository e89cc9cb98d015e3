package monitor

import "time"

// Settings are the values by which a fold settles. All durations are on the
// CLOCK_BOOTTIME axis.
type Settings struct {
	// SettleDown and SettleUp are how long a raw status must hold before it is
	// settled, for a loss and for a gain.
	SettleDown time.Duration `json:"settle_down_ns"`
	SettleUp   time.Duration `json:"settle_up_ns"`
}

// DefaultSettings returns the values used when nothing is configured.
func DefaultSettings() Settings {
	return Settings{SettleDown: time.Second, SettleUp: 500 * time.Millisecond}
}
