package compare

import (
	"strings"

	"flapscope/monitor/fact"
)

// A Key is where something is measured: a leg of the way, or one target, or an
// interface.
type Key struct {
	// Name is that of an interface, or of a target that both recordings must have;
	// a gateway and a resolver are compared with what was in their place.
	Name   fact.Untrusted
	Role   fact.Role
	Method fact.Method
	Family fact.Family
}

// keyOf returns where a target is.
func keyOf(t *fact.Target) Key {
	k := Key{Name: t.Name, Role: t.Role, Method: t.Method, Family: t.Family}
	if t.Role == fact.RoleGateway || t.Role == fact.RoleResolver {
		k.Name = ""
	}
	return k
}

// String names the place for people.
func (k Key) String() string {
	if k.Role == "" {
		return string(k.Name)
	}
	var b strings.Builder
	b.WriteString(string(k.Name))
	if k.Name == "" {
		b.WriteString(string(k.Role))
		if k.Family != 0 {
			b.WriteString(map[fact.Family]string{fact.IPv4: " IPv4", fact.IPv6: " IPv6"}[k.Family])
		}
	}
	return b.String() + " (" + string(k.Method) + ")"
}

// A series is what was measured at one place, by stretches of blockFor.
type series struct {
	key    Key
	blocks []measured
	// open are the values of the newest stretch, which goes on.
	open []float64
	// run is how many losses there were in a row, lost how many in all, and squares
	// the sum of the squares of all runs.
	run, lost, squares int
}

// A measured stretch has the median of what was measured in it.
type measured struct {
	at     int
	median float64
	// values are how many values it has, n how many were tried, and lost how many of
	// them had none.
	values, n, lost int
}

// block returns the stretch to add to. Stretches come in order.
func (s *series) block(at int) *measured {
	if len(s.blocks) == 0 || s.blocks[len(s.blocks)-1].at < at {
		s.end()
		s.blocks = append(s.blocks, measured{at: at})
	}
	return &s.blocks[len(s.blocks)-1]
}

// end ends the newest stretch.
func (s *series) end() {
	if len(s.open) > 0 {
		b := &s.blocks[len(s.blocks)-1]
		b.median, b.values = median(s.open), len(s.open)
		s.open = s.open[:0]
	}
}

// finish ends what goes on.
func (s *series) finish() {
	s.end()
	s.endRun()
}

// add takes a value.
func (s *series) add(at int, v float64) {
	s.endRun()
	s.block(at).n++
	s.open = append(s.open, v)
}

// lose takes that there was no value.
func (s *series) lose(at int) {
	b := s.block(at)
	b.n++
	b.lost++
	s.run++
}

// endRun ends a run of losses.
func (s *series) endRun() {
	s.lost, s.squares, s.run = s.lost+s.run, s.squares+s.run*s.run, 0
}

// find takes back a loss: the answer came late.
func (s *series) find(at int) {
	if b := s.block(at); b.lost > 0 {
		b.lost--
		s.run = max(0, s.run-1)
	}
}

// joined returns the medians of the stretches, k of them joined.
func (s *series) joined(k int) (out []float64) {
	var one []float64
	for i, b := range s.blocks {
		if b.values > 0 {
			one = append(one, b.median)
		}
		if len(one) > 0 && (i+1 == len(s.blocks) || s.blocks[i+1].at/k != b.at/k) {
			out = append(out, median(one))
			one = one[:0]
		}
	}
	return out
}

// figure is what is typical, or nil without any value.
func (s *series) figure(k int) *Figure {
	if s == nil {
		return nil
	}
	n := 0
	for _, b := range s.blocks {
		n += b.values
	}
	if n == 0 {
		return nil
	}
	return &Figure{median(s.joined(k)), n}
}

// losses tallies what was lost, each stretch by its share.
func (s *series) losses(k int) *tally {
	t := &tally{}
	var m mass
	tried, tries := 0, 0
	for i, b := range s.blocks {
		if b.n > 0 {
			m.of, m.in = m.of+float64(b.lost)/float64(b.n), m.in+1
			tried, tries, t.n = tried+1, tries+b.n, t.n+b.lost
		}
		if m.in > 0 && (i+1 == len(s.blocks) || s.blocks[i+1].at/k != b.at/k) {
			t.blocks = append(t.blocks, m)
			m = mass{}
		}
	}
	if tries > 0 {
		// A run of losses has one cause.
		t.grain = float64(tried) / float64(tries) * float64(max(s.squares, 1)) / float64(max(s.lost, 1))
	}
	return t
}

// lossFigure is the share that was lost, or nil if nothing was tried.
func (s *series) lossFigure() *Figure {
	if s == nil {
		return nil
	}
	t := s.losses(1)
	m := t.sum()
	if m.in == 0 {
		return nil
	}
	return &Figure{m.of / m.in, t.n}
}
