package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestNanosecondsOfRoundTrips writes round trips with and without nanoseconds and
// reads them again, and reads columns that are not as they are written.
func TestNanosecondsOfRoundTrips(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var c sampleChunk
	rtts := []time.Duration{50_506_123, 50_506_000, 999, 0}
	for i, rtt := range rtts {
		mono := time.Hour + time.Duration(i)*time.Second
		r := &fact.ProbeResult{Target: "t", Outcome: fact.OutcomeOK, Sent: mono - 60*time.Millisecond, RTT: rtt}
		o := fact.Observation{Time: at.Add(time.Duration(i) * time.Second), Mono: mono, Op: fact.Put, Fact: r}
		if !c.takes(&o) {
			t.Fatalf("%v does not fit the columns", rtt)
		}
		c.put(&o)
	}
	line := string(c.appendLine(nil))
	if !strings.Contains(line, `"rtt":[50506,50506,0,0]`) || !strings.Contains(line, `"ns":[123,0,999,0]`) {
		t.Fatalf("the line is %s", line)
	}
	got, err := parseSamples([]byte(strings.TrimSpace(line)))
	if err != nil || len(got) != len(rtts) {
		t.Fatalf("%d samples, %v", len(got), err)
	}
	for i, o := range got {
		if r := o.Fact.(*fact.ProbeResult); r.RTT != rtts[i] || o.Mono != time.Hour+time.Duration(i)*time.Second {
			t.Errorf("sample %d is %v at %v, want %v", i, r.RTT, o.Mono, rtts[i])
		}
	}
	for ns, want := range map[string]time.Duration{"": 7_000, `,"ns":[]`: 7_000, `,"ns":[5]`: 7_005, `,"ns":[5,6]`: 7_005, `,"ns":[-1]`: 7_000, `,"ns":[5000]`: 7_999} {
		line := fmt.Sprintf(`{"time":"2026-11-21T09:00:00Z","mono_ns":3600000000000,"kind":"samples","samples":[{"target":"t","from":0,"every":0,"sent":[0],"rtt":[7],"lag":[1]%s}]}`, ns)
		got, err := parseSamples([]byte(line))
		if err != nil || len(got) != 1 || got[0].Fact.(*fact.ProbeResult).RTT != want {
			t.Errorf("%s: %+v, %v, want %v", ns, got, err, want)
		}
	}
}

// TestFailuresInWholeMicroseconds: a round trip with nanoseconds is in a line of
// its own where it is no answer's, since the columns would cut it.
func TestFailuresInWholeMicroseconds(t *testing.T) {
	var c sampleChunk
	o := fact.Observation{Mono: time.Hour, Op: fact.Put, Fact: &fact.ProbeResult{Target: "t", Outcome: fact.OutcomePortal, Sent: time.Hour - time.Second, RTT: 1_234_567}}
	if c.takes(&o) {
		t.Error("it fits the columns")
	}
}
