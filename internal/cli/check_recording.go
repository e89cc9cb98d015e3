package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A recordedCheck is the output of "check FILE --json": what the newest diagnosis of a
// recording found out. Additions only.
type recordedCheck struct {
	Time string `json:"time"`
	// Asked is when the diagnosis was made, and Age how long before Time.
	Asked string        `json:"asked"`
	Age   time.Duration `json:"age_ns"`
	*fact.Check
}

// checkOf prints the newest diagnosis that was recorded until an instant.
func (a *App) checkOf(c *cobra.Command, o checkOptions, name string) error {
	if o.each {
		return usagef("--each-interface: a recording is not asked")
	}
	a.readOnly(name)
	s, when, err := a.stateAt(name, o.at)
	if err != nil {
		return err
	}
	k := s.Check()
	if k == nil {
		return fmt.Errorf("%s: no diagnosis was made until %s (probes.diagnose in flapscope config)",
			fact.Untrusted(name).Display(), when.Format("15:04:05"))
	}
	age := max(0, s.Mono-k.Begun)
	if o.json {
		err = writeJSON(out(c), recordedCheck{fact.FormatTime(when), fact.FormatTime(when.Add(-age)), age, k})
	} else {
		err = printRecordedCheck(out(c), s, k, when, age, a.paint())
	}
	if err == nil && k.State != string(path.HealthOnline) {
		return errNegative
	}
	return err
}

// whyChecked says why a diagnosis was made.
var whyChecked = map[fact.CheckTrigger]string{
	fact.CheckAttached: "on a network that was new",
	fact.CheckTrouble:  "at the beginning of an incident",
	fact.CheckAgain:    "to see whether it was still so",
}

// printRecordedCheck prints a diagnosis for people: the verdict first.
func printRecordedCheck(out io.Writer, s *state.State, k *fact.Check, when time.Time, age time.Duration, p paint) error {
	var b strings.Builder
	b.WriteString(p.health(path.HealthState(fact.Untrusted(k.State).Display())) + "  " + k.Text.Display() + "\n")
	b.WriteString(p.row("asked", fmt.Sprintf("%s, %s before, %s", when.Add(-age).Format(clockLayout), text.Duration(age.Round(time.Second)), whyChecked[k.Trigger])))
	if name := s.Name(k.Index); name != "" {
		b.WriteString(p.row("by", name.Display()))
	}
	for i := range k.Findings {
		f := &k.Findings[i]
		label := "found"
		if f.Note {
			label = "note"
		}
		words := fact.Untrusted(text.Words(f.What)).Display()
		if f.Addr.IsValid() {
			words += " " + f.Addr.String()
		}
		if f.Detail != "" {
			words += ": " + f.Detail.Display()
		}
		b.WriteString(p.row(label, words))
	}
	for _, line := range k.Evidence {
		b.WriteString(p.row("evidence", line.Display()))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
