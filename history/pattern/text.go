package pattern

import (
	"encoding/json"
	"fmt"
	"strings"

	"flapscope/internal/text"
)

// Text says the pattern in one line: "the path is lost 8.0 s ± 0.2 s after
// association on wlan0, 14 of 14 times".
func (p Pattern) Text() string {
	var b strings.Builder
	b.WriteString("the path is lost ")
	if p.Kind == PatternLag {
		fmt.Fprintf(&b, "%s ± %s after %s", text.Duration(p.Lag), text.DurationAs(p.Spread, p.Lag), p.Anchor)
		if p.Interface != "" {
			fmt.Fprintf(&b, " on %s", p.Interface)
		}
	} else {
		fmt.Fprintf(&b, "every %s ± %s", text.Duration(p.Period), text.DurationAs(p.Spread, p.Period))
	}
	fmt.Fprintf(&b, ", %d of %d times", p.N, p.Of)
	if p.Kind == PatternLag && p.Period > 0 {
		fmt.Fprintf(&b, ", every %s", text.Duration(p.Period))
	}
	if p.OnTheClock {
		b.WriteString(", on the clock")
	}
	return b.String()
}

// MarshalJSON adds the text to the fields.
func (p Pattern) MarshalJSON() ([]byte, error) {
	type fields Pattern
	return json.Marshal(struct {
		fields
		Text string `json:"text"`
	}{fields(p), p.Text()})
}
