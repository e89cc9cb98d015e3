package fold

import (
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// dayOfTroubles is a day with some troubles of each kind, an hour of them in
// all, in a world that is calm otherwise.
func dayOfTroubles() []fact.Observation {
	r := rand.New(rand.NewPCG(7, 7))
	whats := []path.What{path.CarrierLost, path.AddressLost, path.RouteWithdrawn, path.GatewaySilent, path.UpstreamSilent, path.ResolverSilent, path.ResolverFailed, path.Loss, path.Latency}
	var faults []damage
	for hour := range 24 {
		d := damage{what: whats[hour%len(whats)], share: .4, delay: 400 * time.Millisecond, leg: path.LegGateway}
		d.from = time.Duration(hour)*time.Hour + 10*time.Minute + time.Duration(r.Int64N(int64(40*time.Minute)))
		d.to = d.from + time.Minute + time.Duration(r.Int64N(int64(3*time.Minute)))
		faults = append(faults, d)
	}
	return newWorld(7, faults...).observations(24 * time.Hour)
}

// BenchmarkIncidents folds a day with and without incidents, in turns, and
// reports what they cost of it.
func BenchmarkIncidents(b *testing.B) {
	day := dayOfTroubles()
	with, without := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		took, found := foldTime(b, day, false)
		if with = min(with, took); found < 48 {
			b.Fatalf("%d events of incidents: the day has 24", found)
		}
		if took, found = foldTime(b, day, true); found > 8 {
			b.Fatalf("%d events of incidents while nearly none are kept", found)
		}
		without = min(without, took)
	}
	b.ReportMetric(float64(with.Nanoseconds())/float64(len(day)), "ns/observation")
	b.ReportMetric(100*(with-without).Seconds()/without.Seconds(), "%-for-incidents")
}

// foldTime returns the processor time that a fold takes, which neither other
// processes nor the garbage collector lengthen, and how many events of incidents
// it finds. Muted, each fault is forgotten after its observation, which is before
// it becomes an incident but for a few.
func foldTime(b *testing.B, obs []fact.Observation, muted bool) (took time.Duration, found int) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	f := NewFold(path.DefaultSettings(), func(e Event) {
		if e.Incident != nil {
			found++
		}
	})
	start := threadTime(b)
	for i := range obs {
		f.Observe(obs[i])
		if muted {
			f.troubles.troubles = nil
		}
	}
	return threadTime(b) - start, found
}

func threadTime(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
