//go:build linux

package clock

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"

	"github.com/google/go-cmp/cmp"
)

// A host keeps what a source says.
type host struct {
	mu  sync.Mutex // guards all following
	got []fact.Observation
}

func (h *host) Update(fn func(*state.State, fact.Emit)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn(state.NewState(), func(o fact.Observation) { h.got = append(h.got, o) })
}

func (h *host) all() []fact.Observation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]fact.Observation(nil), h.got...)
}

// fakeTicks ticks on the time of the test's bubble.
func fakeTicks(ctx context.Context, every time.Duration) (<-chan struct{}, error) {
	c := make(chan struct{}, 1)
	go func() {
		defer close(c)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				c <- struct{}{}
			}
		}
	}()
	return c, nil
}

func TestSourceRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var slept atomic.Int64
		src := &Source{ticks: fakeTicks, read: func() (Reading, error) {
			up, asleep := time.Since(start), time.Duration(slept.Load())
			return Reading{
				Wall: start.Add(up + asleep), Boot: time.Hour + up + asleep,
				Monotonic: time.Hour + up, Synced: true,
			}, nil
		}}
		h := &host{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- src.Run(ctx, h) }()

		time.Sleep(90*time.Second + time.Millisecond)
		synctest.Wait()
		slept.Store(int64(time.Hour))
		time.Sleep(59 * time.Second)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Fatalf("Run: %v", err)
		}

		clock := func(boot, mono time.Duration) fact.Observation {
			return fact.Observation{
				Time: start.Add(boot), Mono: time.Hour + boot, Op: fact.Put,
				Fact: &fact.Clock{Monotonic: time.Hour + mono, Synced: true},
			}
		}
		const resumed = time.Hour + 91*time.Second
		gap := clock(resumed, 0)
		gap.Fact = &fact.Gap{
			Reason: fact.GapSuspend, Source: "clock", From: time.Hour + resumed - time.Hour,
			To: time.Hour + resumed, Text: "the machine slept for 1 h",
		}
		want := []fact.Observation{
			clock(0, 0), clock(time.Minute, time.Minute),
			gap, clock(resumed, 91*time.Second),
		}
		if diff := cmp.Diff(want, h.all()); diff != "" {
			t.Errorf("observations (-want +got):\n%s", diff)
		}
	})
}

func TestSourceRunFails(t *testing.T) {
	boom := errors.New("boom")
	broken := func(context.Context, time.Duration) (<-chan struct{}, error) { return nil, boom }
	closed := func(context.Context, time.Duration) (<-chan struct{}, error) {
		c := make(chan struct{})
		close(c)
		return c, nil
	}
	ok := func() (Reading, error) { return at, nil }
	bad := func() (Reading, error) { return Reading{}, boom }
	tests := []struct {
		name string
		src  Source
		want string
	}{
		{"no-timer", Source{read: ok, ticks: broken}, "clock: boom"},
		{"no-clock", Source{read: bad, ticks: closed}, "clock: boom"},
		{"timer-ends", Source{read: ok, ticks: closed}, "clock: the timer on CLOCK_BOOTTIME failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.src.Run(t.Context(), &host{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run: %v, want %q", err, tt.want)
			}
		})
	}
}
