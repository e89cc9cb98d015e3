//go:build linux

package clock

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// bootTicks ticks on CLOCK_BOOTTIME, so that the tick which is overdue after a
// suspend comes at once. A time.Ticker runs on CLOCK_MONOTONIC and would come
// up to a full interval after the first link events of the resume. The first tick
// is on the second, when a screen wakes up too. Ticks that nobody takes are
// dropped. The channel is closed when ctx ends.
func bootTicks(ctx context.Context, every time.Duration) (<-chan struct{}, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("create a timer on CLOCK_BOOTTIME: %w", err)
	}
	// The descriptor does not block, so that os.NewFile hands it to the
	// runtime's poller and Close ends a Read.
	f := os.NewFile(uintptr(fd), "timerfd")
	spec := unix.ItimerSpec{Interval: unix.NsecToTimespec(int64(every)), Value: unix.NsecToTimespec(int64(time.Second) - int64(time.Now().Nanosecond()))}
	if err := unix.TimerfdSettime(fd, 0, &spec, nil); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("start a timer on CLOCK_BOOTTIME: %w", err)
	}
	ticks := make(chan struct{}, 1)
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	go func() {
		defer close(ticks)
		defer stop()
		defer func() { _ = f.Close() }()
		var expirations [8]byte
		for {
			if _, err := f.Read(expirations[:]); err != nil {
				return
			}
			select {
			case ticks <- struct{}{}:
			default:
			}
		}
	}()
	return ticks, nil
}
