package probes

import (
	"context"
	"strconv"

	"flapscope/monitor/fact"
	"flapscope/probes/target"
)

func tcpMethod() method {
	return method{
		name: fact.MethodTCP, forms: []string{"tcp:HOST:PORT"}, parse: target.Port,
		// SYN, SYN+ACK, ACK and RST, 60 to 80 bytes each.
		cost:     Budget{4, 292},
		patience: 1.5,
		prober:   plain(connect),
	}
}

// connect opens a TCP connection and closes it. The round trip is that of the
// handshake, without the time to resolve the name. A reset is OutcomeRefused;
// for an internet target that is an answer (fact.Target.Answered), since it
// shows that packets go there and come back.
func connect(ctx context.Context, t *fact.Target) fact.ProbeResult {
	var w stopwatch
	conn, err := w.dial(ctx, t)
	if err != nil {
		r := refusedBy(err, failed(ctx, err, w.times()))
		if r.Outcome == fact.OutcomeRefused {
			w.stop(&w.connecting, &w.phases.Connect)
			r.RTT, r.Phases = w.phases.Connect, w.phases
		}
		return r
	}
	conn.Close()
	r := fact.ProbeResult{Outcome: fact.OutcomeOK, Phases: w.times(), RTT: conn.rtt}
	if r.RTT == 0 {
		r.RTT = r.Phases.Connect
	}
	if conn.resent > 0 {
		r.Detail = fact.Untrusted("answered SYN " + strconv.Itoa(conn.resent+1))
	}
	return r
}
