package fold

import (
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// lead returns the health h of an evaluation as it is beside the open incidents:
// it is never milder than they are. What the probes say at one instant may be
// undecided where an incident goes on until its end is known.
func (c *incidents) lead(h path.Health, eval *path.Evaluation) path.Health {
	if eval == nil || eval.Path.Status != path.Satisfied {
		return h
	}
	worst := c.worst()
	if worst == nil {
		return h
	}
	if h.State == path.HealthUnknown || h.State == path.HealthOnline {
		i := worst.form(fact.Instant{Mono: worst.began.Mono}, PhaseOpen)
		h.State, h.Text = path.HealthDegraded, i.brief(worst.mends())
	}
	if h.State == path.HealthDegraded && c.cutsOff(eval.Path) {
		h.State, h.Internet = path.HealthNoInternet, state.VerdictDown
	}
	return h
}

// worst returns the trouble that goes on and is worst, or nil.
func (c *incidents) worst() (worst *trouble) {
	for _, t := range c.troubles {
		on := t.declared && t.state == troubleOn && !t.Note() && !t.ended()
		if on && (worst == nil || worst.Severity == SeverityDegraded && t.Severity == SeverityOutage) {
			worst = t
		}
	}
	return worst
}

// cutsOff reports whether what goes on leaves no family of a path with a way to
// the internet.
func (c *incidents) cutsOff(p *path.Path) bool {
	for _, family := range fact.Families {
		if p.Family(family).Status == path.Satisfied && !c.cuts(family) {
			return false
		}
	}
	return true
}

// cuts reports whether nothing of a family gets through by what goes on.
func (c *incidents) cuts(family fact.Family) bool {
	for _, t := range c.troubles {
		for _, f := range t.faults {
			on := t.declared && t.state == troubleOn && !f.over
			of := f.Family
			if f.key.path {
				of = f.key.family // A link that is lost cuts off who went by it.
			}
			if on && f.down && !f.weak && f.Leg.Rank() <= path.LegInternet.Rank() && f.Leg != path.LegPortal && (of == 0 || of == family) {
				return true
			}
		}
	}
	return false
}

// Led returns the snapshot as it is beside open incidents that another process
// found, which watches for longer: what one that just began has not seen yet is no
// reason to say something milder.
func (s *Snapshot) Led(by []*Incident) *Snapshot {
	if s.Raw == nil || len(by) == 0 {
		return s
	}
	out := *s
	if out.Incidents = by; s.Raw.Status != path.Satisfied {
		return &out
	}
	var cut [len(fact.Families)]bool
	for _, i := range by {
		if out.Health.State == path.HealthUnknown || out.Health.State == path.HealthOnline {
			out.Health.State = path.HealthDegraded
		}
		out.Health.Text = i.Brief()
		for k, f := range fact.Families {
			cut[k] = cut[k] || i.Severity == SeverityOutage && i.Root.Leg.Rank() <= path.LegInternet.Rank() && i.Root.Leg != path.LegPortal &&
				(i.Root.Family == 0 || i.Root.Family == f) && !slices.Contains(i.Works, partWords[partIPv4+k])
		}
		if i.Root.Leg == path.LegPortal {
			out.Health.State = path.HealthPortal
		}
	}
	for k, f := range fact.Families {
		if !cut[k] && s.Raw.Family(f).Status == path.Satisfied {
			return &out
		}
	}
	if out.Health.State == path.HealthDegraded {
		out.Health.State, out.Health.Internet = path.HealthNoInternet, state.VerdictDown
	}
	return &out
}
