package fold

import (
	"fmt"
	"maps"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// evidence describes the machine when an episode or an incident begins: its interfaces,
// what became of the gateways, the routes that could carry traffic, and the
// resolvers.
func evidence(s *state.State, p *path.Path) []string {
	var out []string
	for _, i := range p.Interfaces {
		if l := s.Links[i.Index]; l != nil && i.Candidate {
			out = append(out, fmt.Sprintf("link %s %s: %s", i.Name, i.Type, linkWords(l)))
		}
	}
	out = append(out, gatewayEvidence(s)...)
	out = append(out, routeEvidence(s)...)
	for _, r := range state.EffectiveResolvers(s) {
		out = append(out, "resolver "+r.Addr.String())
	}
	return out
}

func linkWords(l *fact.Link) string {
	if !l.Up() {
		return "down"
	}
	return "up, carrier " + path.OnOff(l.Carrier()) + ", " + l.OperState.String()
}

// gatewayEvidence lists the neighbours that are or were next hops.
func gatewayEvidence(s *state.State) []string {
	seen := map[string]bool{}
	for _, l := range s.Lookups {
		if !l.Gateway.IsValid() {
			continue
		}
		text := "no entry"
		if n := s.Neighbours[fact.NeighbourKey{Index: l.Index, Dst: l.Gateway}]; n != nil {
			text = n.State.String()
		}
		seen[fmt.Sprintf("gateway %s dev %s: %s", l.Gateway, s.Name(l.Index), text)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// maxEvidenceRoutes bounds the routes in evidence; more covering routes than
// this tell nobody anything.
const maxEvidenceRoutes = 16

func routeEvidence(s *state.State) []string {
	var out []string
	for r := range s.Routes.All() {
		if fact.Covers(r) {
			out = append(out, fmt.Sprintf("route %s dev %s", r.Words(), s.Name(r.Index)))
		}
	}
	slices.Sort(out)
	return out[:min(len(out), maxEvidenceRoutes)]
}

// examined gives what a diagnosis found out to the incident at whose beginning it was
// made: the newest that goes on.
func (c *incidents) examined(now fact.Instant, found *fact.Check) []Event {
	for _, t := range slices.Backward(c.troubles) {
		if t.state != troubleOn || !t.declared || t.Note() || t.known.Mono > found.Begun+found.Took {
			continue
		}
		e := t.event(now, PhaseUpdate)
		for _, line := range found.Evidence {
			e.Evidence = append(e.Evidence, string(line))
		}
		return []Event{e}
	}
	return nil
}
