package timelinetest

import (
	"time"

	"flapscope/history/timeline"
)

// Strip makes contiguous segments from pairs of a level and a length.
func Strip(start time.Duration, parts ...any) []timeline.Segment {
	var segments []timeline.Segment
	for i := 0; i < len(parts); i += 2 {
		level, length := parts[i].(timeline.Level), time.Duration(parts[i+1].(int))*time.Second
		s := timeline.Segment{Span: timeline.Span{From: start, To: start + length}, Level: level}
		if timeline.ConditionOf(level) == timeline.ConditionDown {
			s.Label = "no_carrier"
		}
		segments = append(segments, s)
		start += length
	}
	return segments
}
