package path

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Finding is one thing that probes find wrong with a satisfied path.
type Finding struct {
	Root
	// Down is whether nothing gets through; otherwise it is slow or lossy.
	Down bool
	// Note is whether it is worth knowing and no trouble.
	Note bool
	// Since is when the first probe was sent that met with it, and Before when
	// the last one before it was sent that did not, or 0 where none was.
	Since  time.Duration
	Before time.Duration
	// name is what does not work, in the words of people, and words say what is
	// wrong with it, without the time that it has lasted.
	Name, Words string
	// detail is how much of it, or what was said, for the sentence of a trouble.
	Detail string
	// Degree is how bad it is where it is loss or slowness, to compare it with
	// itself at another instant.
	Degree float64
	// targets are those whose probes show it.
	Targets []*state.TargetState
	// Checked is when the diagnosis began that shows it, of what none of the targets
	// does, or 0.
	Checked time.Duration
}

// text is what is wrong, at the instant now.
func (f *Finding) text(now time.Duration) string {
	words := strings.TrimSpace(f.Name + " " + f.Words)
	if f.silent() {
		return fmt.Sprintf("%s %d s", words, (now-f.Since)/time.Second)
	}
	return words
}

// silent reports whether the finding is that no answer comes, which counts up.
func (f *Finding) silent() bool {
	switch f.What {
	case GatewaySilent, GatewayUnresolved, WrongNetwork, TunnelSilent, UpstreamSilent, UpstreamRefused, UpstreamUnreachable, ResolverSilent:
		return true
	}
	return false
}

// Recovered returns when the first probe was sent that showed a finding to be
// over, and when the last one before it was sent that showed it to go on; 0
// where the state s does not say. What no probe shows is over now.
func (f *Finding) Recovered(s *state.State) (at, last time.Duration) {
	if f.Checked != 0 {
		return f.rechecked(s)
	}
	if len(f.Targets) == 0 {
		return s.Mono, 0
	}
	for _, old := range f.Targets {
		t := s.Targets[old.ID]
		if t == nil {
			continue
		}
		last = max(last, t.Bad)
		well := t.Well
		if well <= f.Since && t.Lost == 0 {
			well = t.FirstGood()
		}
		if well > f.Since && (at == 0 || well < at) {
			at = well
		}
	}
	return at, min(last, at)
}

// found enters a finding.
func (e *healthEvaluator) found(f Finding) {
	if f.Interface == "" {
		f.Interface = e.state.Name(f.Index)
	}
	e.findings = append(e.findings, f)
}

// partial is a finding of loss or slowness, which target t shows.
func (e *healthEvaluator) partial(leg LegName, f fact.Family, index int, who fact.Untrusted, name string, t *state.TargetState) Finding {
	out := Finding{Root: Root{Leg: leg, Family: f, Index: index, Entity: who}, Name: name, Targets: []*state.TargetState{t}}
	if t.Lossy != nil {
		lost, total := t.Loss()
		out.What, out.Since, out.Before = Loss, t.Lossy.Since, t.Lossy.Before
		out.Words = fmt.Sprintf("loss %d %%", lost*100/max(1, total))
		out.Detail = fmt.Sprintf("%d of %d packets", lost, total)
		out.Degree = float64(lost)
		return out
	}
	out.What, out.Since, out.Before = Latency, t.Slow.Since, t.Slow.Before
	out.Words = fmt.Sprintf("slow %d ms", t.Median().Milliseconds())
	out.Degree = t.Median().Seconds()
	out.Detail = fmt.Sprintf("%s instead of %s", text.Duration(t.Median()), text.Duration(t.Baseline))
	return out
}

// said is what the newest result of a target that fails says, or the word for
// silence.
func said(t *state.TargetState) string {
	switch {
	case t.Said != nil:
		return cmp.Or(string(t.Said.Detail), string(t.Said.Outcome))
	case t.Last == nil || t.Last.Outcome == fact.OutcomeTimeout || t.Last.Outcome == fact.OutcomeNoData:
		return "silent"
	case t.Last.Detail != "":
		return string(t.Last.Detail)
	}
	return string(t.Last.Outcome)
}

// Began says what probes found, as a step of a chain, and what shows it.
func (f *Finding) Began() fact.Untrusted {
	out := strings.TrimSpace(f.Name + " " + f.Words)
	switch {
	case f.What == GatewayUnresolved:
		out += ": its neighbour entry failed, says this kernel"
	case f.What == CaptivePortal && f.Detail != "":
		out += ": " + f.Detail
	case f.What == WalledGarden:
		out += ": the portal check passes, and nothing else"
	}
	return fact.Untrusted(out)
}

// Ended says that it is over.
func (f *Finding) Ended() fact.Untrusted { return fact.Untrusted(f.Name + " works again") }
