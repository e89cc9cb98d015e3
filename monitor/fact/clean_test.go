package fact

import (
	"strings"
	"testing"
)

// TestTextIsCut: no text of a line is longer than any that is written, in whatever form
// it is there.
func TestTextIsCut(t *testing.T) {
	for name, long := range map[string]string{
		"plain":   strings.Repeat("x", 100_000),
		"escaped": strings.Repeat(`\u001b`, 20_000),
	} {
		for _, unknown := range []string{"", `,"unknown":1`} {
			line := `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"notice","op":"put","notice":{"key":"` + long + `","text":"` + long + `"` + unknown + `}}`
			o, err := ParseObservation([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			n := o.Fact.(*Notice)
			if len(n.Key) > maxText || len(n.Text) > maxText || len(n.Key) == 0 {
				t.Errorf("%s: %d and %d bytes of text, want at most %d", name, len(n.Key), len(n.Text), maxText)
			}
		}
	}
	whole := Untrusted(strings.Repeat("\U000e0041", maxDisplay))
	o := Observation{Op: Put, Fact: &Notice{Key: "x", Text: whole}}
	back, err := ParseObservation(AppendObservation(nil, &o))
	if err != nil || back.Fact.(*Notice).Text != whole {
		t.Errorf("the longest text that is written is not read: %v", err)
	}
}
