package session

import (
	"bytes"
	"strconv"
	"time"

	"flapscope/monitor/fact"
)

// The kinds of line that are no observations. An observation's kind is its
// fact's; path and episode lines repeat what the fold found, for people with
// grep and jq, and are skipped when reading.
const (
	kindSession  = "session"
	kindMember   = "member"
	kindSnapshot = "snapshot"
	kindSamples  = "samples"
	kindRollup   = "rollup"
	kindEnd      = "end"
)

// appendStamp begins a line as all lines begin, up to its own key's value.
func appendStamp(dst []byte, t time.Time, mono time.Duration, kind string) []byte {
	dst = append(dst, `{"time":"`...)
	dst = fact.AppendTime(dst, t)
	dst = append(dst, `","mono_ns":`...)
	dst = strconv.AppendInt(dst, int64(mono), 10)
	dst = append(dst, `,"kind":"`...)
	dst = append(dst, kind...)
	dst = append(dst, `","`...)
	dst = append(dst, kind...)
	return append(dst, `":`...)
}

// stampTime returns the wall time of a line that begins as appendStamp begins it, or
// false.
func stampTime(line []byte) (t time.Time, ok bool) {
	stamp, ok := bytes.CutPrefix(line, timeKey)
	when, _, ended := bytes.Cut(stamp, []byte{'"'})
	return t, ok && ended && t.UnmarshalText(when) == nil
}

var (
	timeKey = []byte(`{"time":"`)
	monoKey = []byte(`"mono_ns":`)
	kindKey = []byte(`"kind":"`)
)

// peek returns the kind and the instant of a line without parsing it: they
// come first in every line, after the time. A line that does not begin so has
// kind "".
func peek(line []byte) (kind string, mono time.Duration) {
	head := line[:min(len(line), 160)]
	_, rest, ok := bytes.Cut(head, monoKey)
	if !ok {
		return "", 0
	}
	end := bytes.IndexByte(rest, ',')
	if end < 0 {
		return "", 0
	}
	n, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	if err != nil || n < 0 {
		return "", 0
	}
	rest = rest[end+1:]
	if !bytes.HasPrefix(rest, kindKey) {
		return "", 0
	}
	rest = rest[len(kindKey):]
	end = bytes.IndexByte(rest, '"')
	if end < 0 {
		return "", 0
	}
	return string(rest[:end]), time.Duration(n)
}

func appendUint(dst []byte, n uint32) []byte { return strconv.AppendUint(dst, uint64(n), 10) }
