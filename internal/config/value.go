package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flapscope/internal/text"
)

// A value is the place of one setting's value, with what is allowed there.
type value interface {
	// set takes a value as TOML has it: string, int64, float64, bool or []any.
	// It changes nothing when the type is wrong.
	set(v any) error
	// check returns an error that says what is allowed, unless the value is.
	check() error
	// literal returns the value as TOML writes it.
	literal() string
}

// wrong is the error for a TOML value that is not allowed.
func wrong(v any, want string) error {
	switch v := v.(type) {
	case string:
		return fmt.Errorf("%q: want %s", v, want)
	case bool, int64, float64:
		return fmt.Errorf("%v: want %s", v, want)
	}
	return fmt.Errorf("want %s", want)
}

// boolean is true or false.
type boolean struct{ p *bool }

func (b boolean) set(v any) error {
	x, ok := v.(bool)
	if !ok {
		return wrong(v, "true or false")
	}
	*b.p = x
	return nil
}

func (b boolean) check() error    { return nil }
func (b boolean) literal() string { return strconv.FormatBool(*b.p) }

// word is text that a function allows.
type word struct {
	p    *string
	want string
	ok   func(string) bool
}

// oneOf is one of the words.
func oneOf(p *string, allowed ...string) value {
	return word{p, text.Or(allowed), func(s string) bool { return slices.Contains(allowed, s) }}
}

func (t word) set(v any) error {
	x, ok := v.(string)
	if !ok {
		return wrong(v, t.want+", in quotes")
	}
	*t.p = x
	return nil
}

func (t word) check() error {
	if !t.ok(*t.p) {
		return wrong(*t.p, t.want)
	}
	return nil
}

func (t word) literal() string { return quote(*t.p) }

// list is a list of texts that a function allows one by one.
type list struct {
	p    *[]string
	want string
	ok   func(string) bool
}

func (l list) set(v any) error {
	items, ok := v.([]any)
	if !ok {
		return wrong(v, `a list as in ["…", "…"]`)
	}
	var all []string
	for _, i := range items {
		s, ok := i.(string)
		if !ok {
			return wrong(i, l.want+", in quotes")
		}
		all = append(all, s)
	}
	*l.p = all
	return nil
}

func (l list) check() error {
	for _, s := range *l.p {
		if !l.ok(s) {
			return wrong(s, l.want)
		}
	}
	return nil
}

func (l list) literal() string {
	quoted := make([]string, len(*l.p))
	for i, s := range *l.p {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// integer is a whole number from min to max.
type integer struct {
	p        *int
	min, max int
}

func (n integer) want() string { return fmt.Sprintf("a whole number from %d to %d", n.min, n.max) }

func (n integer) set(v any) error {
	x, ok := v.(int64)
	if !ok || int64(int(x)) != x {
		return wrong(v, n.want())
	}
	*n.p = int(x)
	return nil
}

func (n integer) check() error {
	if *n.p < n.min || *n.p > n.max {
		return wrong(int64(*n.p), n.want())
	}
	return nil
}

func (n integer) literal() string { return strconv.Itoa(*n.p) }

// number is a number from min to max.
type number struct {
	p        *float64
	min, max float64
}

func (n number) want() string { return "a number from " + decimal(n.min) + " to " + decimal(n.max) }

func (n number) set(v any) error {
	switch x := v.(type) {
	case int64:
		*n.p = float64(x)
	case float64:
		*n.p = x
	default:
		return wrong(v, n.want())
	}
	return nil
}

func (n number) check() error {
	// Written so that NaN, which TOML has, is refused.
	if *n.p >= n.min && *n.p <= n.max {
		return nil
	}
	return wrong(*n.p, n.want())
}

func (n number) literal() string { return decimal(*n.p) }

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// duration is a text such as "1m30s" from min to max.
type duration struct {
	p        *time.Duration
	min, max time.Duration
}

func (d duration) want() string {
	return fmt.Sprintf("a duration from %q to %q", text.Setting(d.min), text.Setting(d.max))
}

func (d duration) set(v any) error {
	s, ok := v.(string)
	if !ok {
		return wrong(v, d.want())
	}
	x, err := ParseDuration(s)
	if err != nil {
		return wrong(v, d.want())
	}
	*d.p = x
	return nil
}

// ParseDuration is time.ParseDuration with days of 24 hours in front: "7d",
// "1d12h".
func ParseDuration(s string) (time.Duration, error) {
	count, rest, ok := strings.Cut(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	days, err := strconv.ParseUint(count, 10, 16)
	if err != nil {
		return 0, err
	}
	x := time.Duration(0)
	if rest != "" {
		x, err = time.ParseDuration(rest)
	}
	if err == nil && x < 0 {
		err = strconv.ErrRange
	}
	return time.Duration(days)*day + x, err
}

func (d duration) check() error {
	if *d.p < d.min || *d.p > d.max {
		return wrong(text.Setting(*d.p), d.want())
	}
	return nil
}

func (d duration) literal() string { return quote(text.Setting(*d.p)) }

// quote writes s as a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
