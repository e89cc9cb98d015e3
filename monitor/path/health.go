package path

import (
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A HealthState is what probes say about a satisfied path.
type HealthState string

// The health states, from unknown to worst.
const (
	HealthUnknown    HealthState = "unknown"
	HealthOnline     HealthState = "online"
	HealthDegraded   HealthState = "degraded"
	HealthPortal     HealthState = "portal"
	HealthNoInternet HealthState = "no_internet"
)

// Health is what probes say about the path, told apart by what fails.
type Health struct {
	State    HealthState   `json:"state"`
	Gateway  state.Verdict `json:"gateway"`
	DNS      state.Verdict `json:"dns"`
	Internet state.Verdict `json:"internet"`
	// Portal is "ok" when the portal check passes, "down" behind a portal.
	Portal state.Verdict `json:"portal"`
	// IPv4 and IPv6 are the internet verdicts of each family.
	IPv4 state.Verdict `json:"ipv4"`
	IPv6 state.Verdict `json:"ipv6"`
	// Text says in a few words why the state is not online: "gateway silent
	// 4 s". It counts up while everything else stays.
	Text fact.Untrusted `json:"text,omitempty"`
}
