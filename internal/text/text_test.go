package text

import (
	"slices"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	const (
		us = time.Microsecond
		ms = time.Millisecond
		s  = time.Second
	)
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 ms"},
		{342 * us, "0.34 ms"},
		{994 * us, "0.99 ms"},
		{995 * us, "1.0 ms"},
		{9949 * us, "9.9 ms"},
		{9950 * us, "10 ms"},
		{450 * ms, "450 ms"},
		{999499 * us, "999 ms"},
		{999500 * us, "1.0 s"},
		{8 * s, "8.0 s"},
		{8250 * ms, "8.3 s"},
		{59949 * ms, "59.9 s"},
		{59950 * ms, "1 min"},
		{130 * s, "2 min 10 s"},
		{time.Hour - 400*ms, "1 h"},
		{3*time.Hour + 5*time.Minute, "3 h 5 min"},
		{24 * time.Hour, "24 h"},
		{48*time.Hour - 29*s, "2 d"},
		{172 * time.Hour, "7 d 4 h"},
		{-8 * s, "-8.0 s"},
	} {
		if got := Duration(tt.d); got != tt.want {
			t.Errorf("Duration(%v) = %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestDurationAs(t *testing.T) {
	for _, tt := range []struct {
		d, scale time.Duration
		want     string
	}{
		{1200 * time.Millisecond, 450 * time.Millisecond, "1200 ms"},
		{214 * time.Millisecond, 8 * time.Second, "0.2 s"},
		{0, 8 * time.Second, "0.0 s"},
		{3 * time.Minute, time.Hour, "3 min"},
	} {
		if got := DurationAs(tt.d, tt.scale); got != tt.want {
			t.Errorf("DurationAs(%v, %v) = %q, want %q", tt.d, tt.scale, got, tt.want)
		}
	}
}

func TestCompactAndAge(t *testing.T) {
	for _, tt := range []struct {
		d            time.Duration
		compact, age string
	}{
		{-time.Second, "0ms", "0s"},
		{999 * time.Millisecond, "999ms", "0s"},
		{8 * time.Second, "8.0s", "8s"},
		{12900 * time.Millisecond, "13s", "12s"},
		{260 * time.Second, "4m 20s", "4m 20s"},
		{2 * time.Hour, "2h", "2h"},
		{52*time.Hour + time.Minute, "2d 4h", "2d 4h"},
	} {
		if got := Compact(tt.d); got != tt.compact {
			t.Errorf("Compact(%v) = %q, want %q", tt.d, got, tt.compact)
		}
		if got := Age(tt.d); got != tt.age {
			t.Errorf("Age(%v) = %q, want %q", tt.d, got, tt.age)
		}
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                        "0 s",
		59999 * time.Millisecond:            "59 s",
		260 * time.Second:                   "4 min 20 s",
		5 * time.Minute:                     "5 min",
		3*time.Hour + 12*time.Minute + 50e9: "3 h 12 min",
		47 * time.Hour:                      "47 h",
		52 * time.Hour:                      "2 d 4 h",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSettingIsReadAgain(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"168h": 168 * time.Hour, "1m30s": 90 * time.Second, "10m": 10 * time.Minute,
		"250ms": 250 * time.Millisecond, "1h0m5s": time.Hour + 5*time.Second, "0s": 0,
	} {
		got := Setting(d)
		if back, err := time.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("Setting(%v) = %q, read as %v, %v; want %q", d, got, back, err, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		n           int64
		size, exact string
	}{
		{0, "0 B", "0B"},
		{999, "999 B", "999B"},
		{1500, "1.5 kB", "1500B"},
		{999_600, "1 MB", "999600B"},
		{21_000_000, "21 MB", "21MB"},
		{256 << 10, "262 kB", "256KiB"},
		{500_000_000, "500 MB", "500MB"},
	} {
		if got := Size(tt.n); got != tt.size {
			t.Errorf("Size(%d) = %q, want %q", tt.n, got, tt.size)
		}
		got := ExactSize(tt.n)
		if back, err := ParseSize(got); got != tt.exact || err != nil || back != tt.n {
			t.Errorf("ExactSize(%d) = %q, read as %d, %v; want %q", tt.n, got, back, err, tt.exact)
		}
	}
}

func TestParseSize(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		out  string
	}{
		{"0B", 0, "0B"},
		{"1B", 1, "1B"},
		{"1000B", 1000, "1kB"},
		{"1024B", 1024, "1KiB"},
		{"500 MB", 500_000_000, "500MB"},
		{"32MiB", 32 << 20, "32MiB"},
		{"2TiB", 2 << 40, "2TiB"},
		{"1024000B", 1_024_000, "1000KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.out, func(t *testing.T) {
			got, err := ParseSize(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("ParseSize(%q) = %d, %v, want %d", tt.in, got, err, tt.want)
			}
			if s := ExactSize(tt.want); s != tt.out {
				t.Errorf("ExactSize(%d) = %q, want %q", tt.want, s, tt.out)
			}
		})
	}
	for _, bad := range []string{"", "B", "1", "1mb", "-", "1  MB", "1.5GB", "9223372036854775807kB"} {
		if n, err := ParseSize(bad); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", bad, n)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"500MB", "1 GiB", "-3B", "9223372036854775807TB", "kB", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSize(s)
		if err != nil {
			return
		}
		if back, err := ParseSize(ExactSize(n)); err != nil || back != n {
			t.Errorf("%q is %d, but %q is %d, %v", s, n, ExactSize(n), back, err)
		}
	})
}

func TestWordsAndCounts(t *testing.T) {
	for got, want := range map[string]string{
		Words("no_carrier"):   "no carrier",
		Number(1284):          "1 284",
		Number(-128):          "-128",
		Number(1_000_000):     "1 000 000",
		Count(1, "item"):      "1 item",
		Count(0, "item"):      "0 items",
		Count(12_345, "item"): "12 345 items",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOrAndWrap(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := Or(words); got != want {
			t.Errorf("Or(%q) = %q, want %q", words, got, want)
		}
	}
	got := Wrap("one two  three, and-a-very-long-word at the end", 9)
	if want := []string{"one two", "three,", "and-a-very-long-word", "at the", "end"}; !slices.Equal(got, want) {
		t.Errorf("Wrap = %q, want %q", got, want)
	}
}
