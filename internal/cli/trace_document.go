package cli

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/probes/trace"
)

// A traceDocument is the output of "trace --json". Its form is a stable contract:
// additions only.
type traceDocument struct {
	Time    string         `json:"time"`
	Target  fact.Untrusted `json:"target"`
	Address string         `json:"address"`
	Method  trace.Method   `json:"method"`
	Port    uint16         `json:"port,omitempty"`
	Reached bool           `json:"reached"`
	Rounds  int            `json:"rounds"`
	Packets int            `json:"packets"`
	MTU     int            `json:"mtu,omitempty"`
	// MTUBy is who said how large packets may be, if somebody did.
	MTUBy string         `json:"mtu_by,omitempty"`
	Text  fact.Untrusted `json:"text"`
	Hops  []hopDocument  `json:"hops"`
}

type hopDocument struct {
	TTL int `json:"ttl"`
	// Lost is the share of packets that are lost up to here, where that can be
	// told.
	Lost    *float64         `json:"lost,omitempty"`
	Answers []answerDocument `json:"answers"`
}

type answerDocument struct {
	Address  string         `json:"address"`
	Name     fact.Untrusted `json:"name,omitempty"`
	Sent     int            `json:"sent"`
	Received int            `json:"received"`
	Best     float64        `json:"best_ms"`
	Median   float64        `json:"median_ms"`
	Worst    float64        `json:"worst_ms"`
	Said     fact.Untrusted `json:"said,omitempty"`
}

// describeTrace describes a trace.
func describeTrace(t *tracing) traceDocument {
	d := traceDocument{
		Time: fact.FormatTime(t.began), Target: t.host, Address: t.target.Addr.String(), Method: t.target.Method, Port: t.target.Port,
		Reached: t.path.Reached, Rounds: t.path.Rounds, Packets: t.packets, MTU: t.path.MTU,
		Text: fact.Untrusted(t.text()), Hops: []hopDocument{},
	}
	if t.path.By.IsValid() {
		d.MTUBy = t.path.By.String()
	}
	for i := range t.path.Hops {
		h := &t.path.Hops[i]
		hop := hopDocument{TTL: h.TTL, Answers: []answerDocument{}}
		if lost := t.path.Lost(i); lost >= 0 && t.path.Rounds > 1 {
			hop.Lost = &lost
		}
		for _, r := range h.Routers {
			best, median, worst := trace.Times(r.RTTs)
			a := answerDocument{
				Address: r.Addr.String(), Name: t.names.of(r.Addr), Sent: h.Sent, Received: r.Received,
				Best: inMillis(best), Median: inMillis(median), Worst: inMillis(worst),
			}
			if r.Said != nil {
				a.Said = fact.Untrusted(r.Said.Words())
			}
			hop.Answers = append(hop.Answers, a)
		}
		d.Hops = append(d.Hops, hop)
	}
	return d
}

// inMillis is a time in milliseconds, to the microsecond.
func inMillis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
