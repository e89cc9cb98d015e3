package history

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Text says the pattern in one line: "the path is lost 8.0 s ± 0.2 s after
// association on wlan0, 14 of 14 times".
func (p Pattern) Text() string {
	var b strings.Builder
	b.WriteString("the path is lost ")
	if p.Kind == PatternLag {
		fmt.Fprintf(&b, "%s ± %s after %s", spell(p.Lag, p.Lag), spell(p.Spread, p.Lag), p.Anchor)
		if p.Interface != "" {
			fmt.Fprintf(&b, " on %s", p.Interface)
		}
	} else {
		fmt.Fprintf(&b, "every %s ± %s", spell(p.Period, p.Period), spell(p.Spread, p.Period))
	}
	fmt.Fprintf(&b, ", %d of %d times", p.N, p.Of)
	if p.Kind == PatternLag && p.Period > 0 {
		fmt.Fprintf(&b, ", every %s", spell(p.Period, p.Period))
	}
	if p.OnTheClock {
		b.WriteString(", on the clock")
	}
	return b.String()
}

// spell prints a duration with as many digits as one of the given scale
// deserves: "450 ms", "8.0 s", "29 min 58 s", "3 h 05 min".
func spell(d, scale time.Duration) string {
	switch {
	case scale < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 99950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		d = d.Round(time.Second)
		if s := d % time.Minute / time.Second; s != 0 {
			return fmt.Sprintf("%d min %d s", d/time.Minute, s)
		}
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// MarshalJSON adds the text to the fields.
func (p Pattern) MarshalJSON() ([]byte, error) {
	type fields Pattern
	return json.Marshal(struct {
		fields
		Text string `json:"text"`
	}{fields(p), p.Text()})
}
