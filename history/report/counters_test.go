package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// TestCounters: what was counted before the time of the report is no part of it, and
// an interface that was made anew counts from then on.
func TestCounters(t *testing.T) {
	c := NewCollector(timeline.Span{From: 100, To: 1000})
	for _, o := range []fact.Observation{
		{Mono: 50, Fact: &fact.Traffic{Index: 2, RxBytes: 7, RxErrors: 1}},
		{Mono: 90, Fact: &fact.Traffic{Index: 2, RxBytes: 10_000, RxErrors: 5}},
		{Mono: 200, Fact: &fact.Traffic{Index: 2, RxBytes: 12_000, RxErrors: 6}},
		{Mono: 900, Fact: &fact.Traffic{Index: 2, RxBytes: 15_000, RxErrors: 8}},
		{Mono: 200, Fact: &fact.Traffic{Index: 3, RxBytes: 500}},
		{Mono: 300, Fact: &fact.Traffic{Index: 3, RxBytes: 20}},
		{Mono: 900, Fact: &fact.Traffic{Index: 3, RxBytes: 50, TxDropped: 1}},
		{Mono: 900, Fact: &fact.Traffic{Index: 4, RxBytes: 50}},
		{Mono: 200, Fact: &fact.Traffic{Index: 5, RxBytes: 500, TxErrors: 9}},
		{Mono: 300, Fact: &fact.Traffic{Index: 5, RxBytes: 900, TxErrors: 2}},
		{Mono: 900, Fact: &fact.Traffic{Index: 5, RxBytes: 950, TxErrors: 3}},
	} {
		c.Observed(o, nil)
	}
	for index, want := range map[int][]string{
		2: {"received 5 kB", "sent 0 B", "3 receive errors"}, 3: {"received 30 B", "sent 0 B", "1 drop in sending"}, 4: nil,
		5: {"received 50 B", "sent 0 B", "1 transmit error"}, 6: nil,
	} {
		if diff := cmp.Diff(want, c.counted[index].within().words()); diff != "" {
			t.Errorf("interface %d: %s", index, diff)
		}
	}
}
