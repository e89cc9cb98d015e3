//go:build linux

package kernel

import "time"

// A budget lets something be done at once, as long as it was seldom done before,
// and bounds its share of the time when it is wanted again and again.
type budget struct {
	// paid is the instant at which all that was done so far is paid for.
	paid time.Duration
}

// spend enters that something was done at an instant, and how long it is to rest
// for that.
func (b *budget) spend(now, rest time.Duration) { b.paid = max(b.paid, now) + rest }

// due returns the instant from which it may be done again, with so much credit.
func (b *budget) due(credit time.Duration) time.Duration { return b.paid - credit }

// What a dump and each of its rows cost about, in the kernel and here; how much
// of the time may go into dumps, as the reciprocal; how much of that is granted
// in advance, for what one operation wants; and how long a dump rests at most.
const (
	dumpCost    = 50 * time.Microsecond
	dumpRowCost = 5 * time.Microsecond
	dumpsShare  = 100
	dumpCredit  = time.Second
	dumpRest    = time.Second
)

// restOf returns how long a dump of so many rows is to rest.
func restOf(rows int) time.Duration {
	return min(dumpsShare*(dumpCost+time.Duration(rows)*dumpRowCost), dumpRest)
}

// crowd is how many links a machine has at most on which lookups follow every
// change. On a larger one changes come by the thousand, when a container host
// starts, and a round of lookups costs what many of them do.
const crowd = 64

// lookupRounds is how many rounds of lookups a crowd makes without rest.
const lookupRounds = 16

// lookupRest is how long a round of lookups rests, on a machine with so many
// links.
func lookupRest(links int) time.Duration {
	if links <= crowd {
		return 0
	}
	return min(time.Duration(links)*200*time.Microsecond, 400*time.Millisecond)
}

// How often the socket is read in a storm of many small operations: each turn
// rests for some time, of which turnCredit is granted in advance, and waits for as
// long where that is used up. A change of an address takes up to four turns, with
// the answers that it makes us ask for; a hundred a second are no storm.
const (
	turnCredit = 400 * time.Millisecond
	turnRest   = 2 * time.Millisecond
	crowdRest  = 50 * time.Millisecond
	// crowdBuffer is the receive buffer that holds what a crowd says in crowdRest,
	// and smallRest the rest of a crowd with less.
	crowdBuffer = 16 << 20
	smallRest   = 8 * time.Millisecond
)

// restOfTurn returns how long a turn rests on a machine with so many links, and
// with so many bytes of receive buffer: of a crowd each operation wakes up this
// process for notifications that nobody waits for.
func restOfTurn(links, buffer int) time.Duration {
	switch {
	case links <= crowd:
		return turnRest
	case buffer < crowdBuffer:
		return smallRest
	}
	return crowdRest
}
