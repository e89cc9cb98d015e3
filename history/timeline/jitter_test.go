package timeline

import (
	"slices"
	"testing"
	"time"
)

func TestJitter(t *testing.T) {
	ms := time.Millisecond
	steady := slices.Repeat([]time.Duration{20 * ms}, 50)
	alternating := slices.Repeat([]time.Duration{20 * ms, 30 * ms}, 500)
	tests := []struct {
		name string
		rtts []time.Duration
		want time.Duration
	}{
		{"none", nil, 0},
		{"one", steady[:1], 0},
		{"steady", steady, 0},
		{"one-step", []time.Duration{20 * ms, 36 * ms}, ms},
		{"two-steps", []time.Duration{20 * ms, 36 * ms, 36 * ms}, 937500},
		{"settles-at-the-difference", alternating, 10 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Jitter(tt.rtts); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
