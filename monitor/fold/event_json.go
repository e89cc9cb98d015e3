package fold

import (
	"flapscope/monitor/fact"
)

// AppendEvent appends the JSON form of e to dst, one object without a newline.
// name is the interface that an observation is about, or "".
func AppendEvent(dst []byte, e *Event, name fact.Untrusted) []byte {
	switch {
	case e.Transition != nil:
		dst = fact.AppendStamp(dst, e.Time, e.Mono, KindPath)
		dst = append(dst, ',')
		return append(dst, appendTransition(nil, e.Transition)[1:]...)
	case e.Episode != nil:
		dst = fact.AppendStamp(dst, e.Time, e.Mono, KindEpisode)
		dst = append(dst, `,"episode":`...)
		return append(appendEpisode(dst, e.Episode), '}')
	case e.Incident != nil:
		dst = fact.AppendStamp(dst, e.Time, e.Mono, KindIncident)
		dst = append(dst, ',')
		dst = append(dst, fact.MustAppendJSON(nil, e.Incident.document())[1:]...)
		if len(e.Evidence) == 0 {
			return dst
		}
		dst = append(dst[:len(dst)-1], `,"evidence":`...)
		return append(fact.MustAppendJSON(dst, e.Evidence), '}')
	case e.Connection != nil:
		dst = fact.AppendStamp(dst, e.Time, e.Mono, e.Connection.Kind())
		dst = append(dst, ',')
		return append(dst, fact.MustAppendJSON(nil, e.Connection)[1:]...)
	case e.Observation != nil:
		return fact.AppendNamed(dst, e.Observation, name)
	}
	return append(dst, "null"...)
}

// maxListed bounds the interfaces in the path of a written transition. On a host of
// containers each loss of the uplink is six lines with the path of the machine, of
// half a megabyte each with a thousand interfaces.
const maxListed = 64

// listed returns t with no more interfaces in its path than are written.
func listed(t *Transition) *Transition {
	if t.Path == nil || len(t.Path.Interfaces) <= maxListed {
		return t
	}
	out, p := *t, *t.Path
	p.MoreInterfaces = len(p.Interfaces) - maxListed
	p.Interfaces = p.Interfaces[:maxListed]
	out.Path = &p
	return &out
}

// transitionJSON gives declared the layout of all other times.
type transitionJSON struct {
	*Transition
	Declared string `json:"declared,omitempty"`
}

func declared(t *Transition) string {
	if t.Declared.IsZero() {
		return ""
	}
	return t.Declared.Format(fact.TimeLayout)
}
