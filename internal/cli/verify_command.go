package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// verifiedDocument is one recording in "verify --json".
type verifiedDocument struct {
	Name string `json:"name"`
	*session.Verified
	// Error is why it can't be opened at all, or empty.
	Error string `json:"error,omitempty"`
}

func (a *App) verifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Say whether a recording is whole, and what is missing",
		Long: `Reads recordings from beginning to end and says of each whether it has its end,
where it is damaged, and of which time it does not tell; how large it is, who
wrote it, and whether its journal (FILE.open) is there. The exit code is 0 if
all are whole, or whole so far and being written, and 1 if not.`,
		Example: "  flapscope verify night.flap.gz\n  flapscope verify --json *.flap.gz | jq '.[] | select(.whole | not).name'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s needs a file; see %s --help", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			a.readOnly(args...)
			return verify(c, args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	return c
}

func verify(c *cobra.Command, names []string, asJSON bool) error {
	docs := []verifiedDocument{}
	whole := true
	for _, name := range names {
		v, err := session.Verify(name)
		d := verifiedDocument{Name: name, Verified: v}
		if err != nil {
			d.Error = oneLine(err)
		}
		whole = whole && err == nil && v.Whole
		docs = append(docs, d)
	}
	if asJSON {
		if err := writeJSON(out(c), docs); err != nil {
			return err
		}
	} else {
		for i := range docs {
			printVerified(out(c), &docs[i])
		}
	}
	if !whole {
		return errNegative
	}
	return nil
}

func printVerified(out io.Writer, d *verifiedDocument) {
	name, v := fact.Untrusted(d.Name).Display(), d.Verified
	if v == nil {
		fmt.Fprintf(out, "%s: not whole: %s\n", name, d.Error)
		return
	}
	const day = "2006-01-02 15:04:05"
	fmt.Fprintf(out, "%s: %s\n", name, wholeness(v))
	fmt.Fprintf(out, "  %s to %s, %s in %s, %s of lines\n", v.Start.Format(day), v.End.Format(day),
		text.Size(v.Size), text.Count(v.Members, "member"), text.Size(v.Lines))
	if h := v.Header; h.ID != "" {
		fmt.Fprintf(out, "  schema %d, by %s on %s%s\n", h.Schema, writer(&h), orUnknown(h.Host.Name, "host"), system(&h.Host))
	} else {
		fmt.Fprintln(out, "  the header is lost: who wrote it is not known")
	}
	for _, f := range v.Flaws {
		fmt.Fprintf(out, "  %s\n", f)
	}
	for _, m := range v.Missing {
		fmt.Fprintf(out, "  missing: %s to %s, %s: %s\n", m.From.Format(day), m.To.Format("15:04:05"),
			text.Duration(m.To.Sub(m.From).Round(time.Millisecond)), m.Why.Display())
	}
}

// writer names the program that wrote a recording, as far as the header does.
func writer(h *session.Header) string {
	return strings.TrimSpace(orUnknown(fact.Untrusted(h.Tool), "program") + " " + fact.Untrusted(h.Version).Display())
}

// orUnknown is a text, or that what it names is not known.
func orUnknown(s fact.Untrusted, what string) string {
	if s == "" {
		return "an unknown " + what
	}
	return s.Display()
}

// system says what a host runs, " (Debian GNU/Linux 12, Linux 6.1)", or nothing.
func system(h *session.Host) string {
	known := slices.DeleteFunc([]string{h.OS.Display(), h.Kernel.Display()}, func(s string) bool { return s == "" })
	if len(known) == 0 {
		return ""
	}
	return " (" + strings.Join(known, ", ") + ")"
}

// wholeness says in one line how a recording is.
func wholeness(v *session.Verified) string {
	switch {
	case v.Whole && v.Open:
		return "whole so far, and being written"
	case v.Whole:
		return "whole"
	case len(v.Flaws)+len(v.Missing) > 0:
		return "not whole: parts are missing"
	case v.Journal:
		return "not whole: it has no end; the program or the machine died, and its journal is there"
	}
	return "not whole: it has no end and no journal; if it was copied without FILE.open, up to a minute is missing"
}
