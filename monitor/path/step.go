package path

import (
	"time"

	"flapscope/monitor/fact"
)

// A Step is one fact of a cause chain.
type Step struct {
	Time time.Time     `json:"time"`
	Mono time.Duration `json:"mono_ns"`
	// After is the delay since the first step of the chain.
	After     time.Duration  `json:"after_ns"`
	Layer     fact.Layer     `json:"layer"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	// Text is the fact in the user's words: "carrier lost".
	Text fact.Untrusted `json:"text"`
	Via  fact.Via       `json:"via,omitempty"`
}
