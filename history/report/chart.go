package report

import (
	"cmp"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// A row is one kind of check on the axis of time.
type row struct {
	name string
	ids  []string
}

// rows are the kinds of checks that there were, from this machine outwards.
func (r *Report) rows() (out []row) {
	for _, k := range []struct {
		name   string
		role   fact.Role
		family string
	}{
		{"gateway", fact.RoleGateway, ""},
		{"DNS", fact.RoleResolver, ""},
		{"IPv4", fact.RoleInternet, "ipv4"},
		{"IPv6", fact.RoleInternet, "ipv6"},
		{"web", fact.RolePortal, ""},
		{"yours", fact.RoleCustom, ""},
	} {
		w := row{name: k.name}
		for _, c := range r.Checks {
			if c.Role == k.role && (k.family == "" || c.Family == k.family) {
				w.ids = append(w.ids, c.id)
			}
		}
		if len(w.ids) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// columns returns what the checks of a row did in each of n columns.
func (w *row) columns(v *timeline.View, span timeline.Span, n int) []timeline.Bucket {
	sum := make([]timeline.Bucket, n)
	for _, id := range w.ids {
		for i, b := range v.Latency(id, span, n) {
			s := &sum[i]
			// The page of a captive portal is not what was asked for.
			s.Answered, s.Lost, s.NoData = s.Answered+b.Answered-b.Portal, s.Lost+b.Lost+b.Portal, s.NoData+b.NoData
			if b.Answered > 0 {
				if s.Min == 0 || b.Min < s.Min {
					s.Min = b.Min
				}
				s.Max, s.Median = max(s.Max, b.Max), max(s.Median, b.Median)
			}
		}
	}
	return sum
}

// drawn are the checks whose round trips are drawn: that of the gateway, and one
// of the internet, those with most answers.
func (r *Report) drawn() (gateway, internet *Check) {
	// One that was asked as well for a part of the time says no more.
	better := func(c, than *Check) bool {
		return than == nil || cmp.Compare(c.N-c.Failed, (than.N-than.Failed)*5/4) > 0
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		switch {
		case c.Role == fact.RoleGateway && better(c, gateway):
			gateway = c
		case c.Role == fact.RoleInternet && c.Method == fact.MethodPing && better(c, internet):
			internet = c
		}
	}
	return gateway, internet
}

// A verdict is what is said of a column of the axis.
type columnVerdict uint8

// The verdicts, the worst last.
const (
	columnUnknown columnVerdict = iota
	columnGap
	columnFine
	columnHurt
	columnDead
)

// verdicts returns the worst that is said of each of n columns: no outage is too
// short to be seen.
func (r *Report) verdicts(n int) []columnVerdict {
	out := make([]columnVerdict, n)
	width := r.span.To - r.span.From
	put := func(spans []timeline.Span, v columnVerdict) {
		for _, s := range spans {
			from := int(float64(s.From-r.span.From) / float64(width) * float64(n))
			to := int(float64(s.To-r.span.From-1) / float64(width) * float64(n))
			for i := max(from, 0); i <= min(to, n-1); i++ {
				out[i] = max(out[i], v)
			}
		}
	}
	if width <= 0 {
		return out
	}
	put(r.fine(), columnFine)
	put(r.blind, columnGap)
	put(r.hurt, columnHurt)
	put(r.dead, columnDead)
	return out
}

// fine are the stretches with a path.
func (r *Report) fine() (out []timeline.Span) {
	for _, s := range within(r.view.Segments("machine", r.span, 0), r.span) {
		if timeline.ConditionOf(s.Level) != timeline.ConditionBlind {
			out = append(out, s.Span)
		}
	}
	return timeline.Union(out)
}

// A tick is a mark of an axis.
type tick struct {
	at   float64
	text string
	// major is whether it stays where there is little room.
	major bool
}

// steps are the distances of ticks.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	48 * time.Hour, 7 * 24 * time.Hour,
}

// ticks returns marks at round times, at most so many.
func (r *Report) ticks(most int) (out []tick) {
	width := r.span.To - r.span.From
	if width <= 0 {
		return nil
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if width/s <= time.Duration(most) {
			step = s
			break
		}
	}
	layout := "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout = "Jan 2"
	}
	_, zone := r.From.Zone()
	local := r.From.Add(time.Duration(zone) * time.Second)
	at := local.Truncate(step).Add(step).Sub(local)
	for i := 0; at < width && len(out) <= most; i++ {
		when := r.From.Add(at)
		out = append(out, tick{float64(at) / float64(width), when.Format(layout), i%2 == 0})
		at += step
	}
	return out
}

// clock writes a time of day, to the second.
func clock(t time.Time) string { return t.Format("15:04:05") }

// zoneName names the zone of a time by its distance from UTC.
func zoneName(t time.Time) string {
	if _, offset := t.Zone(); offset == 0 {
		return "UTC"
	}
	return "UTC" + t.Format("-07:00")
}

// period writes when the report begins and ends.
func (r *Report) period() string {
	to := clock(r.To)
	if r.From.YearDay() != r.To.YearDay() || r.From.Year() != r.To.Year() {
		to = r.To.Format("2006-01-02 15:04:05")
	}
	return r.From.Format("2006-01-02 15:04:05") + "–" + to + " " + zoneName(r.From)
}
