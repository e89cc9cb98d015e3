package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// fineFor is how much time a point of a counter sums up around an incident, and
// fineAround how long before and after it.
const (
	fineFor    = time.Second
	fineAround = time.Minute
)

// The processes of a trace, which a viewer shows as groups.
const (
	tracePath = iota + 1
	traceIncidents
	traceProbes
	traceRadio
)

// A traceEvent is one of the Trace Event Format, which Chrome's tracing and
// Perfetto read. Times are microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Scope string         `json:"s,omitempty"`
	ID    string         `json:"id,omitempty"`
	Time  float64        `json:"ts"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

// A tracer writes events.
type tracer struct {
	*bufio.Writer
	begin time.Duration
	n     int
	err   error
}

// put writes an event that is at an instant.
func (t *tracer) put(at time.Duration, e traceEvent) {
	e.Time = float64((at - t.begin).Nanoseconds()) / 1e3
	b, err := fact.AppendJSON(nil, e)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("report as a trace: %w", err)
	}
	if t.n++; t.n > 1 {
		_, _ = t.WriteString(",\n")
	}
	_, _ = t.Write(b)
}

// slice writes a stretch. Those of one id nest, and each id has a track of the
// name of its first one: slices of threads would have to nest all together.
func (t *tracer) slice(s timeline.Span, e traceEvent) {
	e.Phase = "b"
	t.put(s.From, e)
	e.Phase, e.Args = "e", nil
	t.put(s.To, e)
}

// WriteTrace writes the report for viewers of traces, such as ui.perfetto.dev: the
// states of the path and of each interface, incidents, round trips, losses and
// signals, in time after the begin.
func (r *Report) WriteTrace(w io.Writer) error {
	t := &tracer{Writer: bufio.NewWriter(w), begin: r.span.From}
	head, err := fact.AppendJSON(nil, map[string]string{"from": fact.FormatTime(r.From), "to": fact.FormatTime(r.To), "headline": r.Headline, "redaction": r.Redaction})
	if err != nil {
		return fmt.Errorf("report as a trace: %w", err)
	}
	_, _ = fmt.Fprintf(t, "{\"displayTimeUnit\":\"ms\",\"otherData\":%s,\"traceEvents\":[\n", head)
	for i, name := range []string{"path", "incidents", "probes", "radio"} {
		t.put(r.span.From, traceEvent{Name: "process_name", Phase: "M", PID: i + 1, Args: map[string]any{"name": name}})
		t.put(r.span.From, traceEvent{Name: "process_sort_index", Phase: "M", PID: i + 1, Args: map[string]any{"sort_index": i}})
	}
	r.traceStates(t)
	r.traceIncidents(t)
	r.traceProbes(t)
	r.traceRadio(t)
	_, _ = t.WriteString("\n]}\n")
	if t.err != nil {
		return t.err
	}
	return t.Flush()
}

// levelNames name levels for people.
var levelNames = map[timeline.Level]string{
	timeline.LevelIdle: "not usable", timeline.LevelStandby: "ready", timeline.LevelGood: "in use", timeline.LevelGap: "gap",
	timeline.LevelWaiting: "waiting", timeline.LevelDegraded: "degraded", timeline.LevelBad: "down",
}

// traceStates writes the states of the machine, of the families and of each
// interface, and the transitions of the machine.
func (r *Report) traceStates(t *tracer) {
	scopes := []path.ScopeName{path.ScopeMachine, path.ScopeIPv4, path.ScopeIPv6}
	names := []string{"machine", "IPv4", "IPv6"}
	for _, k := range r.Machine.Interfaces {
		scopes, names = append(scopes, k.scope), append(names, shown(string(k.Name)))
	}
	for i, scope := range scopes {
		e := traceEvent{Cat: "path", ID: strconv.Itoa(i + 1), PID: tracePath, TID: tracePath}
		outer := e
		outer.Name, outer.Phase = names[i], "b"
		t.put(r.span.From, outer)
		for _, s := range within(r.view.Segments(scope, r.span, 0), r.span) {
			if e.Name = levelNames[s.Level]; e.Name == "" {
				continue
			}
			e.Args = nil
			if s.Label != "" {
				e.Args = map[string]any{"of": shown(string(s.Label))}
			}
			t.slice(s.Span, e)
		}
		outer.Phase = "e"
		t.put(r.span.To, outer)
	}
	for _, e := range r.transitions {
		k := e.Transition
		if e.Mono > r.span.To {
			break
		}
		args := map[string]any{"phase": k.Phase, "from": k.From, "to": k.To, "reason": k.Reason}
		for i := range k.Cause {
			args["cause "+strconv.Itoa(i+1)] = shown(string(stepText(&k.Cause[i])))
		}
		t.put(e.Mono, traceEvent{Name: string(k.From) + " → " + string(k.To), Cat: "transition", Phase: "i", Scope: "p", PID: tracePath, TID: tracePath, Args: args})
	}
}

// traceIncidents writes incidents and notes, gaps, and what the user marked.
func (r *Report) traceIncidents(t *tracer) {
	for k, list := range [][]Incident{r.Incidents, r.Notes} {
		for i := range list {
			n := &list[i]
			t.slice(n.span, traceEvent{
				Name: string(n.Root.What), Cat: "incident", ID: strconv.Itoa(1000*k + i + 1), PID: traceIncidents, TID: traceIncidents,
				Args: map[string]any{"text": shown(n.Text), "class": n.Class, "leg": n.Root.Leg, "times": n.Count, "lost": n.Lost.String()},
			})
		}
	}
	for i, s := range r.blind {
		t.slice(s, traceEvent{Name: "gap", Cat: "gap", ID: "gap " + strconv.Itoa(i+1), PID: traceIncidents, TID: traceIncidents})
	}
	for i, k := range r.Marks {
		args := map[string]any{"text": shown(string(k.Text))}
		t.put(k.mono, traceEvent{Name: "mark", Cat: "mark", Phase: "i", Scope: "g", PID: traceIncidents, TID: traceIncidents, Args: args})
		if k.Duration > 0 {
			s := timeline.Span{From: max(k.mono-k.Duration, r.span.From), To: k.mono}
			t.slice(s, traceEvent{Name: "marked", Cat: "mark", ID: "mark " + strconv.Itoa(i+1), PID: traceIncidents, TID: traceIncidents, Args: args})
		}
	}
}

// A stretch of a trace has so many points.
type stretch struct {
	timeline.Span
	n int
}

// stretches cut the span into those that are told by the second, around incidents,
// and the others.
func (r *Report) stretches() (out []stretch) {
	var fine []timeline.Span
	for i := range r.Incidents {
		s := r.Incidents[i].span
		// What lasts is told around its begin and its end.
		for _, at := range []time.Duration{s.From, s.To} {
			fine = append(fine, timeline.Span{From: max(at-fineAround, r.span.From), To: min(at+fineAround, r.span.To)})
		}
	}
	add := func(s timeline.Span, each time.Duration) {
		if s.From < s.To {
			out = append(out, stretch{s, max(int((s.To-s.From)/each), 1)})
		}
	}
	at := r.span.From
	for _, s := range timeline.Union(fine) {
		add(timeline.Span{From: at, To: s.From}, samplesFor)
		add(s, fineFor)
		at = s.To
	}
	add(timeline.Span{From: at, To: r.span.To}, samplesFor)
	return out
}

// traceProbes writes the least and the most of the round trips of each target, and
// how many were lost.
func (r *Report) traceProbes(t *tracer) {
	for _, c := range r.Checks {
		e := traceEvent{Name: shown(string(c.title())) + " ms", Phase: "C", PID: traceProbes, TID: traceProbes}
		lost := e
		lost.Name = shown(string(c.title())) + " lost"
		before := uint32(0)
		for _, s := range r.stretches() {
			step := (s.To - s.From) / time.Duration(s.n)
			for i, b := range r.view.Latency(c.id, s.Span, s.n) {
				at := s.From + time.Duration(i)*step
				if b.Answered > 0 {
					// A lost one has no round trip: 0 would be drawn.
					e.Args = map[string]any{"min": millisecondsOf(b.Min), "max": millisecondsOf(b.Max)}
					t.put(at, e)
				}
				if b.Lost != before {
					lost.Args = map[string]any{"lost": b.Lost}
					t.put(at, lost)
					before = b.Lost
				}
			}
		}
	}
}

func millisecondsOf(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// traceRadio writes the signal and the rate of each radio.
func (r *Report) traceRadio(t *tracer) {
	for _, k := range r.Machine.Interfaces {
		name := shown(string(k.Name))
		for _, s := range r.stretches() {
			step := (s.To - s.From) / time.Duration(s.n)
			for i, a := range r.view.Air(k.scope, s.Span, s.n) {
				at := s.From + time.Duration(i)*step
				if a.Signal != 0 {
					t.put(at, traceEvent{Name: name + " dBm", Phase: "C", PID: traceRadio, TID: traceRadio, Args: map[string]any{"mean": a.Signal, "weakest": a.Weakest}})
				}
				if a.Rate.TxRate != 0 {
					t.put(at, traceEvent{Name: name + " Mbit/s", Phase: "C", PID: traceRadio, TID: traceRadio, Args: map[string]any{"rate": float64(a.Rate.TxRate) / 10}})
				}
			}
		}
	}
}
