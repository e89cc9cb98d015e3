package path

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Damping holds the values of route flap damping (RFC 2439 §4.2), which here
// raises a condition where BGP would suppress a route.
type Damping struct {
	// Penalty is added by each raw loss.
	Penalty float64 `json:"penalty"`
	// Raise is the penalty from which a scope is flapping (the RFC's cutoff),
	// and Clear the one below which it no longer is (the reuse threshold).
	Raise float64 `json:"raise"`
	Clear float64 `json:"clear"`
	// HalfLife is the time in which the penalty halves.
	HalfLife time.Duration `json:"half_life_ns"`
	// MaxHold bounds how long after its last loss a scope can be flapping.
	MaxHold time.Duration `json:"max_hold_ns"`
}

// DefaultDamping returns the values used when nothing is configured. Losses
// every 18 s raise flapping at the fourth, steady ones every 35 s just so, and
// rarer ones never. Four half-lives of hold are what BGP speakers use (60 min
// by 15 min): long enough to tell a storm from a stumble, and short enough that
// a person who waits for calm does not wait in vain.
func DefaultDamping() Damping {
	return Damping{
		Penalty:  1000,
		Raise:    3000,
		Clear:    750,
		HalfLife: time.Minute,
		MaxHold:  4 * time.Minute,
	}
}

// Ceiling returns the largest penalty that is kept, from which the decay to
// Clear takes MaxHold (RFC 2439 §4.2). Without it, an hour of storm would be
// held against an hour of calm.
func (d Damping) Ceiling() float64 { return d.Clear * math.Exp2(ratio(d.MaxHold, d.HalfLife)) }

// Decay returns what is left of a penalty of 1 after a time.
func (d Damping) Decay(after time.Duration) float64 { return math.Exp2(-ratio(after, d.HalfLife)) }

// Validate returns what makes the values unusable, or nil.
func (d Damping) Validate() error {
	switch {
	case !(d.Penalty > 0):
		return fmt.Errorf("flapping penalty %v: must be more than 0", d.Penalty)
	case !(d.Clear > 0):
		return fmt.Errorf("flapping clear threshold %v: must be more than 0", d.Clear)
	case !(d.Raise > d.Clear):
		return fmt.Errorf("flapping raise threshold %v: must be more than the clear threshold %v", d.Raise, d.Clear)
	case d.HalfLife <= 0:
		return fmt.Errorf("flapping half-life %v: must be more than 0", d.HalfLife)
	case !(d.Ceiling() >= d.Raise):
		return fmt.Errorf("flapping hold %v: the penalty would never reach %v; raise the hold or lower the threshold",
			d.MaxHold, d.Raise)
	case math.IsInf(d.Ceiling(), 1):
		return errors.New("flapping hold: too many half-lives; lower the hold")
	}
	return nil
}

// ratio returns a/b, with all of it at once where b is nothing.
func ratio(a, b time.Duration) float64 {
	if b <= 0 {
		return math.Inf(1)
	}
	return float64(a) / float64(b)
}
