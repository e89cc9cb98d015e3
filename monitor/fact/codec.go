package fact

import (
	"strconv"
	"time"
)

// AppendObservation appends the JSON form of o to dst, one object without a
// newline:
//
//	{"time":RFC 3339,"mono_ns":N,"kind":K,"op":"put"|"del","via":V,K:{fact}}
//
// op is left out for facts that are not rows, via where it is a notification.
func AppendObservation(dst []byte, o *Observation) []byte {
	return AppendNamed(dst, o, "")
}

// AppendNamed adds the name of the interface that o is about, which
// readers want and the fold does not need.
func AppendNamed(dst []byte, o *Observation, name Untrusted) []byte {
	kind := o.Fact.Kind()
	dst = AppendStamp(dst, o.Time, o.Mono, kind)
	if o.Op == Delete || o.Fact.Row() {
		dst = append(dst, `,"op":"`...)
		dst = append(dst, o.Op...)
		dst = append(dst, '"')
	}
	if o.Via != ViaEvent {
		dst = appendText(dst, `,"via":"`, string(o.Via))
	}
	if name != "" {
		dst = appendUntrusted(dst, `,"interface":"`, name)
	}
	dst = append(dst, `,"`...)
	dst = append(dst, kind...)
	dst = append(dst, `":`...)
	dst = appendFact(dst, o.Fact)
	return append(dst, '}')
}

// AppendStamp begins the line of an observation or an event: when, on both
// clocks, and of what kind.
func AppendStamp(dst []byte, t time.Time, mono time.Duration, kind Kind) []byte {
	dst = append(dst, `{"time":"`...)
	dst = AppendTime(dst, t)
	dst = append(dst, `","mono_ns":`...)
	dst = strconv.AppendInt(dst, int64(mono), 10)
	dst = append(dst, `,"kind":"`...)
	dst = append(dst, kind...)
	return append(dst, '"')
}

// MustAppendJSON encodes a value of this package's own types, which can't fail:
// every marshaller here returns nil errors and no field is a channel, function
// or float.
func MustAppendJSON(dst []byte, v any) []byte {
	out, err := AppendJSON(dst, v)
	if err != nil {
		return append(dst, "null"...)
	}
	return out
}
