package probes

import "testing"

// TestBytesPerDay pins what docs say of the default configuration.
func TestBytesPerDay(t *testing.T) {
	calm := DefaultConfig()
	watched := calm
	watched.Calm.After = 0
	for _, tt := range []struct {
		name      string
		c         Config
		expensive bool
		want      int64 // million bytes
	}{
		{"watched", watched, false, 117},
		{"calm", calm, false, 22},
		{"calm-and-metered", calm, true, 4},
	} {
		if got := tt.c.BytesPerDay(tt.expensive) / 1e6; got != tt.want {
			t.Errorf("%s: %d MB a day, want %d", tt.name, got, tt.want)
		}
	}
}
