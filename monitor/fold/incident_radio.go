package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

const (
	// radioEarly is how long before the carrier the radio may say why it is lost:
	// linkwatch holds the carrier back for a second. Mostly it comes after it; see
	// path.RadioLate.
	radioEarly = 1100 * time.Millisecond
	// roamAsks is for how long after a roam it is waited that the gateway is known
	// again, and roamAsked from when on that is worth a word: a network answers in
	// milliseconds.
	roamAsks  = 2500 * time.Millisecond
	roamAsked = 200 * time.Millisecond
	// roamTime is how long a path may be lost for one access point after another.
	roamTime = 2 * time.Second
)

// A radioWord is what a radio said of an association, and when.
type radioWord struct {
	at   fact.Instant
	wifi *fact.Wifi
}

// radio takes in what the radio said of an association.
func (c *incidents) radio(now fact.Instant, w *fact.Wifi) {
	if c.watch.radio == nil {
		c.watch.radio = map[int]radioWord{}
	}
	c.watch.radio[w.Index] = radioWord{now, w}
	for _, t := range c.troubles {
		// On a busy machine the carrier may be back before the radio says why it was
		// lost.
		past := t.state == troubleQuiet && !t.declared && t.Count == 1 && w.Event == fact.WifiRoamed
		if t.state != troubleOn && !past {
			continue
		}
		changed := false
		for _, f := range t.faults {
			if f.about(w) && !f.over {
				t.met(w)
			}
			changed = f.hear(now, w) || changed
		}
		if changed {
			t.changed = true
			t.settleRoot()
			if past {
				t.state, t.roam = troubleOver, true
			}
		}
	}
}

// heard gives a fault that begins what the radio said just before, and returns it
// if it is about that.
func (w *pathWatch) heard(f *fault) *fact.Wifi {
	said, ok := w.radio[f.Index]
	if ok && !said.wifi.Gain() && f.known.Mono-said.at.Mono <= radioEarly && f.hear(said.at, said.wifi) {
		return said.wifi
	}
	return nil
}

// about reports whether a word of a radio can be about a fault.
func (f *fault) about(w *fact.Wifi) bool {
	return f.key.path && f.Index == w.Index && f.Leg == path.LegRadio && f.What != path.RadioOff
}

// hear takes in what the radio said of the interface of a fault, and reports
// whether that is news: who ended the association and why, that it was left for
// another access point, or why there is none.
func (f *fault) hear(at fact.Instant, w *fact.Wifi) bool {
	if !f.about(w) {
		return false
	}
	late := at.Mono - f.since.Mono
	switch {
	case w.Event == fact.WifiRoamed && late <= roamTime:
		f.What, f.detail = path.Roam, string(w.Words())
		return true
	case w.Gain():
		f.rejoined = true
		return false
	case f.What == path.Deauthenticated || f.What == path.BeaconLost:
		return f.refuse(w)
	case f.What != path.NotAssociated:
		return false
	case w.Ended() && late <= path.RadioLate && !f.rejoined:
		f.What = radioEnd(w)
		f.lead(at, w)
	case f.over:
		return false
	}
	f.detail = string(w.Words())
	return true
}

// refuse takes in that an access point refuses this machine since it lost its
// association, or ends the next one before that is of use: the lasting trouble is then
// another than the first. It reports whether that is news.
func (f *fault) refuse(w *fact.Wifi) bool {
	words := string(w.Words())
	if f.over || words == f.refused || w.Event != fact.WifiRefused && (!f.rejoined || !w.ByAP) {
		return false
	}
	f.refused = words
	return true
}

// lead puts what the radio said before the other facts of a loss, where it is not
// among them.
func (f *fault) lead(at fact.Instant, w *fact.Wifi) {
	if slices.ContainsFunc(f.cause, func(s path.Step) bool { return s.Layer == fact.LayerRadio }) {
		return
	}
	step := path.Step{Time: at.Time, Mono: at.Mono, Layer: fact.LayerRadio, Text: w.Words()}
	if len(f.cause) > 0 {
		first := f.cause[0]
		step.Interface = first.Interface
		if first.Mono < at.Mono {
			step.Time, step.Mono = first.Time, first.Mono
		}
	}
	f.cause = append([]path.Step{step}, f.cause...)
}

// radioEnd is what the end of an association is in a word. Where this machine ended
// it, that is nobody else's doing.
func radioEnd(w *fact.Wifi) path.What {
	switch {
	case w.Event == fact.WifiBeaconLost:
		return path.BeaconLost
	case w.ByAP:
		return path.Deauthenticated
	}
	return path.NotAssociated
}

// radio is the predicate of a root that the radio said; out is that without its words.
func (c *clause) radio(out string) string {
	refused := ""
	for _, f := range c.faults {
		refused = cmp.Or(refused, prefixed(", then ", f.refused))
	}
	switch c.What {
	case path.Deauthenticated:
		return "was " + c.incident.byCells(c.said("deauthenticated")) + refused
	case path.BeaconLost:
		return out + refused
	case path.Roam:
		return c.said("roamed")
	}
	return out + prefixed(": ", c.incident.byCells(c.said("")))
}

// observed takes in what a radio said, or what the kernel knows of a neighbour.
func (c *incidents) observed(now fact.Instant, f fact.Fact) {
	switch f := f.(type) {
	case *fact.Wifi:
		c.radio(now, f)
	case *fact.Neighbour:
		c.neighbour(now, f)
	}
}

// roamed makes a note of a trouble that was a change of the access point and
// nothing else, with how long there was no path, and no way to the gateway after it.
func (c *incidents) roamed(now fact.Instant, t *trouble) Event {
	c.count++
	t.ID, t.state, t.Severity = c.count, troubleGone, SeverityNote
	i := t.form(now, PhaseClosed)
	i.Text += fact.Untrusted("; no path for " + text.Duration(i.Duration))
	if t.asked >= roamAsked {
		i.Text += fact.Untrusted(", and the gateway was asked for on the link (ARP) for " + text.Duration(t.asked) + " more")
	}
	return c.keep(now, &i)
}

// neighbour takes in that a gateway is known on the link: after a roam, when what
// waited for it can leave. The kernel forgets it with the carrier; what it asks
// before the keys are there is dropped by the radio, and it asks again after a
// second (mac80211; NEIGH_VAR RETRANS_TIME).
func (c *incidents) neighbour(now fact.Instant, n *fact.Neighbour) {
	if n.State&(fact.NeighbourReachable|fact.NeighbourPermanent) == 0 {
		return
	}
	for _, t := range c.troubles {
		gateway := slices.ContainsFunc(c.watch.last[:], func(p path.FamilyPath) bool {
			return p.Index == n.Index && p.Gateway == n.Dst
		})
		if t.roam && t.state == troubleOver && gateway && t.asked == 0 {
			t.asked = now.Mono - t.To.Mono
		}
	}
}
