package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/term"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// stateDifference prints what changed in a recording between two instants.
func (a *App) stateDifference(c *cobra.Command, args []string, from, to string, asJSON bool) error {
	if len(args) == 0 || args[0] == "-" {
		return usagef("--diff needs a recording; see flapscope state --help")
	}
	a.readOnly(args[0])
	r, err := openRecording(args[0])
	if err != nil {
		return err
	}
	defer r.Close()
	a.warnMissing(args[0], r)
	begin, _ := r.Bounds()
	if from != "" {
		if begin, err = parseWithin(from, r); err != nil {
			return err
		}
	}
	end, err := parseWithin(to, r)
	if err != nil {
		return err
	}
	var states [2]*state.State
	for i, mono := range [2]time.Duration{begin, end} {
		if states[i], err = r.StateAt(mono); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if since, blind := r.BlindAt(mono); blind {
			fmt.Fprintf(a.stderr(), "flapscope: %s is damaged: what held is not known since %s; this is the state of then\n",
				fact.Untrusted(args[0]).Display(), r.Wall(since).Format("15:04:05.000"))
		}
		states[i].Time, states[i].Mono = r.Wall(mono), mono
	}
	d := state.Difference(states[0], states[1])
	if asJSON {
		return writeJSON(out(c), d)
	}
	fmt.Fprintln(out(c), spanText(states[0].Time, states[1].Time))
	return printDifference(out(c), d)
}

// printDifference prints changes for people.
func printDifference(out io.Writer, d *state.DifferenceDocument) error {
	w := term.NewTable(out)
	n := 0
	for i := range d.Changes {
		k := &d.Changes[i]
		if k.Kind == fact.KindRoute && strings.HasSuffix(string(k.Words), " table 255") {
			continue
		}
		n++
		var fields []string
		for _, f := range k.Fields {
			fields = append(fields, fmt.Sprintf("%s %s → %s", f.Key, bare(f.Before), bare(f.After)))
		}
		w.Row(k.Change, string(k.Kind), k.Words, strings.Join(fields, ", "))
	}
	if n == 0 {
		w.Row("nothing changed")
	}
	return w.Flush()
}

// bare is a JSON value as people write it: a word without quotes, a list without
// brackets, and a dash for nothing.
func bare(b []byte) string {
	words := strings.NewReplacer(`"`, "", "[", "", "]", "", ",", " ").Replace(string(b))
	return orDash(words != "", words)
}
