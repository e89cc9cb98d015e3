package report

import (
	"time"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// Schema is the version of the JSON form; it only gains keys.
const Schema = 1

// A Report is what there is to say of a stretch of time. It is the JSON form,
// too.
type Report struct {
	Schema int `json:"schema"`
	// Redaction is what was taken out: "public", "colleague" or "none".
	Redaction string `json:"redaction"`
	// Headline says the whole in a sentence, and Summary what cost most.
	Headline string    `json:"headline"`
	Summary  string    `json:"summary,omitempty"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	// Observed is the time between them without gaps.
	Observed time.Duration `json:"observed_ns"`
	Machine  Machine       `json:"machine"`
	// Satisfied, Reachable and Untroubled are the shares of the observed time
	// with a path, with one by which something got through, and without any
	// incident. Each is absent where nothing could tell.
	Satisfied  *Share `json:"path_satisfied,omitempty"`
	Reachable  *Share `json:"internet_reachable,omitempty"`
	Untroubled *Share `json:"free_of_trouble,omitempty"`
	// Losses are those of the path, and Recovery how long each took.
	Losses   *stats.Rate        `json:"losses,omitempty"`
	Recovery stats.Distribution `json:"recovery"`
	// Legs are the incidents by where they began, from this machine outwards.
	Legs []Leg `json:"legs"`
	// Incidents are the worst first, and Notes what is no trouble.
	Incidents []Incident       `json:"incidents"`
	Notes     []Incident       `json:"notes"`
	Gaps      []Gap            `json:"gaps"`
	Marks     []Mark           `json:"marks"`
	Patterns  []fact.Untrusted `json:"patterns"`
	Checks    []Check          `json:"checks"`
	// AccessPoints are those that a radio used, the longest first.
	AccessPoints []AccessPoint `json:"access_points"`

	span timeline.Span
	view *timeline.View
	// dead are the stretches in which nothing got through, or there was no path,
	// and hurt those with any other trouble.
	dead, hurt, blind []timeline.Span
	transitions       []fold.Event
	file              string
	signals           map[int]*[drawnColumns]signal
}

// A Share is a part of the observed time.
type Share struct {
	Value float64 `json:"value"`
	// Without is the time that it lacks, and N in how many stretches.
	Without time.Duration `json:"without_ns"`
	N       int           `json:"n"`
	// Low and High bound the share with 95 % confidence, by resampled blocks;
	// absent where there are too few.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

// A Machine is what a maintainer asks about one first.
type Machine struct {
	Host       fact.Untrusted   `json:"host,omitempty"`
	OS         fact.Untrusted   `json:"os,omitempty"`
	Kernel     fact.Untrusted   `json:"kernel,omitempty"`
	Arch       fact.Untrusted   `json:"arch,omitempty"`
	Version    fact.Untrusted   `json:"version,omitempty"`
	Synced     bool             `json:"clock_synced"`
	Complete   bool             `json:"complete"`
	Note       fact.Untrusted   `json:"note,omitempty"`
	Interfaces []Interface      `json:"interfaces"`
	Resolvers  []fact.Untrusted `json:"resolvers"`
	// Managers are the daemons that ran and configure interfaces, with their versions.
	Managers []fact.Untrusted `json:"managers,omitempty"`
	// VPN are the tunnels that carried traffic.
	VPN     []fact.Untrusted `json:"vpn"`
	Notices []fact.Untrusted `json:"notices"`
	// kinds are those of the tunnels.
	kinds map[fact.Untrusted]fact.Untrusted
}

// An Interface is one that was there.
type Interface struct {
	Name   fact.Untrusted `json:"name"`
	Type   fact.Untrusted `json:"type"`
	Kind   fact.Untrusted `json:"kind,omitempty"`
	Driver fact.Untrusted `json:"driver,omitempty"`
	// Firmware is the version of what the hardware runs.
	Firmware fact.Untrusted `json:"firmware,omitempty"`
	MTU      uint32         `json:"mtu,omitempty"`
	// Settings are those of the kernel that decide its addresses and routes, as
	// sysctl(8) calls them.
	Settings []fact.Untrusted `json:"settings,omitempty"`
	// Addresses are those at the end.
	Addresses []fact.Untrusted `json:"addresses,omitempty"`
	// InUse and Ready are how long it carried the path, and could have.
	InUse time.Duration `json:"in_use_ns"`
	Ready time.Duration `json:"ready_ns"`
	// CarrierChanges is what the kernel counted within the time.
	CarrierChanges uint32 `json:"carrier_changes,omitempty"`
	// Counters are what the kernel counted within the time, where that was recorded.
	Counters *Counters `json:"counters,omitempty"`
	scope    path.ScopeName
	index    int
}

// Counters are bytes, and packets with errors or dropped for want of room.
type Counters struct {
	RxBytes   uint64 `json:"rx_bytes"`
	TxBytes   uint64 `json:"tx_bytes"`
	RxErrors  uint64 `json:"rx_errors"`
	TxErrors  uint64 `json:"tx_errors"`
	RxDropped uint64 `json:"rx_dropped"`
	TxDropped uint64 `json:"tx_dropped"`
}

// A Leg is one stretch of the way and what began there.
type Leg struct {
	Leg       path.LegName  `json:"leg"`
	Incidents int           `json:"incidents"`
	Lost      time.Duration `json:"lost_ns"`
	Worst     Class         `json:"worst"`
}

// A Class says how much an incident took.
type Class string

// The classes, worst first.
const (
	ClassDead Class = "nothing_worked"
	ClassPart Class = "part_broken"
	ClassSlow Class = "slow_or_lossy"
	ClassNote Class = "note"
)

// An Incident is one trouble.
type Incident struct {
	Number int    `json:"id"`
	Class  Class  `json:"class"`
	Root   Root   `json:"root"`
	Open   bool   `json:"open"`
	Count  int    `json:"count"`
	Text   string `json:"text"`
	// Earliest and EndEarliest bound the begin and the end where they lie between
	// two checks.
	From        time.Time     `json:"from"`
	To          time.Time     `json:"to,omitzero"`
	Earliest    time.Time     `json:"from_earliest,omitzero"`
	EndEarliest time.Time     `json:"to_earliest,omitzero"`
	Duration    time.Duration `json:"duration_ns"`
	Lost        time.Duration `json:"lost_ns"`
	Longest     time.Duration `json:"longest_ns"`
	Works       []string      `json:"works"`
	Pattern     string        `json:"pattern,omitempty"`
	Cause       []path.Step   `json:"cause"`
	Recovery    []path.Step   `json:"recovery"`
	// Evidence is how the machine was when it began.
	Evidence []string `json:"evidence"`
	// Checks are what was sent meanwhile.
	Checks []IncidentCheck `json:"checks"`

	span timeline.Span
}

// A Root is what a trouble came from.
type Root struct {
	What      path.What      `json:"what"`
	Leg       path.LegName   `json:"leg"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	Family    string         `json:"family,omitempty"`
	Entity    fact.Untrusted `json:"entity,omitempty"`
}

// An IncidentCheck is what one kind of check found while an incident lasted.
type IncidentCheck struct {
	Name   string `json:"check"`
	N      int    `json:"n"`
	Failed int    `json:"failed"`
}

// A Gap is a stretch in which nothing can be claimed.
type Gap struct {
	From     time.Time      `json:"from"`
	Duration time.Duration  `json:"duration_ns"`
	Reason   fact.Untrusted `json:"reason"`
	Text     fact.Untrusted `json:"text"`
}

// A Mark is a moment that the user marked, or the end of a stretch of a length.
type Mark struct {
	Time     time.Time      `json:"time"`
	Duration time.Duration  `json:"duration_ns,omitempty"`
	Text     fact.Untrusted `json:"text,omitempty"`
	mono     time.Duration
}

// A Check is what was asked of one target.
type Check struct {
	Name   fact.Untrusted `json:"name"`
	Role   fact.Role      `json:"role"`
	Method fact.Method    `json:"method"`
	Family string         `json:"family,omitempty"`
	// N are the checks with an outcome, and NoData those without.
	N      int `json:"n"`
	NoData int `json:"no_data,omitempty"`
	Failed int `json:"failed"`
	// Scanned are those answered that were sent while the radio in use scanned: their
	// round trips are in no percentile.
	Scanned int `json:"scanned,omitempty"`
	// Share is what of them failed, with its interval.
	Share    float64 `json:"failed_share"`
	ShareLow *Bound  `json:"failed_share_interval,omitempty"`
	// Bursts are how many stretches of failures there were, and Burst the mean
	// of their lengths; Ratio is how much longer that is than by chance (Gilbert).
	Bursts int     `json:"bursts"`
	Burst  float64 `json:"mean_burst,omitempty"`
	Ratio  float64 `json:"burst_ratio,omitempty"`
	// P50, P95 and P99 are of the round trips of the others of those answered.
	P50 Quantile `json:"p50"`
	P95 Quantile `json:"p95"`
	P99 Quantile `json:"p99"`
	id  string
}

// A Bound is an interval of 95 % confidence.
type Bound struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// A Quantile is a figure with its interval, which is absent where the recording
// is too short for one.
type Quantile struct {
	Value time.Duration  `json:"ns"`
	Low   *time.Duration `json:"low_ns,omitempty"`
	High  *time.Duration `json:"high_ns,omitempty"`
}
