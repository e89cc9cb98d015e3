package fact

import "time"

// TimeLayout is RFC 3339 with all nine digits, so that columns align and a
// text sort is a time sort within one zone.
const TimeLayout = "2006-01-02T15:04:05.000000000Z07:00"

// FormatTime returns t as every JSON form here writes it: RFC 3339 with nine
// digits.
func FormatTime(t time.Time) string { return t.Format(TimeLayout) }

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
