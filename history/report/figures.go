package report

import (
	"fmt"
	"strconv"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// figures are the rows of the first table: what, value, interval, number of
// cases.
func (r *Report) figures() (out [][4]string) {
	add := func(what string, s *Share, cases string) {
		if s == nil {
			return
		}
		interval := ""
		if s.Low != nil && s.High != nil {
			interval = percent(*s.Low) + "–" + percent(*s.High)
		}
		out = append(out, [4]string{what, percent(s.Value), interval, cases})
	}
	observed := text.Duration(r.Observed) + " observed"
	add("path satisfied", r.Satisfied, observed)
	add("internet reachable", r.Reachable, observed)
	add("free of any trouble", r.Untroubled, text.Count(len(r.Incidents), "incident"))
	if l := r.Losses; l != nil {
		out = append(out, [4]string{"losses of the path per hour", three(l.PerHour), three(l.Low) + "–" + three(l.High), strconv.Itoa(l.N)})
	}
	if d := r.Recovery; d.N > 0 {
		interval := ""
		if d.P50High > 0 {
			interval = text.Duration(d.P50Low) + "–" + text.Duration(d.P50High)
		}
		out = append(out, [4]string{"time to recover, median", text.Duration(d.P50), interval, strconv.Itoa(d.N)},
			[4]string{"time to recover, p90 and longest", text.Duration(d.P90) + ", " + text.Duration(d.Max), "", strconv.Itoa(d.N)})
	}
	return out
}

// percent writes a share, with more digits the nearer it is to all.
func percent(v float64) string {
	digits := 1
	switch {
	case v > 0.9999 && v < 1:
		digits = 4
	case v > 0.99 && v < 1:
		digits = 3
	case v > 0.9 && v < 1:
		digits = 2
	}
	return strconv.FormatFloat(100*v, 'f', digits, 64) + " %"
}

// three writes a number with three digits that count.
func three(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// title names a check: what is asked, and how.
func (c *Check) title() fact.Untrusted {
	name := c.Name
	if c.Role == fact.RoleGateway {
		name = "gateway"
		if c.Family != "" {
			name += fact.Untrusted(map[string]string{"ipv4": " IPv4", "ipv6": " IPv6"}[c.Family])
		}
	}
	return name + " (" + fact.Untrusted(c.Method) + ")"
}

// share writes what failed in per cent, with its interval.
func (c *Check) share() string {
	if c.N == 0 {
		return "–"
	}
	out := fmt.Sprintf("%.1f", 100*c.Share)
	if b := c.ShareLow; b != nil {
		out += fmt.Sprintf(" (%.1f–%.1f)", 100*b.Low, 100*b.High)
	}
	return out
}

func (c *Check) burst() string {
	if c.Bursts == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", c.Burst)
}

// ms writes a quantile in milliseconds, with its interval.
func (q *Quantile) ms() string {
	if q.Value == 0 {
		return "–"
	}
	out := millis(q.Value)
	if q.Low != nil && q.High != nil {
		out += " (" + millis(*q.Low) + "–" + millis(*q.High) + ")"
	}
	return out
}

func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms >= 100 {
		return strconv.FormatFloat(ms, 'f', 0, 64)
	}
	return strconv.FormatFloat(ms, 'f', 1, 64)
}
