package history

import "time"

// Strip makes contiguous segments from pairs of a level and a length.
func Strip(start time.Duration, parts ...any) []Segment {
	var segments []Segment
	for i := 0; i < len(parts); i += 2 {
		level, length := parts[i].(Level), time.Duration(parts[i+1].(int))*time.Second
		s := Segment{Span: Span{start, start + length}, Level: level}
		if ConditionOf(level) == ConditionDown {
			s.Label = "no_carrier"
		}
		segments = append(segments, s)
		start += length
	}
	return segments
}
