package history

import (
	"time"

	"flapscope/internal/text"
	"flapscope/monitor"
)

// circumstances are the conditions of the machine that are no part of a path, as
// levels need them.
type circumstances struct {
	health   monitor.Health
	flapping bool
}

// machineChange returns how the machine does with path p.
func machineChange(at time.Duration, p *monitor.Path, c circumstances) change {
	d := statusChange(at, p.Status, p.Reason, p.Interface)
	if d.level != LevelGood {
		return d
	}
	d.note = pathNote(p)
	switch c.health.State {
	case monitor.HealthDegraded, monitor.HealthPortal, monitor.HealthNoInternet:
		d.level, d.note = LevelDegraded, text.Words(c.health.State)
	}
	if c.flapping {
		d.level, d.note = LevelDegraded, "flapping"
	}
	return d
}

func pathNote(p *monitor.Path) string {
	switch {
	case p.Tunnel != nil:
		return "tunnel"
	case p.Expensive:
		return "metered"
	case p.Constrained:
		return "constrained"
	}
	return ""
}

// familyChange returns how one family does; v is what probes say of it.
func familyChange(at time.Duration, p *monitor.FamilyPath, v monitor.Verdict) change {
	d := statusChange(at, p.Status, p.Reason, p.Interface)
	if d.level == LevelGood && (v == monitor.VerdictDown || v == monitor.VerdictDegraded) {
		d.level, d.note = LevelDegraded, "internet "+string(v)
	}
	return d
}

func statusChange(at time.Duration, s monitor.Status, r monitor.Reason, ifi monitor.Untrusted) change {
	switch s {
	case monitor.Satisfied:
		return change{at: at, level: LevelGood, label: ifi}
	case monitor.RequiresConnection:
		return change{at: at, level: LevelWaiting, label: monitor.Untrusted(r)}
	}
	return change{at: at, level: LevelBad, label: monitor.Untrusted(r)}
}

// interfaceChange returns how one interface does. An interface that nobody
// expects to work is idle, not bad: administratively down, no candidate for an
// uplink, or without carrier ever since it is watched.
func interfaceChange(at time.Duration, p *monitor.InterfacePath, hadCarrier bool) change {
	d := change{at: at, label: monitor.Untrusted(p.Reason)}
	switch {
	case p.Status == monitor.Satisfied && p.InUse:
		d.level, d.label = LevelGood, ""
	case p.Status == monitor.Satisfied:
		d.level, d.label = LevelStandby, ""
	case p.Reason == monitor.ReasonAdminDown || !p.Candidate:
		d.level = LevelIdle
	case withoutCarrier(p.Reason) && !hadCarrier:
		d.level = LevelIdle
	case p.Status == monitor.RequiresConnection:
		d.level = LevelWaiting
	default:
		d.level = LevelBad
	}
	return d
}

// withoutCarrier reports whether the reason lies at or below the carrier.
func withoutCarrier(r monitor.Reason) bool {
	switch r {
	case monitor.ReasonNoInterface, monitor.ReasonRadioOff, monitor.ReasonAdminDown,
		monitor.ReasonNoCarrier, monitor.ReasonNotAssociated:
		return true
	}
	return false
}

// words turns a JSON value into words: "no_carrier" into "no carrier".
