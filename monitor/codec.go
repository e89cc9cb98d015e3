package monitor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// timeLayout is RFC 3339 with all nine digits, so that columns align and a
// text sort is a time sort within one zone.
const timeLayout = "2006-01-02T15:04:05.000000000Z07:00"

// AppendObservation appends the JSON form of o to dst, one object without a
// newline:
//
//	{"time":RFC 3339,"mono_ns":N,"kind":K,"op":"put"|"del","via":V,K:{fact}}
//
// op is left out for facts that are not rows, via where it is a notification.
func AppendObservation(dst []byte, o *Observation) []byte {
	return appendObservation(dst, o, "")
}

// appendObservation adds the name of the interface that o is about, which
// readers want and the fold does not need.
func appendObservation(dst []byte, o *Observation, name Untrusted) []byte {
	kind := o.Fact.Kind()
	dst = appendStamp(dst, o.Time, o.Mono, kind)
	if o.Op == Delete || isRow(o.Fact) {
		dst = append(dst, `,"op":"`...)
		dst = append(dst, o.Op...)
		dst = append(dst, '"')
	}
	if o.Via != ViaEvent {
		dst = append(dst, `,"via":"`...)
		dst = append(dst, o.Via...)
		dst = append(dst, '"')
	}
	if name != "" {
		dst = append(dst, `,"interface":`...)
		dst = appendJSON(dst, name)
	}
	dst = append(dst, `,"`...)
	dst = append(dst, kind...)
	dst = append(dst, `":`...)
	dst = appendJSON(dst, o.Fact)
	return append(dst, '}')
}

func appendStamp(dst []byte, t time.Time, mono time.Duration, kind Kind) []byte {
	dst = append(dst, `{"time":"`...)
	dst = t.AppendFormat(dst, timeLayout)
	dst = append(dst, `","mono_ns":`...)
	dst = strconv.AppendInt(dst, int64(mono), 10)
	dst = append(dst, `,"kind":"`...)
	dst = append(dst, kind...)
	return append(dst, '"')
}

// appendJSON encodes a value of this package's own types, which can't fail:
// every marshaller here returns nil errors and no field is a channel, function
// or float.
func appendJSON(dst []byte, v any) []byte {
	if r, ok := v.(*Route); ok {
		return appendRoute(dst, r)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, b...)
}

func isRow(f Fact) bool {
	switch f.(type) {
	case *ProbeResult, *ProbeUsage, *Gap, *Mark, *Clock, *Sync:
		return false
	}
	return true
}

// envelope is the union of all observation lines.
type envelope struct {
	Time      time.Time    `json:"time"`
	Mono      int64        `json:"mono_ns"`
	Kind      Kind         `json:"kind"`
	Op        Op           `json:"op"`
	Via       Via          `json:"via"`
	Link      *Link        `json:"link"`
	Address   *Address     `json:"address"`
	Route     *Route       `json:"route"`
	Rule      *Rule        `json:"rule"`
	Neighbour *Neighbour   `json:"neighbour"`
	Nexthop   *Nexthop     `json:"nexthop"`
	Netconf   *Netconf     `json:"netconf"`
	Lookup    *Lookup      `json:"lookup"`
	Resolver  *Resolvers   `json:"resolver"`
	Wifi      *Wifi        `json:"wifi"`
	Target    *Target      `json:"target"`
	Probe     *ProbeResult `json:"probe"`
	Usage     *ProbeUsage  `json:"usage"`
	Gap       *Gap         `json:"gap"`
	Mark      *Mark        `json:"mark"`
	Clock     *Clock       `json:"clock"`
	Notice    *Notice      `json:"notice"`
	Sync      *Sync        `json:"sync"`
}

// ErrUnknownKind is what ParseObservation returns for a line of a kind that
// this version does not observe: readers skip it (additions only).
var ErrUnknownKind = fmt.Errorf("unknown kind")

// ParseObservation decodes one line that AppendObservation wrote. Unknown keys
// are ignored; an unknown kind gives an error that is ErrUnknownKind.
func ParseObservation(line []byte) (Observation, error) {
	var e envelope
	if err := json.Unmarshal(line, &e); err != nil {
		return Observation{}, fmt.Errorf("observation: %w", err)
	}
	fact := e.fact()
	if fact == nil {
		return Observation{}, fmt.Errorf("observation: %w %q", ErrUnknownKind, Untrusted(e.Kind).Display())
	}
	if e.Op == "" {
		e.Op = Put
	}
	if e.Op != Put && e.Op != Delete {
		return Observation{}, fmt.Errorf("observation: op %q: want put or del", Untrusted(e.Op).Display())
	}
	return Observation{Time: e.Time, Mono: time.Duration(e.Mono), Op: e.Op, Via: e.Via, Fact: fact}, nil
}

// fact returns the fact that the kind names, or nil: a nil pointer must not
// become a non-nil Fact.
func (e *envelope) fact() Fact {
	switch e.Kind {
	case KindLink:
		return factOrNil(e.Link)
	case KindAddress:
		return factOrNil(e.Address)
	case KindRoute:
		return factOrNil(e.Route)
	case KindRule:
		return factOrNil(e.Rule)
	case KindNeighbour:
		return factOrNil(e.Neighbour)
	case KindNexthop:
		return factOrNil(e.Nexthop)
	case KindNetconf:
		return factOrNil(e.Netconf)
	case KindLookup:
		return factOrNil(e.Lookup)
	case KindResolver:
		return factOrNil(e.Resolver)
	case KindWifi:
		return factOrNil(e.Wifi)
	}
	return e.otherFact()
}

// otherFact is fact for the kinds that are not tables.
func (e *envelope) otherFact() Fact {
	switch e.Kind {
	case KindTarget:
		return factOrNil(e.Target)
	case KindProbe:
		return factOrNil(e.Probe)
	case KindUsage:
		return factOrNil(e.Usage)
	case KindGap:
		return factOrNil(e.Gap)
	case KindMark:
		return factOrNil(e.Mark)
	case KindClock:
		return factOrNil(e.Clock)
	case KindNotice:
		return factOrNil(e.Notice)
	case KindSync:
		return factOrNil(e.Sync)
	}
	return nil
}

// factOrNil keeps a nil pointer from becoming a non-nil Fact.
func factOrNil[T any, P interface {
	*T
	Fact
}](p P) Fact {
	if p == nil {
		return nil
	}
	return p
}
