//go:build linux

package kernel

import (
	"testing"
	"time"
)

// TestDumpsRestInAStorm wants every table every 10 ms for a minute: what one
// operation wants is dumped at once, what a storm wants is not dumped all the
// time, and every table has its turn.
func TestDumpsRestInAStorm(t *testing.T) {
	r := newRig(t)
	r.sync()
	var dumps []uint16
	for range 6000 {
		r.begin()
		r.m.want(allTables)
		r.turn(10 * time.Millisecond)
		for {
			a, ok := r.take()
			if !ok {
				break
			}
			dumps = append(dumps, a.Type)
			r.turn(0, done(a, 0))
		}
	}
	// The credit, and a dump of no rows each 5 ms.
	if n := len(dumps); n < 1000 || n > 60_000/5+250 {
		t.Errorf("%d dumps in a minute", n)
	}
	late := map[uint16]int{}
	for _, typ := range dumps[len(dumps)/2:] {
		late[typ]++
	}
	for spec := range tables {
		if typ := tables[spec].rows.base + getType; late[typ] == 0 {
			t.Errorf("%s was not dumped any more", tables[spec].name)
		}
	}
}

// TestOneOperationWaitsForNothing: what a single operation wants is dumped within
// the usual delay.
func TestOneOperationWaitsForNothing(t *testing.T) {
	r := newRig(t)
	r.sync()
	r.turn(time.Minute)
	r.begin()
	r.m.want(allTables)
	r.turn(dumpQuiet)
	for range numTables {
		a, ok := r.take()
		if !ok {
			t.Fatal("a dump waits")
		}
		r.turn(0, done(a, 0))
	}
}

func TestBudget(t *testing.T) {
	var b budget
	const rest, credit = 10 * time.Millisecond, 50 * time.Millisecond
	done, now := 0, time.Hour
	for ; now < time.Hour+time.Second; now += time.Millisecond {
		if b.due(credit) <= now {
			b.spend(now, rest)
			done++
		}
	}
	if done < 105 || done > 107 {
		t.Errorf("done %d times in a second, want 5 at once and 100 more", done)
	}
	if now += time.Minute; b.due(credit) > now-time.Second {
		t.Error("it still rests after a quiet minute")
	}
}

// TestHundredChangesAreNoStorm reads a hundred changes a second, each of four
// turns: on a laptop none of them waits.
func TestHundredChangesAreNoStorm(t *testing.T) {
	var turns budget
	rest := restOfTurn(5, DefaultReceiveBuffer)
	for now := time.Hour; now < time.Hour+10*time.Second; now += 10 * time.Millisecond {
		for range 4 {
			turns.spend(now, rest)
		}
		if wait := turns.due(turnCredit) - now; wait > 0 {
			t.Fatalf("a turn after %v waits for %v", now-time.Hour, wait)
		}
	}
}
