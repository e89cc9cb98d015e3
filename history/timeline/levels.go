package timeline

import (
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// conditions are those of the machine that are no part of a path, as
// levels need them.
type conditions struct {
	health   path.Health
	flapping bool
}

// machineChange returns how the machine does with path p.
func machineChange(at time.Duration, p *path.Path, c conditions) change {
	d := statusChange(at, p.Status, p.Reason, p.Interface)
	if d.level != LevelGood {
		return d
	}
	d.note = pathNote(p)
	switch c.health.State {
	case path.HealthDegraded, path.HealthPortal, path.HealthNoInternet:
		d.level, d.note = LevelDegraded, text.Words(c.health.State)
	}
	// That nothing is reached is graver than that it comes and goes.
	if s := c.health.State; c.flapping && s != path.HealthPortal && s != path.HealthNoInternet {
		d.level, d.note = LevelDegraded, "flapping"
	}
	return d
}

func pathNote(p *path.Path) string {
	switch {
	case p.Tunnel != nil:
		return "tunnel"
	case p.Expensive:
		return "metered"
	}
	return ""
}

// familyChange returns how one family does; v is what probes say of it.
func familyChange(at time.Duration, p *path.FamilyPath, v state.Verdict) change {
	d := statusChange(at, p.Status, p.Reason, p.Interface)
	if d.level == LevelGood && (v == state.VerdictDown || v == state.VerdictDegraded) {
		d.level, d.note = LevelDegraded, "internet "+string(v)
	}
	return d
}

func statusChange(at time.Duration, s path.Status, r path.Reason, ifi fact.Untrusted) change {
	switch s {
	case path.Satisfied:
		return change{at: at, level: LevelGood, label: ifi}
	case path.RequiresConnection:
		return change{at: at, level: LevelWaiting, label: fact.Untrusted(r)}
	}
	return change{at: at, level: LevelBad, label: fact.Untrusted(r)}
}

// interfaceChange returns how one interface does. An interface that nobody
// expects to work is idle, not bad: administratively down, no candidate for an
// uplink, or without carrier ever since it is watched.
func interfaceChange(at time.Duration, p *path.InterfacePath, hadCarrier bool) change {
	d := change{at: at, label: fact.Untrusted(p.Reason)}
	switch {
	case p.Status == path.Satisfied && p.InUse:
		d.level, d.label = LevelGood, ""
	case p.Status == path.Satisfied:
		d.level, d.label = LevelStandby, ""
	case p.Reason == path.ReasonAdminDown || !p.Candidate:
		d.level = LevelIdle
	case withoutCarrier(p.Reason) && !hadCarrier:
		d.level = LevelIdle
	case p.Status == path.RequiresConnection:
		d.level = LevelWaiting
	default:
		d.level = LevelBad
	}
	return d
}

// withoutCarrier reports whether the reason lies at or below the carrier.
func withoutCarrier(r path.Reason) bool {
	switch r {
	case path.ReasonNoInterface, path.ReasonRadioOff, path.ReasonAdminDown,
		path.ReasonNoCarrier, path.ReasonNotAssociated:
		return true
	}
	return false
}

// A Condition is what a level means for availability.
type Condition uint8

const (
	// ConditionBlind is time of which nothing is said: no data, a gap, or an
	// interface that nobody expects to work.
	ConditionBlind Condition = iota
	// ConditionUp is time with a path.
	ConditionUp
	// ConditionDown is time without one.
	ConditionDown
)

// ConditionOf returns the condition of a level.
func ConditionOf(l Level) Condition {
	switch l {
	case LevelStandby, LevelGood, LevelDegraded:
		return ConditionUp
	case LevelWaiting, LevelBad:
		return ConditionDown
	}
	return ConditionBlind
}
