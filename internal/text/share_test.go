package text

import "testing"

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		k, n int
		want string
	}{{0, 0, "–"}, {0, 60, "0 of 60"}, {1, 60, "1 of 60"}, {99, 99, "99 of 99"}, {0, 100, "0 %"}, {1, 100, "1.0 %"}, {17, 1000, "1.7 %"}, {300, 300, "100.0 %"}} {
		if got := Share(tt.k, tt.n); got != tt.want {
			t.Errorf("Share(%d, %d) = %q, want %q", tt.k, tt.n, got, tt.want)
		}
	}
}
