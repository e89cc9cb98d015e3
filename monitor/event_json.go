package monitor

import "time"

// AppendEvent appends the JSON form of e to dst, one object without a newline.
// name is the interface that an observation is about, or "".
func AppendEvent(dst []byte, e *Event, name Untrusted) []byte {
	switch {
	case e.Transition != nil:
		dst = appendStamp(dst, e.Time, e.Mono, KindPath)
		dst = append(dst, ',')
		return append(dst, appendTransition(nil, e.Transition)[1:]...)
	case e.Episode != nil:
		dst = appendStamp(dst, e.Time, e.Mono, KindEpisode)
		dst = append(dst, `,"episode":`...)
		return append(appendEpisode(dst, e.Episode), '}')
	case e.Observation != nil:
		return appendObservation(dst, e.Observation, name)
	}
	return append(dst, "null"...)
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
	return t.Declared.Format(timeLayout)
}

// FormatTime returns t as every JSON form here writes it: RFC 3339 with nine
// digits.
func FormatTime(t time.Time) string { return t.Format(timeLayout) }

// AppendTime appends the FormatTime of t to dst.
func AppendTime(dst []byte, t time.Time) []byte {
	// Package time is quick with this layout only, which lacks the digits.
	dst = t.AppendFormat(dst, time.RFC3339)
	zone := len("+00:00")
	if dst[len(dst)-1] == 'Z' {
		zone = len("Z")
	}
	const digits = len(".000000000")
	at := len(dst) - zone
	dst = append(dst, ".000000000"...)
	copy(dst[at+digits:], dst[at:at+zone])
	for i, n := at+digits-1, t.Nanosecond(); i > at; i, n = i-1, n/10 {
		dst[i] = byte('0' + n%10)
	}
	dst[at] = '.'
	return dst
}
