package monitor

import "time"

// A Step is one fact of a cause chain.
type Step struct {
	Time time.Time     `json:"time"`
	Mono time.Duration `json:"mono_ns"`
	// After is the delay since the first step of the chain.
	After     time.Duration `json:"after_ns"`
	Layer     Layer         `json:"layer"`
	Interface Untrusted     `json:"interface,omitempty"`
	// Text is the fact in the user's words: "carrier lost".
	Text Untrusted `json:"text"`
	Via  Via       `json:"via,omitempty"`
}
