package text

import (
	"errors"
	"strconv"
	"strings"
)

// unit is a suffix of a size. Decimal and binary units are what the IEC says
// they are.
type unit struct {
	name  string
	bytes int64
}

// units returns all units, the largest first; each is a suffix of no later one
// but "B".
func units() []unit {
	return []unit{
		{"TiB", 1 << 40},
		{"GiB", 1 << 30},
		{"MiB", 1 << 20},
		{"KiB", 1 << 10},
		{"TB", 1e12},
		{"GB", 1e9},
		{"MB", 1e6},
		{"kB", 1e3},
		{"B", 1},
	}
}

// SizeUnits names the units that ParseSize reads, the smallest first.
const SizeUnits = "B, kB, MB, GB, TB, KiB, MiB, GiB or TiB"

// Size writes a number of bytes for a reader, in decimal units as "ls --si"
// has them: "999 B", "1.5 kB", "21 MB".
func Size(n int64) string {
	v, name := float64(max(n, 0)), "B"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if v < 999.5 {
			break
		}
		v, name = v/1000, larger
	}
	return Trimmed(v) + " " + name
}

// Trimmed writes v with one decimal where it has one and is below 100.
func Trimmed(v float64) string {
	if v >= 99.95 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// ExactSize writes n in the largest unit that has it without a fraction, as
// ParseSize reads it: "500MB".
func ExactSize(n int64) string {
	best := unit{"B", 1}
	for _, u := range units() {
		if n != 0 && n%u.bytes == 0 && u.bytes > best.bytes {
			best = u
		}
	}
	return strconv.FormatInt(n/best.bytes, 10) + best.name
}

// ParseSize reads a whole number and a unit, with or without a space between.
func ParseSize(s string) (int64, error) {
	for _, u := range units() {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(digits, " "), 10, 64)
		if err != nil {
			return 0, err
		}
		if b := n * u.bytes; b/u.bytes == n {
			return b, nil
		}
		return 0, errors.New("out of range")
	}
	return 0, errors.New("no unit")
}
