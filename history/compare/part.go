package compare

import (
	"time"

	"flapscope/history/timeline"
)

// Parts returns what of a recording lies outside of some spans and inside of them,
// as two that can be compared. A stretch and an outage are where they begin.
func (s *Side) Parts(spans []timeline.Span) (outside, inside *Side) {
	spans = within(timeline.Union(spans), s.Span)
	return s.part(rest(spans, s.Span)), s.part(spans)
}

// rest returns what of a span lies in none of some others, which are in order.
func rest(spans []timeline.Span, whole timeline.Span) (out []timeline.Span) {
	at := whole.From
	for _, k := range spans {
		if at < k.From {
			out = append(out, timeline.Span{From: at, To: k.From})
		}
		at = k.To
	}
	if at < whole.To {
		out = append(out, timeline.Span{From: at, To: whole.To})
	}
	return out
}

// part returns what of a recording lies in spans.
func (s *Side) part(spans []timeline.Span) *Side {
	in := func(at time.Duration) bool {
		for _, k := range spans {
			if at >= k.From && at < k.To {
				return true
			}
		}
		return false
	}
	p := &Side{
		Span: s.Span, Probed: s.Probed, Observed: common(s.Observed, spans), Down: common(s.Down, spans), Offline: common(s.Offline, spans),
		Associated: common(s.Associated, spans),
	}
	for _, o := range s.Outages {
		if in(o.From) {
			p.Outages = append(p.Outages, o)
		}
	}
	for _, list := range []struct {
		from []time.Duration
		to   *[]time.Duration
	}{{s.Losses, &p.Losses}, {s.Roams, &p.Roams}} {
		for _, at := range list.from {
			if in(at) {
				*list.to = append(*list.to, at)
			}
		}
	}
	for _, list := range []struct {
		from []*series
		to   *[]*series
	}{{s.legs, &p.legs}, {s.signals, &p.signals}, {s.rates, &p.rates}} {
		for _, k := range list.from {
			c := &series{key: k.key, lost: k.lost, squares: k.squares}
			for _, b := range k.blocks {
				if in(s.Span.From + time.Duration(b.at)*blockFor) {
					c.blocks = append(c.blocks, b)
				}
			}
			*list.to = append(*list.to, c)
		}
	}
	return p
}

// common returns what lies in both of two lists of spans.
func common(a, b []timeline.Span) (out []timeline.Span) {
	for _, k := range b {
		out = append(out, within(a, k)...)
	}
	return timeline.Union(out)
}
