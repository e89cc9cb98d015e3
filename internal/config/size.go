package config

import (
	"errors"
	"fmt"
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

// size is a text such as "500MB" from min to max bytes.
type size struct {
	p        *int64
	min, max int64
}

func (s size) want() string {
	return fmt.Sprintf("a size from %q to %q, in B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", formatSize(s.min), formatSize(s.max))
}

func (s size) set(v any) error {
	t, ok := v.(string)
	if !ok {
		return wrong(v, s.want())
	}
	n, err := parseSize(t)
	if err != nil {
		return wrong(v, s.want())
	}
	*s.p = n
	return nil
}

func (s size) check() error {
	if *s.p < s.min || *s.p > s.max {
		return wrong(formatSize(*s.p), s.want())
	}
	return nil
}

func (s size) literal() string { return quote(formatSize(*s.p)) }

// parseSize reads a whole number and a unit, with or without a space between.
func parseSize(s string) (int64, error) {
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

// formatSize writes n exactly, in the largest unit that can.
func formatSize(n int64) string {
	best := unit{"B", 1}
	for _, u := range units() {
		if n != 0 && n%u.bytes == 0 && u.bytes > best.bytes {
			best = u
		}
	}
	return strconv.FormatInt(n/best.bytes, 10) + best.name
}
