package config

import (
	"fmt"

	"flapscope/internal/text"
)

// size is a text such as "500MB" from min to max bytes.
type size struct {
	p        *int64
	min, max int64
}

func (s size) want() string {
	return fmt.Sprintf("a size from %q to %q, in %s", text.ExactSize(s.min), text.ExactSize(s.max), text.SizeUnits)
}

func (s size) set(v any) error {
	t, ok := v.(string)
	if !ok {
		return wrong(v, s.want())
	}
	n, err := text.ParseSize(t)
	if err != nil {
		return wrong(v, s.want())
	}
	*s.p = n
	return nil
}

func (s size) check() error {
	if *s.p < s.min || *s.p > s.max {
		return wrong(text.ExactSize(*s.p), s.want())
	}
	return nil
}

func (s size) literal() string { return quote(text.ExactSize(*s.p)) }
