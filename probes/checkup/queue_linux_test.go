package checkup

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestQueueIsNoWaitForAProcessor: a process that gets no processor for long finds its
// queue empty afterwards, and can't say how long it was not.
func TestQueueIsNoWaitForAProcessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &run{}
		busy.drain(t.Context(), time.Now(), func() (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		})
		if busy.queue != 0 {
			t.Errorf("a busy machine: %v in a queue that was never seen full", busy.queue)
		}
		full, sent := &run{}, time.Now()
		full.drain(t.Context(), sent, func() (int, error) {
			if time.Since(sent) < time.Second {
				return 1, nil
			}
			return 0, nil
		})
		if full.queue < 950*time.Millisecond || full.queue > time.Second {
			t.Errorf("a queue that is full for 1 s: %v", full.queue)
		}
	})
}
