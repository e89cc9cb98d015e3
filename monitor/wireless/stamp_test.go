//go:build linux

package wireless

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestStamps: what is found in one turn has one time by both clocks, however long the
// kernel takes to answer, and samples that of a millisecond.
func TestStamps(t *testing.T) {
	c := &session{watch: newWatch()}
	c.now, c.wall = time.Hour+1234567, time.Unix(1000, 1234567)
	c.collect(fact.ViaEvent, fact.Put, &fact.Wifi{Index: 3})
	c.collect(fact.ViaEvent, fact.Put, &fact.Station{Index: 3})
	first, second := c.found[0], c.found[1]
	if !first.Time.Equal(c.wall) || first.Mono != c.now {
		t.Errorf("got %v, %v, want the instant of the turn", first.Time, first.Mono)
	}
	if !second.Time.Equal(time.Unix(1000, 1000000)) || second.Mono != time.Hour+time.Millisecond {
		t.Errorf("got %v, %v of a sample, want whole milliseconds", second.Time, second.Mono)
	}
}
