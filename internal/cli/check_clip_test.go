package cli

import "testing"

// TestClip checks that a cell that is cut ends with a clause, or a word at least.
func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in   string
		to   int
		want string
	}{
		{"IPv6 names: REFUSED: Not Ready", 25, "IPv6 names: REFUSED"},
		{"IPv6 names: REFUSED: Not Ready", 30, "IPv6 names: REFUSED: Not Ready"},
		{"silent, 3 of 3 packets lost", 22, "silent, 3 of 3"},
		{"incomprehensibility", 8, "incompre"},
	} {
		if got := clip(tt.in, tt.to); got != tt.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.in, tt.to, got, tt.want)
		}
	}
}
