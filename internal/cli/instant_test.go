package cli

import (
	"testing"
	"time"
)

// hours is an axis that begins and ends at given times.
type hours struct{ from, to time.Time }

func (h hours) Bounds() (from, to time.Duration)  { return 0, h.to.Sub(h.from) }
func (h hours) Start() (time.Time, time.Duration) { return h.from, 0 }
func (h hours) Mono(t time.Time) time.Duration    { return t.Sub(h.from) }
func (h hours) Wall(mono time.Duration) time.Time { return h.from.Add(mono) }

// TestTimeOfDay: a time of day that is not in a recording is the one nearest to it.
func TestTimeOfDay(t *testing.T) {
	morning := time.Date(2026, 11, 20, 9, 45, 10, 500, time.UTC)
	for _, tt := range []struct {
		text   string
		length time.Duration
		want   time.Duration
	}{
		{"09:40", 15 * time.Minute, -5*time.Minute - 10*time.Second},
		{"09:45:10", 15 * time.Minute, 0},
		{"09:50", 15 * time.Minute, 4*time.Minute + 50*time.Second},
		{"11:00", 15 * time.Minute, 74*time.Minute + 50*time.Second},
		{"00:30", 15 * time.Hour, 14*time.Hour + 44*time.Minute + 50*time.Second},
		{"00:50", 15 * time.Hour, 15*time.Hour + 4*time.Minute + 50*time.Second},
		{"09:40", 30 * time.Hour, 24*time.Hour - 5*time.Minute - 10*time.Second},
	} {
		got, err := parseInstant(tt.text, hours{morning, morning.Add(tt.length)})
		if err != nil || got.Round(time.Second) != tt.want {
			t.Errorf("%s of %v: %v, %v; want %v", tt.text, tt.length, got, err, tt.want)
		}
	}
}
